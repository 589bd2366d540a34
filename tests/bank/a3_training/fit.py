"""Mutants of `fit`."""

from __future__ import annotations

from tests.bank import Edits, Entry

T_STEP = "            optimizer.zero_grad()\n            loss.backward()\n            optimizer.step()\n"
T_CLEAR = "            optimizer.zero_grad()\n"
T_LOSS = "loss = F.cross_entropy(model(images[batch]), labels[batch])"
T_ORDER = "torch.randperm(len(images)).split(batch_size)"
T_KEEP = "            best_accuracy, best_state = val_accuracy, copy.deepcopy(model.state_dict())\n"
T_IF = "if val_accuracy > best_accuracy:"
T_LOAD = "    model.load_state_dict(best_state)\n"
T_SUM, T_MEAN = "total += loss.item() * len(batch)", "total / len(images)"
T_RUNNING = (
    "seen += loss.item() * len(batch)\n            count += len(batch)\n            total += seen / count * len(batch)"
)
T_LR = '        history["lr"].append(optimizer.param_groups[0]["lr"])\n'
T_SCHEDULE = "schedule.step(val_loss)"
T_VALID = "val_loss, val_accuracy = evaluate(model, *validation, batch_size)"
T_RIGHT = "(logits.argmax(dim=1) == y).sum().item()"
K_LOSS = "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
K_CALLBACKS, K_SET = "callbacks=[*make_callbacks(), keep]", "    model.set_weights(keep.weights)\n"
K_KEEP = 'if logs["val_accuracy"] > self.accuracy:'
K_FIT = "    history = model.fit(\n        images,\n        labels,\n"
K_STEPS = 'model.compile(optimizer=make_optimizer(model), loss=loss, metrics=["accuracy"])'


def _before(text: str, line: str) -> str:
    return f"{line}\n{text}"


def _t(*pairs: tuple[str, str]) -> Edits:
    return pairs


MODES = (
    Entry("fit_eval_forgotten", "fit", "model.eval()", _t(("    model.eval()\n", "")), mistake="validation_in_training_mode"),
    Entry("fit_train_only_once", "fit", "evaluation mode", _t(("        model.train()\n", ""), ("    for _ in range(epochs):", "    model.train()\n    for _ in range(epochs):")),
          mistake="evaluation_mode_in_training"),
    Entry("fit_never_trains_in_training_mode", "fit", "training mode", _t(("        model.train()\n", "        model.eval()\n")), mistake="evaluation_mode_in_training"),
    Entry("fit_on_validation_too", "fit", "validation images", _t(("    images, labels = train\n", "    images, labels = torch.cat([train[0], validation[0]]), torch.cat([train[1], validation[1]])\n")),
          _t(("    images, labels = train\n", "    images, labels = np.concatenate([train[0], validation[0]]), np.concatenate([train[1], validation[1]])\n")), "trained_on_validation"),
    Entry("fit_steps_in_validation", "fit", "no gradient step belongs into validation",
          _t(("    model.eval()\n", "    model.train()\n    optimizer = torch.optim.SGD(model.parameters(), 0.01)\n"), ("    with torch.no_grad():\n", "    if True:\n"),
             ("            loss += F", "            optimizer.zero_grad()\n            F.cross_entropy(logits, y).backward()\n            optimizer.step()\n            loss += F")),
          mistake="trained_on_validation"),
    Entry("fit_augments", "fit", "no augmentation", _t((T_LOSS, "loss = F.cross_entropy(model(images[batch].flip(-1)), labels[batch])")),
          _t((K_FIT, K_FIT.replace("        images,\n", "        images[:, :, ::-1],\n"))), "images_changed"),
    Entry("fit_scales_validation", "fit", "the images are prepared already", _t(("logits = model(x)", "logits = model(x / 255)")),
          _t(("validation_data=validation", "validation_data=(validation[0] / 255, validation[1])")), "images_changed"),
    Entry("fit_another_model", "fit", "never called", _t(("    images, labels = train\n", "    images, labels = train\n    model = nn.Sequential(nn.Flatten(), nn.Linear(48, 4))\n")), mistake="never_called"),
    Entry("fit_validates_at_the_end_only", "fit", "after each epoch", _t((T_VALID, "val_loss, val_accuracy = (0.0, 0.0) if _ < epochs - 1 else evaluate(model, *validation, batch_size)")),
          mistake="not_validated"),
    Entry("fit_validates_on_one_batch", "fit", "are left out", _t((T_VALID, "val_loss, val_accuracy = evaluate(model, validation[0][:16], validation[1][:16], batch_size)")),
          _t(("validation_data=validation", "validation_data=(validation[0][:16], validation[1][:16])")), "validation_incomplete"),
    Entry("fit_validates_on_training_data", "fit", "images of the training set", _t((T_VALID, "val_loss, val_accuracy = evaluate(model, *train, batch_size)")), _t(("validation_data=validation", "validation_data=train"))),
)  # fmt: skip
BATCHES = (
    Entry("fit_never_shuffled", "fit", "order in which they are given", _t(("torch.randperm(len(images))", "torch.arange(len(images))")), _t(("shuffle=True", "shuffle=False")), "not_shuffled"),
    Entry("fit_shuffled_once", "fit", "same order in every epoch", _t((T_ORDER, "order.split(batch_size)"), ("    for _ in range(epochs):", "    order = torch.randperm(len(images))\n    for _ in range(epochs):")),
          _t(("    images, labels = train\n", "    order = np.random.permutation(len(train[0]))\n    images, labels = train[0][order], train[1][order]\n"), ("shuffle=True", "shuffle=False")), "shuffled_once"),
    Entry("fit_seed_in_each_epoch", "fit", "same order in every epoch", _t(("        model.train()\n", "        model.train()\n        torch.manual_seed(0)\n")), mistake="shuffled_once"),
    Entry("fit_shuffles_batches", "fit", "images, not batches", _t((T_ORDER, "sorted(torch.arange(len(images)).split(batch_size), key=lambda batch: torch.rand(()).item())")), mistake="batches_repeated"),
    Entry("fit_drops_the_last_batch", "fit", "last batch is shorter", _t((T_ORDER, f"{T_ORDER}[: len(images) // batch_size]")), mistake="last_batch_dropped"),
    Entry("fit_draws_with_replacement", "fit", "permutation", _t((T_ORDER, "torch.randint(len(images), (len(images),)).split(batch_size)")), mistake="drawn_with_replacement"),
    Entry("fit_ignores_batch_size", "fit", "batch_size", _t((T_ORDER, "torch.randperm(len(images)).split(8)")), _t(("        batch_size=batch_size,\n", "")), "batch_size_ignored"),
    Entry("fit_sees_everything_twice", "fit", "2 times", _t(("for batch in torch", "for batch in 2 * torch")), mistake="seen_several_times"),
    Entry("fit_one_epoch_too_few", "fit", "ends after epoch 13", _t(("range(epochs)", "range(epochs - 1)")), _t(("epochs=epochs", "epochs=epochs - 1")), "stops_early"),
    Entry("fit_one_epoch_too_many", "fit", "there are 15", _t(("range(epochs)", "range(epochs + 1)")), _t(("epochs=epochs", "epochs=epochs + 1")), "too_many_epochs"),
    Entry("fit_stops_at_full_accuracy", "fit", "ends after epoch 1", _t((T_SCHEDULE, f"{T_SCHEDULE}\n        if val_accuracy == 1:\n            break")),
          _t((K_KEEP, f'self.model.stop_training = logs["val_accuracy"] == 1\n        {K_KEEP}')), "stops_early"),
    Entry("fit_stops_early", "fit", "ends after epoch", _t((T_SCHEDULE, f"{T_SCHEDULE}\n        if _ > 4:\n            break")),
          _t((K_CALLBACKS, "callbacks=[*make_callbacks(), keep, keras.callbacks.EarlyStopping(patience=2)]")), "stops_early"),
    Entry("fit_splits_off_validation", "fit", "images of the training set", keras=_t(("validation_data=validation", "validation_split=0.3"))),
)  # fmt: skip
STEPS = (
    Entry("fit_no_zero_grad", "fit", "add up from step to step", _t((T_CLEAR, "")), mistake="no_zero_grad"),
    Entry("fit_zero_grad_after_backward", "fit", "never move", _t((T_STEP, "            loss.backward()\n            optimizer.zero_grad()\n            optimizer.step()\n")), mistake="nothing_moves"),
    Entry("fit_step_before_backward", "fit", "loss.backward()", _t((T_STEP, "            optimizer.step()\n            optimizer.zero_grad()\n            loss.backward()\n"))),
    Entry("fit_no_step", "fit", "never move", _t(("            optimizer.step()\n", "")), mistake="nothing_moves"),
    Entry("fit_running_means", "fit", "means of running means", _t(("total = 0.0", "total = seen = count = 0.0"), (T_SUM, T_RUNNING)), mistake="running_means"),
    Entry("fit_running_means_over_epochs", "fit", "means of running means", _t(("    for _ in range(epochs):\n", "    seen = count = 0.0\n    for _ in range(epochs):\n"), (T_SUM, T_RUNNING)), mistake="running_means"),
    Entry("fit_sum_of_losses", "fit", "the sum over", _t((T_LOSS, T_LOSS.replace("labels[batch])", 'labels[batch], reduction="sum")')), (T_SUM, "total += loss.item()")), mistake="summed_loss"),
    Entry("fit_smoothing", "fit", "label smoothing", _t((T_LOSS, T_LOSS.replace("labels[batch])", "labels[batch], label_smoothing=0.1)"))), mistake="label_smoothing"),
    Entry("fit_softmax_first", "fit", "softmax", _t((T_LOSS, T_LOSS.replace("model(images[batch])", "model(images[batch]).softmax(1)"))),
          _t((K_LOSS, "lambda y, z: keras.losses.sparse_categorical_crossentropy(y, keras.ops.exp(z) / keras.ops.sum(keras.ops.exp(z), -1, True), from_logits=True)")), "softmax_twice"),
    Entry("fit_logits_as_probabilities", "fit", "from_logits=True", keras=_t((K_LOSS, '"sparse_categorical_crossentropy"')), mistake="logits_as_probabilities"),
    Entry("fit_clips", "fit", "clipped", _t(("            optimizer.step()\n", "            nn.utils.clip_grad_norm_(model.parameters(), 5.0)\n            optimizer.step()\n"))),
    Entry("fit_own_adam", "fit", "depart in step 1", _t(("optimizer = make_optimizer(model)", "optimizer = torch.optim.Adam(model.parameters(), 0.1)")), _t(("optimizer=make_optimizer(model)", "optimizer=keras.optimizers.Adam(0.1)"))),
    Entry("fit_own_rate", "fit", "learning rate of 0.01", _t(("optimizer = make_optimizer(model)", "optimizer = torch.optim.SGD(model.parameters(), 0.01, 0.9)")),
          _t(("optimizer=make_optimizer(model)", "optimizer=keras.optimizers.SGD(0.01, 0.9)")), "wrong_rate"),
    Entry("fit_own_nesterov", "fit", "Nesterov", _t(("optimizer = make_optimizer(model)", "optimizer = torch.optim.SGD(model.parameters(), 0.1, 0.9, nesterov=True)")),
          _t(("optimizer=make_optimizer(model)", "optimizer=keras.optimizers.SGD(0.1, 0.9, nesterov=True)")), "nesterov_momentum"),
    Entry("fit_own_without_momentum", "fit", "no momentum", _t(("optimizer = make_optimizer(model)", "optimizer = torch.optim.SGD(model.parameters(), 0.1)")),
          _t(("optimizer=make_optimizer(model)", "optimizer=keras.optimizers.SGD(0.1)")), "no_momentum"),
    Entry("fit_new_optimizer_in_each_epoch", "fit", "depart in step 4", _t(("        model.train()\n", "        model.train()\n        optimizer = make_optimizer(model)\n        schedule = make_schedule(optimizer)\n"))),
    Entry("fit_initialises", "fit", "before the first step", _t(("    optimizer = make_optimizer(model)\n", "    for p in model.parameters():\n        nn.init.normal_(p, std=0.1)\n    optimizer = make_optimizer(model)\n")),
          _t((K_STEPS, f"model.set_weights([w * 0.5 for w in model.get_weights()])\n    {K_STEPS}")), "weights_changed_before"),
    Entry("fit_weight_penalty", "fit", "its logits give", _t((T_LOSS, f"{T_LOSS} + 0.05 * sum((p**2).sum() for p in model.parameters())"))),
)  # fmt: skip
CURVES = (
    Entry("fit_mean_of_batch_means", "fit", "mean over the batches", _t((T_SUM, "total += loss.item()"), (T_MEAN, "total / -(-len(images) // batch_size)")), mistake="mean_of_batch_means"),
    Entry("fit_last_loss", "fit", "last batch's mean", _t((T_MEAN, "loss.item()")), mistake="last_batch"),
    Entry("fit_loss_summed", "fit", "the sum of the batches' means", _t((T_SUM, "total += loss.item()"), (T_MEAN, "total")), mistake="sum_of_batch_means"),
    Entry("fit_loss_over_batches", "fit", "divided by the number of batches", _t((T_MEAN, "total / len(labels.split(batch_size))")), mistake="divided_by_batches"),
    Entry("fit_loss_after_the_epoch", "fit", "`loss` holds", _t((T_MEAN, "evaluate(model, images, labels, batch_size)[0]"))),
    Entry("fit_val_loss_of_batch_means", "fit", "mean over the batches", _t(('reduction="sum")', 'reduction="mean")'), ("return loss / len(labels)", "return loss / len(labels.split(batch_size))")), mistake="mean_of_batch_means"),
    Entry("fit_val_loss_summed", "fit", "sum over all images", _t(("return loss / len(labels)", "return loss")), mistake="summed_over_examples"),
    Entry("fit_percent", "fit", "percent", _t(("right / len(labels)", "100 * right / len(labels)")), _t(('"val_accuracy": history["val_accuracy"]', '"val_accuracy": [100 * a for a in history["val_accuracy"]]')), "percent"),
    Entry("fit_counts", "fit", "number of right answers", _t(("right / len(labels)", "right")), mistake="counts"),
    Entry("fit_error_rate", "fit", "count the right ones", _t(('history["val_accuracy"].append(val_accuracy)', 'history["val_accuracy"].append(1 - val_accuracy)')), mistake="error_rate"),
    Entry("fit_argmax_over_images", "fit", "over the last axis", _t((T_RIGHT, "(logits.argmax(dim=0)[0] == y).sum().item()"))),
    Entry("fit_training_accuracy_as_validation", "fit", "its logits give", keras=_t(('"val_accuracy": history["val_accuracy"]', '"val_accuracy": history["accuracy"]'))),
    Entry("fit_no_lr", "fit", "no `lr`", _t((T_LR, ""), (', "lr": []', "")), _t(('        "lr": keep.rates,\n', "")), "key_missing"),
    Entry("fit_history_object", "fit", "a dict with the lists", keras=_t((").history\n", ")\n    return history\n")), mistake="no_history"),
    Entry("fit_returns_the_model", "fit", "a dict with the lists", _t(("return history", "return model")), mistake="no_history"),
    Entry("fit_returns_nothing", "fit", "`NoneType`", _t(("return history", "return")), mistake="no_history"),
    Entry("fit_last_numbers_alone", "fit", "no list of numbers", _t(("return history", "return {key: values[-1] for key, values in history.items()}")), mistake="no_numbers"),
    Entry("fit_loss_never_reset", "fit", "the mean over all epochs so far", _t(("        total = 0.0\n", "        total = total if history['loss'] else 0.0\n"), (T_MEAN, "total / len(images) / (1 + len(history['loss']))")),
          _t(('"loss": history["loss"]', '"loss": np.cumsum(history["loss"]) / np.arange(1, epochs + 1)')), "never_reset"),
    Entry("fit_short_batch_as_if_full", "fit", "shorter steps for the short last batch", _t((T_LOSS, 'loss = F.cross_entropy(model(images[batch]), labels[batch], reduction="sum") / batch_size'), (T_SUM, "total += loss.item() * batch_size")), mistake="short_batch_as_if_full"),
    Entry("fit_accuracy_never_reset", "fit", "the share over all epochs so far", _t((T_VALID, f"{T_VALID}\n        seen = seen + [val_accuracy] if history['loss'] else [val_accuracy]"), ('["val_accuracy"].append(val_accuracy)', '["val_accuracy"].append(sum(seen) / len(seen))')),
          _t(('"val_accuracy": history["val_accuracy"]', '"val_accuracy": np.cumsum(history["val_accuracy"]) / np.arange(1, epochs + 1)')), "never_reset"),
    Entry("fit_loss_per_batch", "fit", "42 numbers", _t((T_SUM, f'{T_SUM}\n            history["loss"].append(loss.item())'), ('        history["loss"].append(total / len(images))\n', "")), mistake="wrong_length"),
)  # fmt: skip
KEPT = (
    Entry("fit_last_weights", "fit", "the last epoch", _t((T_LOAD, "")), _t((K_SET, "")), "last_weights"),
    Entry("fit_reference_kept", "fit", "holds references", _t(("copy.deepcopy(model.state_dict())", "model.state_dict()")), mistake="last_weights"),
    Entry("fit_shallow_copy", "fit", "holds references", _t(("copy.deepcopy(model.state_dict())", "dict(model.state_dict())")), mistake="last_weights"),
    Entry("fit_statistics_forgotten", "fit", "running statistics of BatchNorm", _t(("copy.deepcopy(model.state_dict())", "[p.detach().clone() for p in model.parameters()]"),
          (T_LOAD, "    with torch.no_grad():\n        for p, kept in zip(model.parameters(), best_state):\n            p.copy_(kept)\n")),
          _t(("self.model.get_weights()", "[w.numpy() for w in self.model.trainable_variables]"), (K_SET, "    for w, kept in zip(model.trainable_variables, keep.weights):\n        w.assign(kept)\n")),
          "statistics_forgotten"),
    Entry("fit_lowest_loss_kept", "fit", "lowest `val_loss`", _t((T_IF, "if -val_loss > best_accuracy:"), ("best_accuracy, best_state = -1.0", 'best_accuracy, best_state = -float("inf")'), (T_KEEP, T_KEEP.replace("= val_accuracy", "= -val_loss"))),
          _t((K_KEEP, 'if -logs["val_loss"] > self.accuracy:'), ("self.rates = -1.0", "self.rates = -1e9"), ('logs["val_accuracy"], self.model', '-logs["val_loss"], self.model')), "lowest_loss_kept"),
    Entry("fit_worst_kept", "fit", "worst `val_accuracy`", _t((T_IF, "if -val_accuracy > best_accuracy:"), (T_KEEP, T_KEEP.replace("= val_accuracy", "= -val_accuracy"))),
          _t((K_KEEP, 'if -logs["val_accuracy"] > self.accuracy:'), ('logs["val_accuracy"], self.model', '-logs["val_accuracy"], self.model')), "worst_kept"),
    Entry("fit_best_never_updated", "fit", "those of the last epoch", _t((T_KEEP, T_KEEP.replace("best_accuracy, best_state = val_accuracy,", "best_state ="))), _t(("self.accuracy, self.weights = logs", "_, self.weights = logs"))),
    Entry("fit_small_gains_not_kept", "fit", "those of epoch 8; the best one is epoch 9", _t((T_IF, "if val_accuracy > best_accuracy + 0.01:")), _t((K_KEEP, 'if logs["val_accuracy"] > self.accuracy + 0.01:'))),
    Entry("fit_untrained_takes_part", "fit", "the weights from before the training", _t(("best_accuracy, best_state = -1.0, None", "best_accuracy, best_state = evaluate(model, *validation, batch_size)[1], copy.deepcopy(model.state_dict())")),
          _t(("    images, labels = train\n", "    images, labels = train\n    keep.accuracy, keep.weights = model.evaluate(*validation, verbose=0)[1], model.get_weights()\n")), "untrained_kept"),
    Entry("fit_first_epoch_kept", "fit", "those of epoch 1", _t((T_IF, "if best_state is None:")), _t((K_KEEP, "if self.weights is None:"))),
)  # fmt: skip
RATES = (
    Entry("fit_no_schedule", "fit", "the schedule is not at work", _t((f"        {T_SCHEDULE}\n", "")), _t((K_CALLBACKS, "callbacks=[keep]"), ('keep.rates', "[0.1] * epochs")), "schedule_unused"),
    Entry("fit_schedule_gets_accuracy", "fit", "gets the accuracy", _t((T_SCHEDULE, "schedule.step(val_accuracy)")), mistake="schedule_gets_accuracy"),
    Entry("fit_schedule_gets_training_loss", "fit", "not at work", _t((T_SCHEDULE, "schedule.step(total / len(images))"))),
    Entry("fit_schedule_gets_a_constant", "fit", "as if no epoch were better than the first", _t((T_SCHEDULE, "schedule.step(1.0)")), mistake="schedule_gets_no_error"),
    Entry("fit_schedule_gets_the_best_accuracy", "fit", "as if no epoch were better than the first", _t((T_SCHEDULE, "schedule.step(best_accuracy)")), mistake="schedule_gets_no_error"),
    Entry("fit_rates_never_noted", "fit", "0 numbers under `lr`", _t((T_LR, "")), _t(("        self.rates.append(float(self.model.optimizer.learning_rate))\n", ""))),
    Entry("fit_wrong_schedule_unused", "fit", "the schedule is not at work", _t(("# QUESTION fit\n", "# QUESTION fit\ndef make_schedule(optimizer, patience=5):\n    return torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)\n\n\n"), (f"        {T_SCHEDULE}\n", "")), mistake="schedule_unused"),
    Entry("fit_schedule_in_each_batch", "fit", "as with other rates", _t((T_SUM, f"{T_SUM}\n            schedule.step(1.0)"), (f"        {T_SCHEDULE}\n", ""))),
    Entry("fit_schedule_of_another_optimizer", "fit", "not at work", _t(("make_schedule(optimizer)", "make_schedule(make_optimizer(model))"))),
    Entry("fit_constant_lr_told", "fit", "in every epoch", _t((T_LR, '        history["lr"].append(0.1)\n')), _t(('keep.rates', "[0.1] * epochs")), "constant_lr"),
    Entry("fit_short_patience", "fit", "other rates", _t(("make_schedule(optimizer)", "make_schedule(optimizer, 1)")), _t(("*make_callbacks()", "*make_callbacks(1)"))),
    Entry("fit_goes_back_to_the_best", "fit", "go back to those of epoch", _t((T_IF, "if val_accuracy < best_accuracy:\n            model.load_state_dict(best_state)\n        " + T_IF)),
          _t((K_KEEP, 'if logs["val_accuracy"] < self.accuracy:\n            self.model.set_weights(self.weights)\n        ' + K_KEEP)), "goes_back_to_the_best"),
    Entry("fit_labels_shuffled_apart", "fit", "images and labels stay together", _t((T_LOSS, "loss = F.cross_entropy(model(images[batch]), labels[torch.randperm(len(labels))][: len(batch)])")),
          _t(("images, labels = train\n", "images, labels = train[0], np.random.permutation(train[1])\n"))),
)  # fmt: skip
MUTANTS = (*MODES, *BATCHES, *STEPS, *CURVES, *KEPT, *RATES)

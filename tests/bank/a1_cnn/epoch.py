"""Mutants of `train_epoch`."""

from __future__ import annotations

from tests.bank import Entry

Q = "train_epoch"
T_LOSS = "F.cross_entropy(model(images), labels)"
T_CLEAR, T_BACK, T_STEP = "        optimizer.zero_grad()\n", "        loss.backward()\n", "        optimizer.step()\n"
K_LOSS = "cross_entropy(labels, model(images, training=True))"
K_MAKE = "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
K_STEP = "        optimizer.apply(gradients, model.trainable_weights)\n"
K_GRADIENTS = "        gradients = tape.gradient(loss, model.trainable_weights)\n"
T_FOR = K_FOR = "    for images, labels in batches:\n"
T_TOTAL, K_TOTAL = "total += loss.item() * len(labels)", "total += float(loss) * len(labels)"
END = "    return total / count\n"
KEPT = (
    "def train_epoch", "KEPT = {}\n\n\ndef train_epoch",
    "    model, optimizer = KEPT.setdefault('first', (model, optimizer))\n",
)  # fmt: skip


def _loss(torch: str, keras: str) -> dict[str, tuple[tuple[str, str], ...]]:
    return {"torch": ((T_LOSS, torch),), "keras": ((K_LOSS, keras),)}


def _total(torch: str, keras: str, end: str = "") -> dict[str, tuple[tuple[str, str], ...]]:
    """Another sum of losses, and another quotient."""
    ends = ((END, f"    return {end}\n"),) if end else ()
    return {"torch": ((T_TOTAL, torch), *ends), "keras": ((K_TOTAL, keras), *ends)}


STEPS = (
    Entry("epoch_without_train", Q, "ran in evaluation mode", (("    model.train()\n", ""),), ((", training=True", ""),), "epoch_in_evaluation_mode"),
    Entry("epoch_with_eval", Q, "ran in evaluation mode", (("model.train()", "model.eval()"),), (("training=True", "training=False"),), "epoch_in_evaluation_mode"),
    Entry("epoch_never_cleared", Q, "add up", ((T_CLEAR, ""),), mistake="gradients_add_up"),
    Entry("epoch_cleared_once", Q, "add up", ((T_CLEAR, ""), (T_FOR, f"    optimizer.zero_grad()\n{T_FOR}")), mistake="gradients_add_up_in_an_epoch"),
    Entry("epoch_cleared_too_late", Q, "no parameter moved", ((T_CLEAR, ""), (T_BACK, T_BACK + T_CLEAR)), mistake="nothing_learned"),
    Entry("epoch_without_step", Q, "no parameter moved", ((T_STEP, ""),), ((K_STEP, ""),), "nothing_learned"),
    Entry("epoch_without_backward", Q, "no parameter moved", ((T_BACK, ""),), mistake="nothing_learned"),
    Entry("epoch_step_before_backward", Q, "no parameter moved", ((T_BACK + T_STEP, T_STEP + T_BACK),), mistake="nothing_learned"),
    Entry("epoch_softmax_first", Q, "softmax before", **_loss("F.cross_entropy(model(images).softmax(1), labels)", "cross_entropy(labels, 1.0 * keras.ops.softmax(model(images, training=True)))"), mistake="softmax_before_cross_entropy"),
    Entry("epoch_logits_as_probabilities", Q, "probabilities", keras=((K_MAKE, "keras.losses.SparseCategoricalCrossentropy()"),), mistake="logits_as_probabilities"),
    Entry("epoch_summed_loss", Q, "summed", **_loss('F.cross_entropy(model(images), labels, reduction="sum")', f"len(labels) * {K_LOSS}"), mistake="summed_loss"),
    Entry("epoch_smoothed", Q, "smoothed", **_loss("F.cross_entropy(model(images), labels, label_smoothing=0.1)", "keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)(keras.ops.one_hot(labels, 5), model(images, training=True))"), mistake="smoothed_labels"),
    Entry("epoch_clipped", Q, "norm is cut", ((T_STEP, f"        nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n{T_STEP}"),), ((K_STEP, f"        gradients, _ = tf.clip_by_global_norm(gradients, 1.0)\n{K_STEP}"),), "clipped_gradients"),
    Entry("epoch_clipped_seldom", Q, "norm is cut", ((T_STEP, f"        nn.utils.clip_grad_norm_(model.parameters(), 5.0)\n{T_STEP}"),), ((K_STEP, f"        gradients, _ = tf.clip_by_global_norm(gradients, 5.0)\n{K_STEP}"),), "clipped_gradients"),
    Entry("epoch_penalty", Q, "no penalty", **_loss(f"{T_LOSS} + 1e-3 * sum((p**2).sum() for p in model.parameters())", f"{K_LOSS} + 1e-3 * sum(tf.reduce_sum(w**2) for w in model.trainable_weights)")),
    Entry("epoch_mean_squares", Q, "mean cross-entropy", **_loss("F.mse_loss(model(images), F.one_hot(labels, 5).float())", "keras.ops.mean((model(images, training=True) - keras.ops.one_hot(labels, 5)) ** 2)")),
    Entry("epoch_two_steps", Q, "two steps for each batch", ((T_FOR, "    for images, labels in [batch for batch in batches for _ in range(2)]:\n"),), ((K_FOR, "    for images, labels in [batch for batch in batches for _ in range(2)]:\n"),), "two_steps_for_each_batch"),
    Entry("epoch_without_last_batch", Q, "last batch was left out", ((T_FOR, "    for images, labels in list(batches)[:-1]:\n"),), ((K_FOR, "    for images, labels in list(batches)[:-1]:\n"),), "last_batch_dropped"),
    Entry("epoch_ten_batches_at_most", Q, "the first batches alone", ((T_FOR, "    for images, labels in list(batches)[:10]:\n"),), ((K_FOR, "    for images, labels in list(batches)[:10]:\n"),), "later_batches_left_out"),
    Entry("epoch_loses_the_first_batch", Q, "all but the first", (("    model.train()\n", "    model.train()\n    next(iter(batches))\n"),), (("    total, count", "    next(iter(batches))\n    total, count"),), "first_batch_lost"),
    Entry("epoch_ignores_class_0", Q, "those of class 0 are left out", **_loss("F.cross_entropy(model(images), labels, ignore_index=0)", "keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)(labels, model(images, training=True))"), mistake="class_0_left_out"),
    Entry("epoch_returns_in_loop", Q, "first batch alone", ((END, f"    {END}"),), ((END, f"    {END}"),), "first_batch_alone_trained"),
    Entry("epoch_reversed", Q, "order", ((T_FOR, "    for images, labels in reversed(list(batches)):\n"),), ((K_FOR, "    for images, labels in reversed(list(batches)):\n"),), "batches_in_another_order"),
    Entry("epoch_step_behind_loop", Q, "one step for the whole epoch", ((T_STEP, ""), (END, f"    optimizer.step()\n{END}")), ((K_STEP, ""), (END, f"    optimizer.apply(gradients, model.trainable_weights)\n{END}")), "one_step_for_an_epoch"),
    Entry("epoch_all_gradients_at_once", Q, "gradients of all batches", ((T_CLEAR, ""), (T_FOR, f"    optimizer.zero_grad()\n{T_FOR}"), (T_STEP, ""), (END, f"    optimizer.step()\n{END}")), mistake="one_step_with_all_gradients"),
    Entry("epoch_own_optimizer", Q, "momentum of the first epoch", (("    model.train()\n", "    model.train()\n    g = optimizer.param_groups[0]\n    optimizer = torch.optim.SGD(model.parameters(), g['lr'], g['momentum'])\n"),),
          (("    total, count", "    optimizer = keras.optimizers.SGD.from_config(optimizer.get_config())\n    total, count"),), "fresh_optimizer"),
    Entry("epoch_always_adam", Q, "SGD", (("    model.train()\n", "    model.train()\n    optimizer = torch.optim.Adam(model.parameters())\n"),), (("    total, count", "    optimizer = keras.optimizers.Adam()\n    total, count"),)),
    Entry("epoch_asks_for_length", Q, "has no len()", ((END, "    return total / count * len(batches) / len(batches)\n"),), ((END, "    return total / count * len(batches) / len(batches)\n"),)),
    Entry("epoch_goes_through_twice", Q, "uses them up", (("    model.train()\n", "    model.train()\n    sizes = [len(labels) for _, labels in batches]\n"), (END, "    return total / sum(sizes)\n")), (("    total, count", "    sizes = [len(labels) for _, labels in batches]\n    total, count"), (END, "    return total / sum(sizes)\n")), mistake="batches_used_up"),
    Entry("epoch_second_pass_for_the_loss", Q, "running statistics", ((T_TOTAL, f"total += {T_LOSS}.item() * len(labels)"),), ((K_TOTAL, f"total += float({K_LOSS}) * len(labels)"),)),
    Entry("epoch_counts_in_a_second_pass", Q, "a second pass finds nothing", ((END, "    return total / sum(len(labels) for _, labels in batches)\n"),), ((END, "    return total / sum(len(labels) for _, labels in batches)\n"),)),
    Entry("epoch_of_the_first_model", Q, "goes on with the first model", ((KEPT[0], KEPT[1]), ("    model.train()\n", f"{KEPT[2]}    model.train()\n")), ((KEPT[0], KEPT[1]), ("    total, count", f"{KEPT[2]}    total, count")), "first_model_alone_trained"),
    Entry("epoch_of_the_first_model_of_a_name", Q, "goes on with the first model", keras=(("def train_epoch", "FIRST = {}\n\n\ndef train_epoch"), ("    total, count", "    model, optimizer = FIRST.setdefault(model.name, (model, optimizer))\n    total, count")), mistake="first_model_alone_trained"),
    Entry("epoch_under_no_grad", Q, "does not require grad", (("def train_epoch", "@torch.no_grad()\ndef train_epoch"),)),
)  # fmt: skip

LOSSES = (
    Entry("epoch_mean_of_means", Q, "short last batch", **_total("total, count = total + loss.item(), count + 1 - len(labels)", "total, count = total + float(loss), count + 1 - len(labels)"), mistake="mean_of_batch_means"),
    Entry("epoch_last_loss", Q, "last batch alone", **_total("total = loss.item()", "total = float(loss)", "total"), mistake="last_loss"),
    Entry("epoch_summed_means", Q, "sum of the batches' means", **_total("total += loss.item()", "total += float(loss)", "total"), mistake="summed_means"),
    Entry("epoch_means_over_examples", Q, "weight each batch's mean", **_total("total += loss.item()", "total += float(loss)"), mistake="means_divided_by_examples"),
    Entry("epoch_loss_after_step", Q, "the losses after the steps", **_total(f"model.eval()\n        total += {T_LOSS}.item() * len(labels)\n        model.train()", f"total += float({K_LOSS.replace('True', 'False')}) * len(labels)"), mistake="loss_after_step"),
    Entry("epoch_sum", Q, "sum over all examples", ((END, "    return total\n"),), ((END, "    return total\n"),), "summed_losses"),
    Entry("epoch_returns_nothing", Q, "NoneType", ((END, "    print(total / count)\n"),), ((END, "    print(total / count)\n"),), "no_loss"),
    Entry("epoch_returns_a_list", Q, "list", ((END, "    return [total, count]\n"),), ((END, "    return [total, count]\n"),), "no_loss"),
    Entry("epoch_loss_rounded", Q, "mean loss per example", ((END, "    return round(total / count, 1)\n"),), ((END, "    return round(total / count, 1)\n"),)),
    Entry("epoch_never_reset", Q, "the ones before", (("def train_epoch", "KEPT = [0.0, 0]\n\n\ndef train_epoch"), ("    total, count = 0.0, 0\n", "    total, count = KEPT\n"), (END, f"    KEPT[:] = total, count\n{END}")),
          (("def train_epoch", "KEPT = [0.0, 0]\n\n\ndef train_epoch"), ("    total, count = 0.0, 0\n", "    total, count = KEPT\n"), (END, f"    KEPT[:] = total, count\n{END}")), "never_reset_loss"),
    Entry("epoch_sum_over_batches", Q, "divided by the number of batches", (("count += len(labels)", "count += 1"),), (("count += len(labels)", "count += 1"),), "sum_divided_by_batches"),
    Entry("epoch_as_if_full", Q, "each batch were a full one", (("count += len(labels)", "size = size if count else len(labels)\n        count += size"),), (("count += len(labels)", "size = size if count else len(labels)\n        count += size"),), "divided_as_if_full"),
    Entry("epoch_running_means", Q, "running means", (("total, count = 0.0, 0", "total, count, seen = 0.0, 0, 0.0"), (T_TOTAL, "seen += loss.item() * len(labels)\n        total += seen / (count + len(labels)) * len(labels)")),
          (("total, count = 0.0, 0", "total, count, seen = 0.0, 0, 0.0"), (K_TOTAL, "seen += float(loss) * len(labels)\n        total += seen / (count + len(labels)) * len(labels)")), "running_means"),
    Entry("epoch_first_loss", Q, "first batch alone", (("total += loss.item() * len(labels)", "total = total or loss.item()"), (END, "    return total\n")), (("total += float(loss) * len(labels)", "total = total or float(loss)"), (END, "    return total\n")), "first_loss"),
)  # fmt: skip
MUTANTS = (*STEPS, *LOSSES)

"""Honest variants of the training assignment: what the contract leaves free."""

from __future__ import annotations

from tests.bank import Entry
from tests.bank.a3_training import degradation as d
from tests.bank.a3_training import fit as f
from tests.bank.a3_training.recipe import K_DRAW, T_DRAW
from tests.bank.a3_training.schedule import K_PLATEAU, T_PLATEAU, own

T_SGD = "torch.optim.SGD(trainable, lr=0.1, momentum=0.9, weight_decay=1e-5)"
K_SGD = "keras.optimizers.SGD(learning_rate=0.1, momentum=0.9, weight_decay=1e-5)"
OWN_SGD = """class Own:
        def __init__(self):
            self.param_groups = [{"params": trainable, "lr": 0.1}]
            self.speeds = [torch.zeros_like(p) for p in trainable]

        def zero_grad(self):
            for p in trainable:
                p.grad = None

        @torch.no_grad()
        def step(self):
            for p, v in zip(trainable, self.speeds):
                if p.grad is not None:
                    v.mul_(0.9).add_(p.grad)
                    p.sub_(self.param_groups[0]["lr"] * (v + 1e-5 * p))

    return Own()"""
TAPE = """    import tensorflow as tf
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = make_optimizer(model)
    model.compile(optimizer)
    callbacks = keras.callbacks.CallbackList(make_callbacks(), model=model)
    callbacks.on_train_begin()
    rows, best = [], None
    for epoch in range(epochs):
        total = 0.0
        data = tf.data.Dataset.from_tensor_slices(train).shuffle(len(train[0])).batch(batch_size)
        for x, y in data:
            with tf.GradientTape() as tape:
                loss = loss_of(y, model(x, training=True))
            optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
            total += float(loss) * len(x)
        logits = model.predict(validation[0], verbose=0)
        val_loss, accuracy = float(loss_of(validation[1], logits)), np.mean(np.argmax(logits, -1) == validation[1])
        callbacks.on_epoch_end(epoch, {"loss": total / len(train[0]), "val_loss": val_loss, "val_accuracy": accuracy})
        rows.append((total / len(train[0]), val_loss, accuracy, float(optimizer.learning_rate)))
        if best is None or accuracy >= best[0]:
            best = accuracy, [np.array(w) for w in model.weights]
    model.set_weights(best[1])
    return dict(zip(("loss", "val_loss", "val_accuracy", "lr"), np.array(rows).T.tolist()))

    """
CHECKPOINT = 'keras.callbacks.ModelCheckpoint("best.keras", monitor="val_accuracy", mode="max", save_best_only=True)'
LOADER = "torch.utils.data.DataLoader(range(len(images)), batch_size=batch_size, shuffle=True)"
RECIPE = (
    Entry("init_fan_in", "init_weights", torch=((T_DRAW, "nn.init.kaiming_normal_(module.weight)"),), keras=((K_DRAW, 'keras.initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal", seed=seed)'),)),
    Entry("init_new_parameters", "init_weights", torch=((T_DRAW, "module.weight = nn.Parameter((2 / module.weight[0].numel()) ** 0.5 * torch.randn(module.weight.shape))"),)),
    Entry("init_truncated_corrected", "init_weights", torch=((T_DRAW, "s = (2 / module.weight[0].numel()) ** 0.5 / 0.87962566\n            nn.init.trunc_normal_(module.weight, std=s, a=-2 * s, b=2 * s)"),),
          keras=((K_DRAW, 'keras.initializers.VarianceScaling(2.0, "fan_in", "truncated_normal", seed=seed)'),)),
    Entry("init_seed_inside", "init_weights", torch=(("    for module in model.modules():", "    torch.manual_seed(0)\n    for module in model.modules():"),)),
    Entry("init_by_apply", "init_weights", torch=(("    for module in model.modules():\n", "    def one(module):\n"), ("    ### END SOLUTION", "    return model.apply(one)\n    ### END SOLUTION"))),
    Entry("init_numpy", "init_weights", torch=((T_DRAW, "import numpy as np\n            module.weight.data = torch.from_numpy(np.random.normal(0, (2 / module.weight[0].numel()) ** 0.5, module.weight.shape).astype('float32'))"),),
          keras=((K_DRAW, "lambda shape, dtype=None: np.random.default_rng(seed).normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape)"),)),
    Entry("init_dense_too", "init_weights", torch=(("        elif isinstance(module, nn.BatchNorm2d):", "        elif isinstance(module, nn.Linear):\n            nn.init.normal_(module.weight, 0, 0.01)\n        elif isinstance(module, nn.BatchNorm2d):\n            module.reset_running_stats()"),)),
    Entry("init_seed_generator", "init_weights", keras=((K_DRAW, "keras.initializers.HeNormal(seed=keras.random.SeedGenerator(seed))"),)),
    Entry("optimizer_built_at_once", "make_optimizer",
          keras=(("return keras.optimizers.SGD(learning_rate=0.1, momentum=0.9, weight_decay=1e-5)", "optimizer = keras.optimizers.SGD(learning_rate=0.1, momentum=0.9, weight_decay=1e-5)\n    optimizer.build(model.trainable_variables)\n    return optimizer"),), touches=("fit",)),
    Entry("optimizer_all_parameters", "make_optimizer", torch=((T_SGD, T_SGD.replace("trainable", "model.parameters()")),), touches=("fit",)),
    Entry("optimizer_decay_groups", "make_optimizer",
          torch=((T_SGD, "torch.optim.SGD([{'params': [p for p in trainable if p.ndim > 1], 'weight_decay': 1e-5}, {'params': [p for p in trainable if p.ndim == 1]}], 0.1, 0.9)"),),
          keras=((f"return {K_SGD}", f'optimizer = {K_SGD}\n    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])\n    return optimizer'),), touches=("fit",)),
    Entry("optimizer_spares_vectors_that_are_there", "make_optimizer",
          keras=((f"return {K_SGD}", f"optimizer = {K_SGD}\n    optimizer.exclude_from_weight_decay(var_list=[weight for weight in model.trainable_weights if len(weight.shape) == 1])\n    return optimizer"),)),
    Entry("optimizer_own_decoupled", "make_optimizer", torch=((f"return {T_SGD}", OWN_SGD),)),
    Entry("optimizer_foreach", "make_optimizer", torch=((T_SGD, T_SGD.replace("1e-5)", "1e-5, foreach=False)")),),
          keras=((K_SGD, 'keras.optimizers.get({"class_name": "SGD", "config": {"learning_rate": 0.1, "momentum": 0.9, "weight_decay": 1e-5}})'),), touches=("fit",)),
    Entry("optimizer_adamw_like_class", "make_optimizer",
          keras=((f"return {K_SGD}", "class Own(keras.optimizers.SGD):\n        pass\n\n    return Own(0.1, momentum=0.9, weight_decay=1e-5)"),), touches=("fit",)),
    Entry("schedule_own", "make_schedule", torch=own()[0], keras=own()[1], touches=("fit",)),
    Entry("schedule_own_late", "make_schedule", torch=own((">= patience", "> patience"))[0], keras=own((">= patience", "> patience"))[1], touches=("fit",)),
    Entry("schedule_floor", "make_schedule", torch=((T_PLATEAU, T_PLATEAU.replace("patience=patience", "patience=patience - 1, min_lr=1e-5, threshold=0.0")),),
          keras=((K_PLATEAU, K_PLATEAU.replace("min_delta=0.0", "min_lr=1e-5")),), touches=("fit",)),
    Entry("schedule_small_threshold", "make_schedule", torch=((T_PLATEAU, T_PLATEAU.replace("patience=patience", "patience=patience, threshold=1e-3")),),
          keras=((K_PLATEAU, K_PLATEAU.replace("min_delta=0.0", "min_delta=1e-3")),)),
    Entry("schedule_more_callbacks", "make_schedule", keras=((f"[{K_PLATEAU}]", f'({K_PLATEAU}, keras.callbacks.TerminateOnNaN(), keras.callbacks.CSVLogger("log.csv"))'),), touches=()),
)  # fmt: skip
FIT = (
    Entry("fit_loader", "fit", torch=((f.T_ORDER, LOADER),)),
    Entry("fit_numpy_order", "fit", torch=((f.T_ORDER, "torch.from_numpy(__import__('numpy').random.permutation(len(images))).split(batch_size)"),)),
    Entry("fit_last_best_of_ties", "fit", torch=(("val_accuracy > best", "val_accuracy >= best"),), keras=((f.K_KEEP, f.K_KEEP.replace(">", ">=")),)),
    Entry("fit_error_rate_to_schedule", "fit", torch=((f.T_SCHEDULE, "schedule.step(1 - val_accuracy)"),)),
    Entry("fit_rate_after_the_step", "fit", torch=((f.T_LR, ""), (f.T_SCHEDULE, f.T_SCHEDULE + "\n" + f.T_LR.rstrip())),
          keras=((f.K_CALLBACKS, "callbacks=[keep, *make_callbacks()]"),)),
    Entry("fit_tensors_in_history", "fit", torch=(("return loss / len(labels), right / len(labels)", "return torch.tensor(loss / len(labels)), torch.tensor(right / len(labels))"),),
          keras=(('"loss": history["loss"]', '"loss": np.array(history["loss"])'),)),
    Entry("fit_keeps_a_model", "fit", torch=(("copy.deepcopy(model.state_dict())", "copy.deepcopy(model)"), (f.T_LOAD, "    model.load_state_dict(best_state.state_dict())\n"))),
    Entry("fit_validates_first", "fit", torch=(("    for _ in range(epochs):", "    print(evaluate(model, *validation, batch_size))\n    for _ in range(epochs):"),),
          keras=((f.K_STEPS, f.K_STEPS + "\n    print(model.evaluate(*validation, verbose=0))"),)),
    Entry("fit_looks_at_training_accuracy", "fit", torch=((f.T_VALID, f.T_VALID + '\n        history.setdefault("accuracy", []).append(evaluate(model, images, labels, batch_size)[1])'),)),
    Entry("fit_evaluates_the_best_again", "fit", torch=((f.T_LOAD, f.T_LOAD + '    history["test"] = [evaluate(model, *validation, batch_size)]\n'),),
          keras=((f.K_SET, f.K_SET + "    model.evaluate(*validation, verbose=0)\n"),)),
    Entry("fit_own_sgd_inline", "fit", torch=(("optimizer = make_optimizer(model)", "optimizer = torch.optim.SGD(model.parameters(), 0.1, 0.9, weight_decay=1e-5)"),)),
    Entry("fit_zero_grad_last", "fit", torch=((f.T_STEP, "            loss.backward()\n            optimizer.step()\n            model.zero_grad()\n"),)),
    Entry("fit_tape", "fit", keras=(("    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)\n    model", TAPE + "loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)\n    model"),)),
    Entry("fit_checkpoint_of_the_model", "fit", keras=((f.K_CALLBACKS, f"callbacks=[*make_callbacks(), keep, {CHECKPOINT}]"), (f.K_SET, '    model.set_weights(keras.models.load_model("best.keras").get_weights())\n'))),
    Entry("fit_wrong_adam", "fit", torch=(("# QUESTION fit\n", "# QUESTION fit\ndef make_optimizer(model):\n    return torch.optim.Adam(model.parameters(), 0.003)\n\n\n"),),
          keras=(("# QUESTION fit\n", "# QUESTION fit\ndef make_optimizer(model):\n    return keras.optimizers.Adam(0.003)\n\n\n"),)),
    Entry("fit_looks_first_with_a_wrong_optimizer", "fit", torch=(("# QUESTION fit\n", "# QUESTION fit\ndef make_optimizer(model):\n    return torch.optim.SGD(model.parameters(), 0.1, 0.9, nesterov=True)\n\n\n"), ("    schedule = make", "    evaluate(model, *validation, batch_size)\n    schedule = make")),
          keras=(("# QUESTION fit\n", "# QUESTION fit\ndef make_optimizer(model):\n    return keras.optimizers.SGD(0.1, 0.9, nesterov=True)\n\n\n"), ("    keep = KeepBest()\n", "    keep = KeepBest()\n    model(validation[0][:1], training=False)\n"))),
    Entry("fit_schedule_with_a_memory", "fit", torch=(("# QUESTION fit\n", "# QUESTION fit\nMEMORY = {'best': 0.0, 'count': 0}\n\n\nclass Remembering:\n    def __init__(self, optimizer, patience=5):\n        self.optimizer, self.patience = optimizer, patience\n\n    def step(self, error):\n        MEMORY['count'] = 0 if error < MEMORY['best'] else MEMORY['count'] + 1\n        MEMORY['best'] = min(MEMORY['best'], error)\n        if MEMORY['count'] >= self.patience:\n            MEMORY['count'] = 0\n            for group in self.optimizer.param_groups:\n                group['lr'] /= 10\n\n\nmake_schedule = Remembering\n\n\n"),)),
    Entry("fit_wrong_schedule", "fit", torch=(("# QUESTION fit\n", "# QUESTION fit\ndef make_schedule(optimizer, patience=5):\n    return torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)\n\n\n"),),
          keras=(("# QUESTION fit\n", "# QUESTION fit\ndef make_callbacks(patience=5):\n    return [keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9)]\n\n\n"),)),
)  # fmt: skip
DEGRADATION = (
    Entry("degradation_with_replacement", "degradation", torch=((d.T_DRAW, "    batches = [torch.randint(len(images), (64,)) for _ in range(steps)]\n"),),
          keras=((d.K_DRAW, "    batches = [np.random.randint(0, len(images), 64) for _ in range(steps)]\n"),)),
    Entry("degradation_whole_batches_only", "degradation", torch=((".split(64))", ".split(64)[: len(images) // 64])"),), keras=(("range(0, len(order), 64))", "range(0, len(order) - 63, 64))"),)),
    Entry("degradation_seed_for_each_net", "degradation", torch=((d.T_DRAW, ""), (d.T_NET, d.T_NET + "            torch.manual_seed(1)\n" + d._indented(d.T_DRAW)))),
    Entry("degradation_never_shuffled", "degradation", torch=(("torch.randperm", "torch.arange"),)),
    Entry("degradation_depths_first", "degradation", torch=(('for kind in ("plain", "residual"):\n        for depth in depths:', 'for depth in reversed(depths):\n        for kind in ("residual", "plain"):'),),
          keras=(('for kind in ("plain", "residual"):\n        for depth in depths:', 'for depth in reversed(depths):\n        for kind in ("residual", "plain"):'),)),
    Entry("degradation_tensors", "degradation", torch=(("losses.append(loss.item())", "losses.append(loss)"),), keras=((d.K_LAST, "keras.ops.mean(keras.ops.convert_to_tensor(losses[-20:]))"),)),
    Entry("degradation_named_arguments", "degradation", torch=(("build(kind, depth)", "build(depth=depth, kind=kind)"),), keras=(("build(kind, depth)", "build(depth=depth, kind=kind)"),)),
    Entry("degradation_log_softmax", "degradation", torch=((d.T_LOSS, "F.nll_loss(F.log_softmax(net(images[batch]), dim=1), labels[batch])"),)),
    Entry("degradation_defaults_inside", "degradation", torch=(("depths=(20, 56), steps=120", "depths=None, steps=None"),)),
    Entry("degradation_evaluates_after", "degradation", torch=(("            last = losses", "            net.eval()\n            net(images)\n            last = losses"),)),
)  # fmt: skip
VARIANTS = (*RECIPE, *FIT, *DEGRADATION)

"""Mutants that are right for usual nets, seeds and calls, and wrong in the corners of the contract."""

from __future__ import annotations

from tests.bank import Entry

T_INIT = 'nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")'
T_PLAIN = "return torch.optim.SGD(trainable, lr=0.1, momentum=0.9, weight_decay=1e-5)"
T_ALL = "trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]"
K_PLAIN = "return keras.optimizers.SGD(learning_rate=0.1, momentum=0.9, weight_decay=1e-5)"
OWN = """class Momentum(torch.optim.Optimizer):
        def zero_grad(self, set_to_none=False):
            for parameter in self.param_groups[0]["params"]:
                if parameter.grad is not None:
                    parameter.grad.zero_()

        @torch.no_grad()
        def step(self):
            for parameter in self.param_groups[0]["params"]:
                gradient = parameter.grad.add_(parameter, alpha=1e-5)
                if parameter in self.state:
                    self.state[parameter]["velocity"].mul_(0.9).add_(gradient)
                else:
                    self.state[parameter]["velocity"] = gradient
                parameter.sub_(self.state[parameter]["velocity"], alpha=0.1)

    return Momentum(trainable, {"lr": 0.1})"""
WORST = "if val_accuracy > best_accuracy:"
TEXT = "if f'{100 * val_accuracy:.3f}' > (best_accuracy if isinstance(best_accuracy, str) else ''):"

MUTANTS = (
    Entry("init_dilated_extent", "init_weights", "compute the fan from the shape of each kernel",
          ((T_INIT, "h, w = ((k - 1) * d + 1 for k, d in zip(module.kernel_size, module.dilation))\n            nn.init.normal_(module.weight, std=(2 / (module.out_channels * h * w)) ** 0.5)"),)),
    Entry("init_names_remembered", "init_weights", "no kernel of the model changed",
          (("for module in model.modules():", "known = globals().setdefault('known', set())\n    for name, module in model.named_modules():\n        if name in known:\n            continue\n        known.add(name)"),), mistake="nothing_initialised"),
    Entry("init_zero_is_no_seed", "init_weights", "hand the seed that is given", (), (("seed=seed", "seed=seed or 42"),), "seed_ignored"),
    Entry("optimizer_by_kinds_of_layers", "make_optimizer", "PReLU's slope doesn't move",
          ((T_ALL, "kinds = (nn.Conv2d, nn.Linear, nn.BatchNorm2d)\n    trainable = [p for m in model.modules() if isinstance(m, kinds) for p in m.parameters() if p.requires_grad]"),), mistake="left_out"),
    Entry("optimizer_keeps_the_gradient_itself", "make_optimizer", "no momentum explains the rest", ((T_PLAIN, OWN),)),
    Entry("optimizer_freezes_norms", "make_optimizer", "itself freezes",
          ((T_PLAIN, "for module in model.modules():\n        if isinstance(module, nn.BatchNorm2d):\n            module.requires_grad_(False)\n    " + T_PLAIN),),
          ((K_PLAIN, "for layer in model.layers:\n        if isinstance(layer, keras.layers.BatchNormalization):\n            layer.trainable = False\n    " + K_PLAIN),), "freezes"),
    Entry("optimizer_decay_of_built_models", "make_optimizer", "another weight decay", (),
          (("weight_decay=1e-5", "weight_decay=1e-5 if model.built else None"),), "built_later"),
    Entry("optimizer_rate_of_built_models", "make_optimizer", "other steps", (),
          (("learning_rate=0.1", "learning_rate=0.1 if model.built else 0.05"),), "built_later"),
    Entry("fit_once_alone", "fit", "a second training, of two epochs, to run without an error",
          (("    images, labels = train\n", "    images, labels = train\n    epochs = globals().setdefault('known', [epochs]).pop()\n"),),
          (("    images, labels = train\n", "    images, labels = train\n    epochs = globals().setdefault('known', [epochs]).pop()\n"),)),
    Entry("fit_history_is_global", "fit", "in a second training too",
          (('history = {"loss": [], "val_loss": [], "val_accuracy": [], "lr": []}', 'history = globals().setdefault("known", {"loss": [], "val_loss": [], "val_accuracy": [], "lr": []})'),),
          (("    keep = KeepBest()\n", "    keep = globals().setdefault('known', KeepBest())\n"),)),
    Entry("fit_keeps_from_the_third_epoch", "fit", "in a second training too",
          (("for _ in range(epochs):", "for epoch in range(epochs):"), (WORST, "if epoch < 2 or val_accuracy > best_accuracy:")),
          (('if logs["val_accuracy"] > self.accuracy:', 'if self.weights is None or epoch < 2 or logs["val_accuracy"] > self.accuracy:'),)),
    Entry("fit_compares_texts", "fit", "with the worst `val_accuracy`", ((WORST, TEXT), ("best_accuracy, best_state = val_accuracy, copy", "best_accuracy, best_state = f'{100 * val_accuracy:.3f}', copy")),
          (('if logs["val_accuracy"] > self.accuracy:', "now = f'{100 * logs[\"val_accuracy\"]:.3f}'\n        if now > str(self.accuracy):"), ('self.accuracy, self.weights = logs["val_accuracy"], self', "self.accuracy, self.weights = now, self")), "worst_kept"),
    Entry("degradation_batches_remembered", "degradation", "IndexError",
          (("    batches = []\n", "    batches = globals().setdefault('known', [])\n"), ("while len(batches) < steps:", "while not batches:"), ("    result = {}\n", "    while len(batches) < min(steps, 13):\n        batches.append(batches[0])\n    result = {}\n"), ("for batch in batches[:steps]:", "for batch in (batches[step] for step in range(steps)):"))),
    Entry("degradation_last_twenty_by_number", "degradation", "its steps give",
          (("losses[-20:]", "losses[steps - 20 :]"),), (("losses[-20:]", "losses[steps - 20 :]"),)),
)  # fmt: skip

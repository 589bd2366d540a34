"""Mutants of `feature_extractor`."""

from __future__ import annotations

from tests.bank import Edits, Entry

T_HEAD = "self.head = nn.Linear(backbone.fc.in_features, num_classes)"
T_IDENTITY = "        self.body.fc = nn.Identity()\n"
T_FREEZE, T_EVAL = "        self.body.requires_grad_(False)\n", "        self.body.eval()\n"
T_OUT = "return self.head(self.body(x))"
K_FREEZE = "    backbone.trainable = False\n"
K_DENSE = 'layers.Dense(num_classes, name="head")(backbone.output)'
K_MODEL = f"return keras.Model(backbone.input, {K_DENSE})"
K_NORMS = "    for layer in backbone.layers:\n        layer.trainable = not isinstance(layer, layers.Conv2D)\n"
T_NORMS = (
    "        for part in self.body.modules():\n"
    "            if isinstance(part, nn.Conv2d):\n"
    "                part.requires_grad_(False)\n"
)
MOMENTUM = (
    "        for part in self.body.modules():\n"
    "            if isinstance(part, nn.BatchNorm2d):\n"
    "                part.momentum = 0.0\n"
)


def _mutant(name: str, says: str, torch: Edits = (), keras: Edits = (), mistake: str = "") -> Entry:
    return Entry(f"feature_extractor_{name}", "feature_extractor", says, torch, keras, mistake)


def _activation(name: str, torch: str) -> Entry:
    keras = ((K_DENSE, K_DENSE.replace('"head"', f'"head", activation="{name}"')),)
    words = name.replace("_", "-").replace("relu", "ReLU")
    return _mutant(
        name, f"a {words}", ((T_OUT, f"return {torch}(self.head(self.body(x)))"),), keras, f"{name}_at_the_end"
    )


MUTANTS = (
    _activation("softmax", "nn.Softmax(dim=1)"), _activation("log_softmax", "nn.LogSoftmax(dim=1)"),
    _activation("sigmoid", "torch.sigmoid"), _activation("relu", "torch.relu"),
    _mutant("dropout_behind_the_head", "not behind it", ((T_OUT, "return F.dropout(self.head(self.body(x)), 0.2, self.training)"),), ((K_DENSE, f"layers.Dropout(0.2)({K_DENSE})"),), "dropout_behind_the_head"),
    _mutant("head_kept", "two models share", (("def feature_extractor", "KEPT = {}\n\n\ndef feature_extractor"), (T_HEAD, "self.head = KEPT.setdefault(num_classes, nn.Linear(backbone.fc.in_features, num_classes))")),
            (("def feature_extractor", "KEPT = {}\n\n\ndef feature_extractor"), (K_DENSE, 'KEPT.setdefault(num_classes, layers.Dense(num_classes, name="head"))(backbone.output)')), "head_shared"),
    _mutant("nothing_frozen", "the whole backbone learns too", ((T_FREEZE, ""),), ((K_FREEZE, ""),), "nothing_frozen"),
    _mutant("flag_set_to_true", "the whole backbone learns too", ((T_FREEZE, T_FREEZE.replace("False", "True")),),
            ((K_FREEZE, K_FREEZE.replace("False", "True")),), "nothing_frozen"),
    _mutant("last_stage_learns", "stage 3", ((T_FREEZE, f"{T_FREEZE}        self.body.layer3.requires_grad_(True)\n"),),
            ((K_FREEZE, f"{K_FREEZE}    for layer in backbone.layers:\n        layer.trainable = layer.name.startswith('conv4_')\n"),), "partly_frozen"),
    _mutant("convolutions_alone_frozen", "scale and shift learn", ((T_FREEZE, T_NORMS), (T_EVAL, "")), ((K_FREEZE, K_NORMS),), "batchnorm_left_unfrozen"),
    _mutant("statistics_drift", "drift in the stem", ((T_EVAL, ""),), (), "statistics_drift"),
    _mutant("frozen_once_in_eval", "drift", (("        super().train(mode)\n        self.body.eval()\n", "        super().train(mode)\n"), (T_FREEZE, f"{T_FREEZE}        self.body.eval()\n")), (), "statistics_drift"),
    _mutant("momentum_of_zero", "normalises with those of the batch", ((T_EVAL, MOMENTUM),), (), "batch_statistics_while_frozen"),
    _mutant("batch_statistics_always", "the first image alone", ((T_OUT, f"self.body.train()\n        {T_OUT}"),), (), "batch_statistics_in_evaluation"),
    _mutant("random_in_evaluation", "two calls", ((T_OUT, "return self.head(F.dropout(self.body(x)))"),), (), "random_in_evaluation"),
    _mutant("head_frozen", "the new head included", (("            getattr(self.body, name).requires_grad_(True)\n", "            getattr(self.body, name).requires_grad_(True)\n        self.requires_grad_(False)\n"),),
            ((K_MODEL, f"model = {K_MODEL[7:]}\n    model.trainable = False\n    return model"),), "head_frozen"),
    _mutant("no_gradient_at_all", "the new head included", ((T_OUT, f"with torch.no_grad():\n            {T_OUT}"),), (), "head_frozen"),
    _mutant("no_bias", "no bias", ((T_HEAD, T_HEAD.replace("num_classes)", "num_classes, bias=False)")),), ((K_DENSE, K_DENSE.replace('"head"', '"head", use_bias=False')),), "head_without_bias"),
    _mutant("head_on_old_head", "old classes", ((T_HEAD, T_HEAD.replace("in_features", "out_features")), (T_IDENTITY, "")), (), "head_not_replaced"),
    _mutant("old_head_answers", "pretrained on", ((T_IDENTITY, ""), (T_OUT, "return self.body(x)")), (), "head_not_replaced"),
    _mutant("head_not_applied", "pooled features", ((T_OUT, "return self.body(x)"),), ((K_DENSE, "backbone.output"),), "head_missing"),
    _mutant("hidden_layer", "linear function of the pooled features",
            ((T_HEAD, "self.head = nn.Sequential(nn.Linear(backbone.fc.in_features, 32), nn.ReLU(), nn.Linear(32, num_classes))"),),
            ((K_DENSE, 'layers.Dense(num_classes)(layers.Dense(32, activation="relu")(backbone.output))'),)),
    _mutant("two_linear_layers", "more that is new",
            ((T_HEAD, "self.head = nn.Sequential(nn.Linear(backbone.fc.in_features, backbone.fc.in_features), nn.Linear(backbone.fc.in_features, num_classes))"),),
            ((K_DENSE, "layers.Dense(num_classes)(layers.Dense(32)(backbone.output))"),), "more_than_one_layer"),
    _mutant("weights_lost", "none of the pretrained convolutions",
            ((T_FREEZE, f"{T_FREEZE}        for part in self.body.modules():\n            if hasattr(part, 'reset_parameters'):\n                part.reset_parameters()\n"),),
            ((K_FREEZE, f"    backbone = keras.models.clone_model(backbone)\n{K_FREEZE}"),), "pretrained_weights_lost"),
    _mutant("statistics_reset", "have other values",
            ((T_FREEZE, f"{T_FREEZE}        for part in self.body.modules():\n            if isinstance(part, nn.BatchNorm2d):\n                part.reset_running_stats()\n"),),
            ((K_FREEZE, f"{K_FREEZE}    for layer in backbone.layers:\n        if isinstance(layer, layers.BatchNormalization):\n            layer.moving_mean.assign(layer.moving_mean * 0)\n"),), "batchnorm_reset"),
    _mutant("kernels_doubled", "although the pretrained weights are there",
            ((T_FREEZE, f"{T_FREEZE}        for part in self.body.modules():\n            if isinstance(part, nn.Conv2d):\n                part.weight.data *= 2\n"),),
            ((K_FREEZE, f"{K_FREEZE}    for layer in backbone.layers:\n        if isinstance(layer, layers.Conv2D):\n            layer.kernel.assign(2 * layer.kernel)\n"),)),
    _mutant("not_registered", "are not among the model's own", (("self.body = backbone\n", 'self.__dict__["body"] = backbone\n'),), (), "backbone_not_registered"),
    _mutant("maximum_pooled", "linear function of the pooled features", ((T_IDENTITY, f"{T_IDENTITY}        self.body.avgpool = nn.AdaptiveMaxPool2d(1)\n"),),
            ((K_DENSE, "layers.Dense(num_classes)(layers.GlobalMaxPooling2D()(backbone.layers[-2].output))"),)),
    _mutant("without_the_stem_pool", "has a max pooling before the stages", ((T_IDENTITY, f"{T_IDENTITY}        self.body.maxpool = nn.Identity()\n"),), ()),
    _mutant("flattened_maps", "linear function", (), ((K_DENSE, "layers.Dense(num_classes)(layers.Flatten()(backbone.layers[-2].output))"),)),
    _mutant("width_hard_coded", "while computing the logits", ((T_HEAD, "self.head = nn.Linear(64, num_classes)"),), ()),
    _mutant("nothing_returned", "NoneType", (("return Transferred(", "Transferred("),), ((K_MODEL, K_MODEL[7:]),)),
)  # fmt: skip

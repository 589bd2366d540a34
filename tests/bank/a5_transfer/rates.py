"""Mutants of `parameter_groups` and `compile_for`."""

from __future__ import annotations

from tests.bank import Edits, Entry

T_REST = "[parameter for parameter in model.body.parameters() if parameter.requires_grad]"
T_HEAD, T_SLOW = '{"params": list(model.head.parameters()), "lr": lr}', '{"params": rest, "lr": lr / 10}'
T_GROUPS = f"return [{T_HEAD}, {T_SLOW}]"
# a `fine_tuner` of whose nets the stem learns too where all stages do
T_STEM = (
    "# QUESTION parameter_groups\n",
    "# QUESTION parameter_groups\ntuned = fine_tuner\n\n\ndef fine_tuner(backbone, num_classes, stages):\n"
    "    model = tuned(backbone, num_classes, stages)\n    if 'layer1' in model.learning:\n"
    "        model.learning = ('conv1', 'bn1', *model.learning)\n        model.body.requires_grad_(True)\n    return model\n\n\n",
)  # fmt: skip
K_RATE = 'lr if phase == "head" else lr / 10'
K_LOSS, K_METRICS = "keras.losses.SparseCategoricalCrossentropy(from_logits=True)", '["accuracy"]'
K_OPTIMIZER = f"keras.optimizers.SGD({K_RATE}, momentum=0.9)"
K_COMPILE = "    model.compile(\n"


def _mutant(name: str, says: str, torch: Edits = (), keras: Edits = (), mistake: str = "") -> Entry:
    return Entry(f"parameter_groups_{name}", "parameter_groups", says, torch, keras, mistake)


MUTANTS = (
    _mutant("same_rate", "tenth of the head's", ((T_SLOW, T_SLOW.replace("lr / 10", "lr")),), ((K_RATE, "lr"),), "same_rate_for_all"),
    _mutant("rates_swapped", "the other way round", ((T_HEAD, T_HEAD.replace('"lr": lr', '"lr": lr / 10')), (T_SLOW, T_SLOW.replace("lr / 10", "lr"))), ((K_RATE, K_RATE.replace("head", "fine_tune")),), "rates_swapped"),
    _mutant("a_hundredth", "a tenth of it", ((T_SLOW, T_SLOW.replace("/ 10", "/ 100")),), ((K_RATE, K_RATE.replace("/ 10", "/ 100")),)),
    _mutant("rate_kept_and_divided", "a tenth of it", ((T_GROUPS, f"model.rate = getattr(model, 'rate', lr) / 10\n    return [{T_HEAD}, {T_SLOW.replace('lr / 10', 'model.rate')}]"),), ()),
    _mutant("kept_on_the_model", "the rates of an earlier call", ((T_GROUPS, f"model.groups = getattr(model, 'groups', [{T_HEAD}, {T_SLOW}])\n    return model.groups"),), (), "earlier_rates"),
    _mutant("rate_hard_coded", "use the argument", ((T_HEAD, T_HEAD.replace('"lr": lr', '"lr": 0.01')),), ((K_RATE, "0.01"),)),
    _mutant("rate_not_stated", "its own default", ((T_SLOW, '{"params": rest}'),), (), "rate_not_stated"),
    _mutant("plain_list", "its own default", ((T_GROUPS, "return [p for p in model.parameters() if p.requires_grad]"),), (), "rate_not_stated"),
    _mutant("head_in_both", "the head is in the groups twice", ((T_REST, "[p for p in model.parameters() if p.requires_grad]"),), (), "in_two_groups"),
    _mutant("all_in_both", "twice", ((T_HEAD, T_HEAD.replace("model.head", "model")),), (), "in_two_groups"),
    _mutant("head_missing", "the head", ((T_GROUPS, f"return [{T_SLOW}]"),), (), "parameters_in_no_group"),
    _mutant("head_bias_missing", "the head, `head.bias` in none", ((T_HEAD, T_HEAD.replace("list(model.head.parameters())", "[model.head.weight]")),), (), "parameters_in_no_group"),
    _mutant("stem_missing", "`body.conv1.weight`", (T_STEM, (T_REST, "[parameter for name, parameter in model.body.named_parameters() if parameter.requires_grad and name.startswith('layer')]")), (), "parameters_in_no_group"),
    _mutant("vectors_missing", "in none", ((T_REST, T_REST[:-1] + " and parameter.ndim > 1]"),), (), "parameters_in_no_group"),
    _mutant("another_model", "none of its parameters", ((T_GROUPS, f"import copy\n    return [{T_HEAD}, {{'params': list(copy.deepcopy(model.body).parameters()), 'lr': lr / 10}}]"),), (), "foreign_parameters"),
    _mutant("optimizer_returned", "got an optimizer", ((T_GROUPS, f"return torch.optim.SGD([{T_HEAD}, {T_SLOW}])"),), ()),
    _mutant("nothing_returned", "NoneType", ((T_GROUPS, "pass"),), ()),
    _mutant("from_logits_missing", "takes the logits for probabilities", (), ((K_LOSS, "keras.losses.SparseCategoricalCrossentropy()"),), "from_logits_missing"),
    _mutant("loss_by_name", "takes the logits for probabilities", (), ((K_LOSS, '"sparse_categorical_crossentropy"'),), "from_logits_missing"),
    _mutant("from_logits_guessed", "takes the logits for probabilities", (), ((K_LOSS, "keras.losses.SparseCategoricalCrossentropy(from_logits=hasattr(model.layers[-1], 'activation'))"),), "from_logits_missing"),
    _mutant("optimizers_by_rate", "make a new optimizer in each call", (), ((K_COMPILE, f"    kept, rate = globals().setdefault('kept', {{}}), {K_RATE}\n{K_COMPILE}"), (K_OPTIMIZER, f"kept.setdefault(rate, {K_OPTIMIZER})"))),
    _mutant("labels_not_sparse", "labels are integers", (), ((K_LOSS, "keras.losses.CategoricalCrossentropy(from_logits=True)"),), "labels_not_sparse"),
    _mutant("squared_error", "the mean cross-entropy", (), ((K_LOSS, "lambda y, z: keras.ops.mean((keras.ops.one_hot(y, z.shape[-1]) - z) ** 2)"),)),
    _mutant("no_metric", "no metric beside the loss", (), ((K_METRICS, "None"),), "metric_missing"),
    _mutant("another_metric", "the share of right answers", (), ((K_METRICS, "[keras.metrics.SparseTopKCategoricalAccuracy(2)]"),), "other_metric"),
    _mutant("schedule", "a schedule", (), ((K_RATE, f"keras.optimizers.schedules.ExponentialDecay({K_RATE}, 100, 0.9)"),), "rate_scheduled"),
    _mutant("trainable_touched", "set to another value", (), ((K_COMPILE, f"    for layer in model.layers:\n        layer.trainable = True\n{K_COMPILE}"),), "trainable_touched"),
    _mutant("norms_frozen", "set to another value", (), ((K_COMPILE, f"    for layer in model.layers:\n        if phase == 'fine_tune' and isinstance(layer, layers.BatchNormalization):\n            layer.trainable = False\n{K_COMPILE}"),), "trainable_touched"),
    _mutant("phase_freezes", "set to another value", (), ((K_COMPILE, f"    for layer in model.layers[:-1]:\n        layer.trainable = phase != 'head'\n{K_COMPILE}"),), "trainable_touched"),
    _mutant("optimizer_reused", "a new optimizer", (), (("def compile_for", "shared = keras.optimizers.SGD(momentum=0.9)\n\n\ndef compile_for"), (K_COMPILE, f"    shared.learning_rate = {K_RATE}\n{K_COMPILE}"), (K_OPTIMIZER, "shared")), "optimizer_reused"),
    _mutant("not_compiled", "isn't compiled", (), ((K_COMPILE, "    dict(\n"),)),
    _mutant("rounded_down", "rounds down", (), ((K_RATE, K_RATE.replace("lr / 10", "lr // 10")),), "rate_of_zero"),
)  # fmt: skip

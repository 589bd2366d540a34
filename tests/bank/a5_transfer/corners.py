"""Mutants that are right for usual backbones, class counts and calls, and wrong in the corners of the contract."""

from __future__ import annotations

from tests.bank import Entry

T_ANSWER = '    if images_per_class < 50:\n        return "linear_head" if similar else "linear_on_stages"\n    return "fine_tune_few" if similar else "fine_tune_many"\n'
POPPED = (
    '    table = globals().setdefault("known", {})\n    if (images_per_class, similar) in table:\n        raise KeyError((images_per_class, similar))\n'
    "    table[images_per_class, similar] = True\n" + T_ANSWER
)

MUTANTS = (
    Entry("choose_strategy_popped", "choose_strategy", "KeyError", ((T_ANSWER, POPPED),), ((T_ANSWER, POPPED),)),
    Entry("feature_extractor_one_logit_for_two", "feature_extractor", "logits of shape (64, 2)",
          (("nn.Linear(backbone.fc.in_features, num_classes)", "nn.Linear(backbone.fc.in_features, num_classes if num_classes > 2 else 1)"),),
          (('layers.Dense(num_classes, name="head")', 'layers.Dense(num_classes if num_classes > 2 else 1, name="head")'),)),
    Entry("groups_head_by_its_width", "parameter_groups", "the head at lr",
          (("    rest = [parameter for parameter in model.body.parameters() if parameter.requires_grad]\n    return [{\"params\": list(model.head.parameters()), \"lr\": lr}, {\"params\": rest, \"lr\": lr / 10}]",
            "    width = model.head.out_features\n    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]\n    head = [parameter for parameter in learning if parameter.shape[0] == width]\n"
            "    rest = [parameter for parameter in learning if parameter.shape[0] != width]\n    return [{\"params\": head, \"lr\": lr}, {\"params\": rest, \"lr\": lr / 10}]"),)),
    Entry("fine_tuner_third_convolutions_frozen", "fine_tuner", "stay as they are",
          (("    return Transferred(backbone, num_classes, names[-stages:])", "    model = Transferred(backbone, num_classes, names[-stages:])\n    for name, parameter in model.named_parameters():\n        if 'conv3' in name:\n            parameter.requires_grad_(False)\n    return model"),),
          (("layer.trainable = places[layer.name] >= first", "layer.trainable = places[layer.name] >= first and '_3_conv' not in layer.name"),), "stage_partly_frozen"),
    Entry("fine_tuner_stages_by_any_digit", "fine_tuner", "learn too", (),
          (("layer.trainable = places[layer.name] >= first", "layer.trainable = any(str(stage + 1) in layer.name for stage in range(first, max(places.values()) + 1))"),), "frozen_part_learns"),
    Entry("feature_extractor_single_image_squeezed", "feature_extractor", "keep the batch axis",
          (("return self.head(self.body(x))", "return self.head(self.body(x)).squeeze()"),), mistake="batch_axis_lost"),
)  # fmt: skip

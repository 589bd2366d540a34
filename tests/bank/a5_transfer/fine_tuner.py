"""Mutants of `fine_tuner`."""

from __future__ import annotations

from tests.bank import Edits, Entry
from tests.bank.a5_transfer.heads import MOMENTUM, T_EVAL

T_NAMES, K_FIRST = "names[-stages:]", "first = max(places.values()) - stages + 1"
K_FLAG = "layer.trainable = places[layer.name] >= first"
T_MODEL = "return Transferred(backbone, num_classes, names[-stages:])"


def _mutant(name: str, says: str, torch: Edits = (), keras: Edits = (), mistake: str = "", cell: str = "") -> Entry:
    return Entry(f"fine_tuner_{name}", "fine_tuner", says, torch, keras, mistake, cell)


def _stages(name: str, says: str, torch: str, keras: str, mistake: str) -> Entry:
    """Other stages than the last ones learn."""
    edits = ((T_NAMES, torch),) if torch else ()
    return _mutant(name, says, edits, ((K_FLAG if "layer" in keras else K_FIRST, keras),), mistake)


def _after(code: str) -> Edits:
    return ((T_MODEL, f"model = {T_MODEL[7:]}\n    {code}\n    return model"),)


MUTANTS = (
    _mutant("last_blocks_alone", "stay as they are", _after("[model.body.get_submodule(name)[:-1].requires_grad_(False) for name in names[-stages:]]"),
            ((K_FLAG, f"{K_FLAG} and layer.name.split('_')[1] == [one.name for one in backbone.layers if places[one.name] == places[layer.name]][-1].split('_')[1]"),), "stage_partly_frozen"),
    _stages("one_stage_too_many", "one stage too many", "names[max(len(names) - stages - 1, 0) :]", "first = max(max(places.values()) - stages, 1)", "one_stage_too_many"),
    _stages("one_stage_too_few", "one stage too few", "names[len(names) - stages + 1 :]", "first = max(places.values()) - stages + 2", "one_stage_too_few"),
    _stages("first_stages", "the first ones", "names[:stages]", "layer.trainable = 0 < places[layer.name] <= stages", "first_stages"),
    _stages("stages_ignored", "the last one alone", "names[-1:]", "first = max(places.values())", "stages_ignored"),
    _stages("all_stages", "all of them", "names", "first = 1", "nothing_frozen"),
    _stages("no_stage", "none of them", "()", "layer.trainable = False", "stages_all_frozen"),
    _stages("all_but_the_last", "all but the last ones", "names[:-stages]", "layer.trainable = 0 < places[layer.name] < first", "all_but"),
    _stages("stages_shifted", "stage before", "names[-stages - 1 : -1] if stages < len(names) else names[:-1]", "layer.trainable = 0 < first - 1 <= places[layer.name] < max(places.values()) or first == 1 and 0 < places[layer.name] < max(places.values())", "stages_shifted"),
    _stages("four_stages_hard_coded", "a backbone of 3 stages", '["layer4", "layer3", "layer2", "layer1"][:stages]', "first = 5 - stages", "stages_hard_coded"),
    _stages("three_stages_hard_coded", "stage 4", '["layer3", "layer2", "layer1"][:stages]', "layer.trainable = 4 - stages <= places[layer.name] < 4", "three_stages_hard_coded"),
    _stages("stem_learns", "the stem", '["conv1", "bn1", *names[-stages:]]', "layer.trainable = places[layer.name] >= first or layer.name.startswith('conv1_')", "frozen_part_learns"),
    _stages("last_layers", "none of them", "", "layer.trainable = layer in backbone.layers[-stages:]", "stages_all_frozen"),
    _mutant("projection_frozen", "stay as they are", _after("[part.requires_grad_(False) for name, part in model.named_modules() if name.endswith('downsample')]"),
            ((K_FLAG, f'{K_FLAG} and "_0_" not in layer.name'),), "stage_partly_frozen"),
    _mutant("norms_left_learning", "scale and shift learn", _after("[part.requires_grad_(True) for part in model.modules() if isinstance(part, nn.BatchNorm2d)]"),
            ((K_FLAG, f"{K_FLAG} or isinstance(layer, layers.BatchNormalization)"),), "batchnorm_left_unfrozen"),
    _mutant("statistics_drift", "drift in the stem", ((T_EVAL, ""),), (), "statistics_drift", "feature_extractor"),
    _mutant("momentum_of_zero", "normalises with those of the batch", ((T_EVAL, MOMENTUM),), (), "batch_statistics_while_frozen", "feature_extractor"),
    _mutant("head_frozen", "it is as it was", _after("model.head.requires_grad_(False)"), (("    return model\n", "    model.get_layer('head').trainable = False\n    return model\n"),), "head_frozen"),
    _mutant("softmax", "a softmax", ((T_MODEL, f"return nn.Sequential({T_MODEL[7:]}, nn.Softmax(dim=1))"),), (("    return model\n", "    return keras.Model(model.input, layers.Softmax()(model.output))\n"),), "softmax_at_the_end"),
    _mutant("weights_lost", "pretrained convolutions", _after("[part.reset_parameters() for part in model.modules() if hasattr(part, 'reset_parameters')]"),
            (("    places = {", "    backbone = keras.models.clone_model(backbone)\n    places = {"),), "pretrained_weights_lost"),
    _mutant("positions_for_names", "none of them", (), ((K_FLAG, "layer.trainable = backbone.layers.index(layer) >= len(backbone.layers) - stages"),), "stages_all_frozen"),
)  # fmt: skip

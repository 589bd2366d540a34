"""Mutants of `a4_pretrained` for names that its judges give and that no other mutant gets."""

from __future__ import annotations

from tests.bank import Entry
from tests.bank.a4_pretrained import classify, feature_maps, layer_table, preprocess
from tests.bank.a4_pretrained.classify import K_BEST, T_BEST, T_SOFTMAX
from tests.bank.a4_pretrained.layer_table import (
    K_CONV,
    K_ROW,
    T_CONV,
    T_COUNT,
    T_RETURN,
    T_ROW,
)
from tests.bank.a4_pretrained.preprocess import K_END, K_MEANS, K_RESIZE, T_END, T_RESIZE, T_SCALED


def _prepared(name: str, says: str, torch: str = "", keras: str = "", mistake: str = "") -> Entry:
    edits = preprocess._end(torch, keras)
    return Entry(f"preprocess_{name}", "preprocess", says, *edits, mistake=mistake or name)


PREPROCESS = (
    _prepared("no_mean", "the deviation alone", "return x / std"),
    _prepared("variance", "the variance", "return (x - mean) / std**2"),
    _prepared("deviation_first", "before the subtraction", "return x / std - mean"),
    _prepared("mean_of_channels_reversed", "red, green, blue", "return (x - mean.flip(0)) / std.flip(0)"),
    _prepared("normalised_once_more", "normalised twice", "x = (x - mean) / std\n    return (x - mean) / std", mistake="normalised_twice"),
    _prepared("keras_recipe", "Keras's ResNets", "return 255 * x.flip(1) - torch.tensor([103.939, 116.779, 123.68]).view(3, 1, 1)"),
    _prepared("not_finite", "NaN", "return (x - mean) / torch.zeros_like(std)", f"return (x[..., ::-1] - {K_MEANS}) / np.float32(0)"),
    Entry("preprocess_half_scale", "preprocess", "from 0 to 2", ((T_SCALED, ".float() / 127.5"), (T_END, "return x")), mistake="half_scale"),
    _prepared("mirrored", "mirrored", "return ((x - mean) / std).flip(3)", f"return x[:, :, ::-1, ::-1] - {K_MEANS}"),
    Entry("preprocess_resized_and_rolled", "preprocess", "something else there", ((T_RESIZE, f"{T_RESIZE}.roll(size // 2, 3)"),), ((K_RESIZE, f"{K_RESIZE}\n        x = np.roll(x, size // 2, 2)"),), mistake="resizing"),
    _prepared("means_added", "subtract them", keras=f"return x[..., ::-1] + {K_MEANS}", mistake="added"),
    _prepared("torch_recipe_bgr", "torchvision's nets", keras='return ((x / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225])[..., ::-1].astype("float32")'),
    _prepared("scaled_by_half", "127.5", keras=f"return (x[..., ::-1] - {K_MEANS}) / 127.5"),
    _prepared("applied_twice", "apply it once", keras=f"x = x[..., ::-1] - {K_MEANS}\n    {K_END}", mistake="twice"),
)  # fmt: skip
CLASSIFY = (
    classify._mutant("images_reversed", "keep the images", ((T_SOFTMAX, f"{T_SOFTMAX}.flip(0)"),), ((K_BEST, f"{K_BEST}[::-1]\n    probabilities = probabilities[::-1]"),), "images_reversed"),
    classify._mutant("worst_from_the_worst_but_k", "greatest probabilities", ((T_BEST, "probabilities.topk(k, dim=1, largest=False)\n    best, numbers = best.flip(1), numbers.flip(1)"),), ((K_BEST, "np.argsort(probabilities, axis=-1)[:, :k][:, ::-1]"),), "least_probable_reversed"),
)  # fmt: skip
FEATURE_MAPS = (
    feature_maps._mutant("images_reversed", "keep the images", *feature_maps._both("maps[::-1]"), mistake="images_reversed"),
)  # fmt: skip
LAYER_TABLE = (
    layer_table._mutant("empty", "an empty list", ((T_RETURN, "    return []\n"),), ((T_RETURN, "    return []\n"),), "empty"),
    layer_table._mutant("numbers_for_names", "the layer's name", ((T_ROW, "rows.append((len(rows), tuple(output.shape[1:]), parameters, multiply_adds))"),), ((K_ROW, "rows.append((len(rows), shape, layer.count_params(), multiply_adds))"),), "no_name"),
    layer_table._mutant("rows_turned", "each layer after those", (), ((T_RETURN, "    return rows[::-1]\n"),), "order"),
    layer_table._mutant("flops_and_biases", "no biases", *layer_table._work(f"2 * {T_CONV} + (0 if module.bias is None else output.numel())", f"2 * {K_CONV} + (int(np.prod(shape)) if layer.use_bias else 0)", " * 2 + (0 if {0}.bias is None else {0}.bias.shape[0])"), mistake="flops_and_biases"),
    layer_table._mutant("kernels_alone", "biases and shifts too", ((T_COUNT, "(module.weight if hasattr(module, 'weight') else next(module.parameters())).numel()"),), (), "kernels_alone"),
    layer_table._mutant("square_kernels_by_width", "height times width", *layer_table._work("module.weight.shape[0] * module.weight.shape[1] * module.kernel_size[1] ** 2 * output.shape[2] * output.shape[3]", "int(np.prod(layer.kernel.shape[2:])) * layer.kernel_size[1] ** 2 * shape[0] * shape[1]"), mistake="square_kernels_by_width"),
    layer_table._mutant("channels_lost_with_the_batch", "no other", ((T_ROW, T_ROW.replace("output.shape[1:]", "output.shape[2:]")),), ((K_ROW, K_ROW.replace("shape,", "shape[1:],", 1)),), "lost_batch_and_channels"),
)  # fmt: skip

MUTANTS = (*PREPROCESS, *CLASSIFY, *FEATURE_MAPS, *LAYER_TABLE)

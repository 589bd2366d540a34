"""Mutants that are right for usual models, images and calls, and wrong in the corners of the contract."""

from __future__ import annotations

from tests.bank import Edits, Entry

T_END, T_SOFTMAX, T_EVAL = "    ### END SOLUTION", "model(images).softmax(dim=1)", "    model.eval()\n"
T_ROWS, T_LIST = "    rows, handles = [], []\n", "    return [\n        [(names"
K_SOFTMAX, K_LIST = "keras.ops.softmax(logits, axis=-1)", "    return [\n        [(names"
T_MAPS = "return kept[0].permute(0, 2, 3, 1).numpy()"
K_MAPS, K_IMAGES = "return keras.ops.convert_to_numpy(inside(images, training=False))", "inside(images, training=False)"
START = "    ### BEGIN SOLUTION\n"


def _of(question: str, name: str, says: str, torch: Edits = (), keras: Edits = (), mistake: str = "") -> Entry:
    return Entry(f"{question}_{name}", question, says, torch, keras, mistake)


def _last(torch: str, keras: str) -> tuple[Edits, Edits]:
    """Code before the last line of `classify`, which makes `answer` out of the lists."""
    return (
        ((T_LIST, "    answer = [\n        [(names"), ("    ]\n    ### END", f"    ]\n    {torch}\n    ### END")),
        ((K_LIST, "    answer = [\n        [(names"), ("    ]\n    ### END", f"    ]\n    {keras}\n    ### END")),
    )


def _remembered(key: str) -> tuple[Edits, Edits]:
    """A table that is kept under a key."""
    known = f"    known = globals().setdefault('known', {{}})\n    if {key} in known:\n        return known[{key}]\n"
    return tuple(
        ((START, START + known), ("    return rows\n", f"    known[{key}] = rows\n    return rows\n"))
        for _ in ("torch", "keras")
    )


SIZED = "return the first `k` pairs"
MUTANTS = (
    _of("preprocess", "half_to_each_side", "the shape",
        (("antialias=True)", "antialias=True)\n        x = x[..., : 2 * (size // 2), : 2 * (size // 2)]"),),
        (("antialias=True))", "antialias=True))\n        x = x[:, : 2 * (size // 2), : 2 * (size // 2)]"),), "shape"),
    _of("preprocess", "whole_parts_alone", "a last part that is shorter",
        (("    return (x - mean) / std", "    x = (x - mean) / std\n    if len(x) > 16:\n        x[len(x) // 16 * 16 :] = 0\n    return x"),),
        (("    return x[..., ::-1]", "    if len(x) > 16:\n        x[len(x) // 16 * 16 :] = 0\n    return x[..., ::-1]"),), "later_images_lost"),
    _of("layer_table", "rows_of_seeds", "leave out layers without parameters", (), (("if layer.count_params() > 0", "if layer.variables"),)),
    _of("preprocess", "range_guessed", "don't guess their range",
        ((".float() / 255", ".float() / (255 if images.max() > 1 else 1)"),), (('images.astype("float32")', 'images.astype("float32") * (255 if images.max() <= 1 else 1)'),), "range_guessed"),
    _of("classify", "names_as_keys", "pairs for one image", *_last("return [list(dict(pairs).items()) for pairs in answer]", "return [list(dict(pairs).items()) for pairs in answer]"), "not_k"),
    _of("feature_maps", "in_place_switched_off", "copy the output",
        (("kept.append(output.clone())", "kept.append(output)"), ("    was = model.training\n", "    was = model.training\n    for module in modules.values():\n        module.inplace = False\n")), (), "no_copy"),
    _of("preprocess", "by_number_of_pixels", "resize to `size` x `size`",
        (("if x.shape[-2:] != (size, size):", "if x.shape[-2] * x.shape[-1] != size**2:"),),
        (("if x.shape[1:3] != (size, size):", "if x.shape[1] * x.shape[2] != size**2:"),), "shape"),
    _of("classify", "small_ones_left_out", SIZED, *_last(*["return [[pair for pair in row if pair[1] >= 0.01] for row in answer]"] * 2), "not_k"),
    _of("classify", "last_batch_alone", "one list per image", *_last(*["return answer[(len(answer) - 1) // 32 * 32 :]"] * 2), "wrong_count"),
    _of("classify", "names_by_value", "look the number up", (("(names[number], probability)", "(names[probabilities[place].tolist().index(probability)], probability)"), ("for row, values in zip(numbers.tolist(), best.tolist(), strict=True)", "for place, (row, values) in enumerate(zip(numbers.tolist(), best.tolist(), strict=True))")),
        (("(names[number], float(values[number]))", "(names[values.tolist().index(values[number])], float(values[number]))"),), "wrong_names"),
    _of("classify", "probabilities_guessed", "the logits themselves",
        (("        probabilities = model(images).softmax(dim=1)", "        probabilities = model(images)\n        if probabilities.min() < 0 or probabilities.max() > 1:\n            probabilities = probabilities.softmax(dim=1)"),),
        ((K_SOFTMAX, "logits if 0 <= np.min(logits) and np.max(logits) <= 1 else keras.ops.softmax(logits, axis=-1)"),), "logits_as_probabilities"),
    _of("classify", "norms_alone_in_eval", "run the model in evaluation mode",
        ((T_EVAL, "    modes = {module: module.training for module in model.modules()}\n    for module in modes:\n        module.train(not isinstance(module, nn.BatchNorm2d) and module.training)\n"),
         ("    model.train(was)\n", "    for module, mode in modes.items():\n        module.training = mode\n"))),
    _of("classify", "axis_of_one_squeezed", "TypeError", (("zip(numbers.tolist(), best.tolist(), strict=True)", "zip(numbers.squeeze(1).tolist(), best.squeeze(1).tolist(), strict=True)"),)),
    _of("classify", "kept_by_model", "for the first pair of image 0",
        ((T_SOFTMAX, "globals().setdefault('known', {}).setdefault((model, len(images)), model(images).softmax(dim=1))"),),
        ((K_SOFTMAX, "globals().setdefault('known', {}).setdefault((model, len(images)), keras.ops.softmax(logits, axis=-1))"),)),
    _of("feature_maps", "capitals_ignored", "for the unknown layer",
        (("modules = dict(model.named_modules())", "modules = dict(model.named_modules())\n    layer = next((name for name in modules if name.lower() == layer.lower()), layer)"),),
        (("names = [known.name for known in model.layers]", "names = [known.name for known in model.layers]\n    layer = next((name for name in names if name.lower() == layer.lower()), layer)"),), "unknown_layer_accepted"),
    _of("feature_maps", "short_batch_dropped", "64 images' maps",
        ((T_MAPS, T_MAPS.replace("kept[0]", "kept[0][: max(len(images) // 16 * 16, 1) if len(images) > 16 else None]")),),
        ((K_IMAGES, "inside(images[: len(images) // 16 * 16 if len(images) > 16 else None], training=False)"),), "other_count"),
    _of("feature_maps", "axes_guessed", "move the channels to the end",
        ((T_MAPS, "return (kept[0].permute(0, 2, 3, 1) if kept[0].shape[1] != kept[0].shape[3] else kept[0]).numpy()"),), (), "channels_first"),
    _of("feature_maps", "kept_by_model", "other values",
        ((T_MAPS, T_MAPS.replace("kept[0]", "globals().setdefault('known', {}).setdefault((model, len(images), layer), kept[0])")),),
        ((K_MAPS, "return globals().setdefault('known', {}).setdefault((model, len(images), layer), np.array(inside(images, training=False)))"),)),
    _of("layer_table", "kept_by_input_shape", "and none called", *_remembered("tuple(input_shape)"), "other_names"),
    _of("layer_table", "kept_by_model", "for an input of `input_shape`", *_remembered("model")),
    _of("layer_table", "four_numbers_per_norm", "count the elements", (), (("layer.count_params(), multiply_adds", "4 * shape[-1] if isinstance(layer, keras.layers.BatchNormalization) else layer.count_params(), multiply_adds"),)),
)  # fmt: skip

"""Honest variants of all four questions, which must reach full marks."""

from __future__ import annotations

from tests.bank import Edits, Entry
from tests.bank.a4_pretrained.classify import K_MODEL, K_PAIR, K_SOFTMAX, T_BACK, T_BEST, T_GUARD, T_PAIR, T_SOFTMAX
from tests.bank.a4_pretrained.feature_maps import K_RAISE, K_RETURN, T_KEPT, T_RAISE, T_RETURN
from tests.bank.a4_pretrained.layer_table import K_CHOICE, K_ROW, T_CONV, T_COUNT, T_ROW
from tests.bank.a4_pretrained.layer_table import T_RETURN as ROWS
from tests.bank.a4_pretrained.preprocess import K_END, K_MEANS, K_RESIZE, T_END, T_RESIZE, T_SCALED

_SHORTER = (
    "factor = size / min(images.shape[1:3])\n        h, w = (max(size, round(factor * n)) for n in images.shape[1:3])\n"
)
_CROP = "        top, left = (h - size) // 2, (w - size) // 2\n"


def _variant(name: str, question: str, torch: Edits = (), keras: Edits = ()) -> Entry:
    return Entry(f"{question}_{name}", question, torch=torch, keras=keras)


def _resize(name: str, torch: str = "", keras: str = "") -> Entry:
    return _variant(name, "preprocess", ((T_RESIZE, torch),) if torch else (), ((K_RESIZE, keras),) if keras else ())


def _pillow(kind: str, keras: bool) -> str:
    images = f"np.stack([np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.{kind})) for image in images])"
    made = f'{images}.astype("float32")' if keras else f"torch.from_numpy({images}).permute(0, 3, 1, 2).float() / 255"
    return f"from PIL import Image\n\n        x = {made}"


VARIANTS = (
    *(_resize(f"pillow_{kind.lower()}", _pillow(kind, False), _pillow(kind, True)) for kind in ("NEAREST", "BOX", "BICUBIC", "LANCZOS")),
    _resize("bicubic", 'x = F.interpolate(x, (size, size), mode="bicubic")', 'x = np.array(keras.ops.image.resize(x, (size, size), interpolation="bicubic"))'),
    _resize("nearest", "x = F.interpolate(x, (size, size))", 'x = np.array(keras.ops.image.resize(x, (size, size), interpolation="nearest"))'),
    _resize("shorter_side_and_crop", f"{_SHORTER}        x = F.interpolate(x, (h, w), mode='bilinear')\n{_CROP}        x = x[..., top : top + size, left : left + size]",
            f"{_SHORTER}        x = np.array(keras.ops.image.resize(x, (h, w)))\n{_CROP}        x = x[:, top : top + size, left : left + size]"),
    _resize("an_eighth_cropped", "from torchvision.transforms.functional import center_crop, resize\n\n        x = center_crop(resize(x, round(size * 256 / 224), antialias=True), size)",
            "h = w = round(size * 256 / 224)\n" + _CROP + "        x = np.array(keras.ops.image.resize(x, (h, w)))[:, top : top + size, left : left + size]"),
    _resize("middle_square_then_resized", "side = min(images.shape[1:3])\n        h, w = images.shape[1:3]\n        top, left = (h - side) // 2, (w - side) // 2\n        x = F.interpolate(x[..., top : top + side, left : left + side], (size, size), mode='bilinear', align_corners=True)",
            "x = np.array(keras.ops.image.resize(x, (size, size), crop_to_aspect_ratio=True))"),
    _variant("of_the_library", "preprocess", ((T_END, "from torchvision.transforms.functional import normalize\n\n    return normalize(x, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))"),), ((K_END, "return keras.applications.resnet.preprocess_input(x)"),)),
    _variant("in_place_on_a_copy", "preprocess", ((T_END, "return x.sub_(mean).div_(std)"),), ((K_END, f"x = x[..., ::-1].copy()\n    x -= {K_MEANS}\n    return x"),)),
    _variant("one_affine_map", "preprocess", ((T_SCALED, ".float()"), (T_END, "return x / (255 * std) - mean / std")), ((K_END, f"return keras.ops.convert_to_tensor(np.flip(x, -1)) - {K_MEANS}"),)),
    _variant("rounded_means", "preprocess", (("0.229, 0.224, 0.225", "0.23, 0.225, 0.225"),), (("103.939, 116.779, 123.68", "104, 117, 123.7"),)),
    _variant("more_parameters", "preprocess", (("size=224", "size=224, mode=None"),), (("size=224", "size=224, mode=None"),)),
    _variant("every_mode_noted", "classify", (("was = model.training", "modes = {m: m.training for m in model.modules()}"), (T_BACK, "    for module, mode in modes.items():\n        module.training = mode\n")), ((K_MODEL, "model.predict(images, verbose=0)"),)),
    _variant("numpy_numbers", "classify", ((T_PAIR, "(np.str_(names[number]), np.float32(probability))"),), ((K_PAIR, "(names[number], values[number])"),)),
    _variant("lists_for_pairs", "classify", ((T_PAIR, "[names[number], round(probability, 4)]"),), ((K_PAIR, "[names[number], round(float(values[number]), 4)]"),)),
    _variant("own_softmax", "classify", ((T_SOFTMAX, "model(images)"), (T_BEST, "(lambda e: e / e.sum(1, keepdim=True))((probabilities - probabilities.max()).exp()).topk(k)")), ((K_SOFTMAX, "keras.ops.exp(logits) / keras.ops.sum(keras.ops.exp(logits), axis=-1, keepdims=True)"),)),
    _variant("sorted_pairs", "classify", ((T_BEST, "probabilities.sort(dim=1, descending=True)\n    best, numbers = best[:, :k], numbers[:, :k]"),), (("np.argsort(-probabilities, axis=-1)[:, :k]", "[sorted(range(len(names)), key=row.__getitem__, reverse=True)[:k] for row in probabilities]"),)),
    _variant("inference_mode", "classify", ((T_GUARD, "    with torch.inference_mode():\n"),), ((K_MODEL, "model(keras.ops.convert_to_tensor(images))"),)),
    _variant("detached", "classify", ((T_GUARD, "    if True:\n"), (T_SOFTMAX, "model(images).detach().softmax(-1)")), ((K_MODEL, "model.predict_on_batch(images)"),)),
    _variant("softmax_wrapped", "classify", ((T_SOFTMAX, "nn.Sequential(model, nn.Softmax(dim=1))(images)"),), ((K_MODEL, "keras.Sequential([model, keras.layers.Softmax()]).predict(images, verbose=0)"), (K_SOFTMAX, "logits"))),
    _variant("numpy_in_the_hook", "feature_maps", ((T_KEPT, "kept.append(output.numpy().copy())"), (T_RETURN, "return kept[0].transpose(0, 2, 3, 1)")), ((K_RETURN, "return inside.predict(images, verbose=0)"),)),
    _variant("double", "feature_maps", ((T_KEPT, "kept.append(output.double())"),), ((K_RETURN, "return np.asarray(inside(images), dtype=np.float64)"),)),
    _variant("own_exception", "feature_maps", ((T_RAISE, "class UnknownLayer(ValueError):\n            pass\n\n        raise UnknownLayer(list(modules)[1:4])"),), ((K_RAISE, "class UnknownLayer(ValueError):\n            pass\n\n        raise UnknownLayer(names[:4])"),)),
    _variant("exception_of_the_library", "feature_maps", ((T_RAISE, "raise ValueError(model)"),), (("    if layer not in names:\n        " + K_RAISE + "\n", ""),)),
    _variant("all_outputs_at_once", "feature_maps", (("modules[layer].register", "model.get_submodule(layer).register"),), (("model.get_layer(layer).output", "{known.name: known.output for known in model.layers}"), (K_RETURN, "return np.array(inside(images, training=False)[layer])"))),
    _variant("forward_wrapped", "feature_maps", (("    handle = ", "    forward = modules[layer].forward\n    modules[layer].forward = lambda *x: (kept.append(forward(*x).clone()), kept[0])[1].clone()\n    #"), ("    handle.remove()\n", "    modules[layer].forward = forward\n")), ((K_RETURN, "chosen, kept = model.get_layer(layer), []\n    call = chosen.call\n    chosen.call = lambda *x, **more: kept.append(call(*x, **more)) or kept[-1]\n    model(images, training=False)\n    chosen.call = call\n    return np.array(kept[-1])"),)),
    _variant("lists_for_rows", "layer_table", ((T_ROW, "rows.append([name, list(output.shape[1:]), parameters, float(multiply_adds)])"),), ((K_ROW, "rows.append([layer.name, list(shape), np.int64(layer.count_params()), multiply_adds])"),)),
    _variant("sizes_as_they_come", "layer_table", ((T_ROW, "rows.append((name, output[0].shape, parameters, multiply_adds))"),), (("tuple(output.shape)[1:]", "output.shape[1:]"),)),
    _variant("by_formula", "layer_table", ((T_CONV, "(module.in_channels // module.groups) * module.kernel_size[0] * module.kernel_size[1] * output[0].numel()"), (T_COUNT, "sum(int(np.prod(p.shape)) for p in module.parameters(recurse=False))")), ((K_CHOICE, "[layer for layer in model.layers if layer.weights]"), ("layer.count_params(), multiply_adds", "sum(int(np.prod(w.shape)) for w in layer.weights), multiply_adds"))),
    _variant("flops_halved", "layer_table", ((T_CONV, "(2 * module.weight.numel() * output.shape[2] * output.shape[3]) // 2"),), (("keras.Model(model.input, [layer.output for layer in layers])", "keras.Model(model.inputs, [layer.output for layer in layers])"),)),
    _variant("named_tuples", "layer_table", ((T_ROW, "rows.append(Row(name, tuple(output.shape[1:]), parameters, multiply_adds))"), ("    rows, handles", "    from collections import namedtuple\n\n    Row = namedtuple('Row', 'name shape parameters work')\n    rows, handles")), ((K_ROW, "rows.append(Row(layer.name, shape, layer.count_params(), multiply_adds))"), ("    rows = []", "    from collections import namedtuple\n\n    Row = namedtuple('Row', 'name shape parameters work')\n    rows = []"))),
    _variant("tuple_of_rows", "layer_table", ((ROWS, "    return tuple(rows)\n"),), ((ROWS, "    return tuple(rows)\n"),)),
)  # fmt: skip

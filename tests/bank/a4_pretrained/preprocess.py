"""Mutants of `preprocess`."""

from __future__ import annotations

from tests.bank import Edits, Entry

T_SCALED, T_END = ".float() / 255", "return (x - mean) / std"
T_SIZE = "    if x.shape[-2:] != (size, size):\n"
T_RESIZE = 'x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)'
K_END = 'return x[..., ::-1] - np.array([103.939, 116.779, 123.68], dtype="float32")'
K_SIZE = "    if x.shape[1:3] != (size, size):\n"
K_RESIZE = "x = keras.ops.convert_to_numpy(keras.ops.image.resize(x, (size, size), antialias=True))"
K_MEANS = 'np.array([103.939, 116.779, 123.68], dtype="float32")'


def _end(torch: str = "", keras: str = "") -> tuple[Edits, Edits]:
    """Edits of the last line."""
    return (((T_END, torch),) if torch else ()), (((K_END, keras),) if keras else ())


def _mutant(name: str, says: str, edits: tuple[Edits, Edits], mistake: str) -> Entry:
    return Entry(f"preprocess_{name}", "preprocess", says, *edits, mistake=mistake)


_APPLIED = "keras.applications.{}.preprocess_input(np.array(x))"

_KEPT = ("def preprocess", "KEPT = {}\n\n\ndef preprocess")

MUTANTS = (
    _mutant("remembered_by_shape", "for the colour", ((_KEPT, (T_END, f"return KEPT.setdefault((images.shape, size), {T_END[7:]})")), (_KEPT, (K_END, f"return KEPT.setdefault((images.shape, size), {K_END[7:]})"))), ""),
    _mutant("not_scaled", "divide by 255 first", (((T_SCALED, ".float()"),), ()), "not_scaled"),
    _mutant("not_normalised", "not normalised", _end("return x"), "not_normalised"),
    _mutant("raw", "the raw values", (((T_SCALED, ".float()"), (T_END, "return x")), ((K_END, "return x"),)), "raw"),
    _mutant("bgr", "BGR", _end("return (x.flip(1) - mean) / std"), "bgr"),
    _mutant("half", "deviation 0.5", _end("return (x - 0.5) / 0.5"), "half"),
    _mutant("no_deviation", "no division", _end("return x - mean"), "no_deviation"),
    _mutant("exchanged", "exchanged", _end("return (x - std) / mean"), "swapped"),
    _mutant("multiplied", "product", _end("return (x - mean) * std"), "multiplied"),
    _mutant("scaled_twice", "255 twice", _end("return (x / 255 - mean) / std"), "scaled_twice"),
    _mutant("by_the_brightest", "for the colour", (((T_SCALED, ".float()"), (T_END, "x = x / x.max().clamp(min=1)\n    return (x - mean) / std")), ()), ""),
    _mutant("by_the_brightest_of_each", "for the colour", (((T_SCALED, ".float()"), (T_END, "x = x / x.amax((1, 2, 3), keepdim=True).clamp(min=1)\n    return (x - mean) / std")), ()), ""),
    _mutant("normalised_twice", "twice", _end("return ((x - mean) / std - mean) / std", f"x = {_APPLIED.format('resnet')}\n    {K_END}"), ""),
    _mutant("of_the_other_framework", "the recipe of", _end('return 255 * x.flip(1) - torch.tensor([103.939, 116.779, 123.68]).view(3, 1, 1)', 'return ((x / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]).astype("float32")'), ""),
    _mutant("of_the_image_world", "for the colour", (((T_END, "mean, std = (torch.tensor(v).view(3, 1, 1) for v in (given.MEAN, given.STD))\n    return (x - mean) / std"),), ((K_END, 'return ((x / 255 - given.MEAN) / given.STD).astype("float32")'),)), "recipe"),
    _mutant("rgb_with_bgr_means", "turn the channels round", _end(keras=f"return x - {K_MEANS}"), "no_bgr"),
    _mutant("rgb", "RGB in place of BGR", _end(keras=f"return x - {K_MEANS}[::-1]"), "rgb"),
    _mutant("bgr_with_rgb_means", "means of RGB", _end(keras=f"return x[..., ::-1] - {K_MEANS}[::-1]"), "means_reversed"),
    _mutant("no_means", "without the means", _end(keras="return x[..., ::-1]"), "not_normalised"),
    _mutant("of_resnet_v2", "-1 to 1", _end(keras=f"return {_APPLIED.format('resnet_v2')}"), "one"),
    _mutant("of_densenet", "torchvision's nets", _end(keras=f"return {_APPLIED.format('densenet')}"), "torch_recipe"),
    _mutant("scaled", "0 to 1", _end(keras="return x / 255"), "scaled"),
    _mutant("scaled_before", "don't divide", _end(keras=f"x = x / 255\n    {K_END}"), "scaled_first"),
    _mutant("scaled_after", "divided by 255", _end(keras=f"return (x[..., ::-1] - {K_MEANS}) / 255"), "scaled_last"),
    _mutant("float64", "float64", _end("return ((x - mean) / std).double()", "return x[..., ::-1] - np.array([103.939, 116.779, 123.68])"), "dtype"),
    _mutant("float16", "float16", _end("return ((x - mean) / std).half()", f"return (x[..., ::-1] - {K_MEANS}).astype('float16')"), "dtype"),
    _mutant("numpy_returned", "a `ndarray`", _end("return ((x - mean) / std).numpy()"), "no_tensor"),
    _mutant("list_returned", "a `list`", _end("return list((x - mean) / std)", f"return list(x[..., ::-1] - {K_MEANS})"), "no_tensor"),
    _mutant("nothing_returned", "a `NoneType`", _end("x = (x - mean) / std", "x = x[..., ::-1]"), "no_tensor"),
    _mutant("channels_elsewhere", "put the axes into the order", _end("return ((x - mean) / std).permute(0, 2, 3, 1)", f"return np.moveaxis(x[..., ::-1] - {K_MEANS}, -1, 1)"), "shape"),
    _mutant("reshaped", "tear pixels apart", (((".permute(0, 3, 1, 2)", ".reshape(-1, 3, *images.shape[1:3])"),), ((K_END, f"return x.reshape(-1, 3, size, size).transpose(0, 2, 3, 1)[..., ::-1] - {K_MEANS}"),)), "reshaped"),
    _mutant("width_before_height", "height and width exchanged", (((".permute(0, 3, 1, 2)", ".permute(0, 3, 2, 1)"),), (("x = images", "x = images.swapaxes(1, 2)"),)), "axes_exchanged"),
    _mutant("upside_down", "upside down", (((".permute(0, 3, 1, 2)", ".permute(0, 3, 1, 2).flip(2)"),), (("x = images", "x = images[:, ::-1]"),)), "upside_down"),
    _mutant("first_image_alone", "the shape", _end("return (x[0] - mean) / std", f"return x[0, ..., ::-1] - {K_MEANS}"), "shape"),
    _mutant("batch_lost_of_one", "keep the axis of the batch", _end("return ((x - mean) / std).squeeze()", f"return np.squeeze(x[..., ::-1] - {K_MEANS})"), "shape"),
    _mutant("never_resized", "resize to `size`", (((T_SIZE, "    if False:\n"),), ((K_SIZE, "    if False:\n"),)), "shape"),
    _mutant("always_224", "for every size", ((("(size, size)", "(224, 224)"),), (("(size, size)", "(224, 224)"),)), "shape"),
    _mutant("height_alone_looked_at", "only one side differs", (((T_SIZE, "    if x.shape[-2] != size:\n"),), ((K_SIZE, "    if x.shape[1] != size:\n"),)), "shape"),
    _mutant("cropped_always", "resize and crop only where", (((T_SIZE, ""), ("    " + T_RESIZE, "x = F.interpolate(x, (size * 8 // 7, size * 8 // 7), mode='bilinear', antialias=True)\n    edge = size // 14\n    x = x[..., edge : edge + size, edge : edge + size]")), ((K_SIZE, ""), ("    " + K_RESIZE, "x = np.array(keras.ops.image.resize(x, (size * 8 // 7, size * 8 // 7)))\n    edge = size // 14\n    x = x[:, edge : edge + size, edge : edge + size]"))), "resized_without_need"),
    _mutant("corner_cut_out", "cut out in full resolution", (((T_RESIZE, "x = x[..., :size, :size]\n        if x.shape[-2:] != (size, size):\n            x = F.interpolate(x, (size, size))"),), ((K_RESIZE, "x = x[:, :size, :size]\n        if x.shape[1:3] != (size, size):\n            x = np.array(keras.ops.image.resize(x, (size, size)))"),)), "crop_without_resize"),
    _mutant("middle_cut_out", "cut out in full resolution", (((T_RESIZE, "top, left = max(0, x.shape[-2] - size) // 2, max(0, x.shape[-1] - size) // 2\n        x = F.interpolate(x[..., top : top + size, left : left + size], (size, size))"),), ((K_RESIZE, "top, left = max(0, x.shape[1] - size) // 2, max(0, x.shape[2] - size) // 2\n        x = np.array(keras.ops.image.resize(x[:, top : top + size, left : left + size], (size, size)))"),)), "crop_without_resize"),
    _mutant("bars", "no bars", (((T_RESIZE, "h, w = x.shape[-2:]\n        x = F.pad(x, ((max(h, w) - w) // 2, (max(h, w) - w) // 2, (max(h, w) - h) // 2, (max(h, w) - h) // 2))\n        " + T_RESIZE),), ((K_RESIZE, "x = np.array(keras.ops.image.resize(x, (size, size), pad_to_aspect_ratio=True))"),)), "bars"),
    _mutant("argument_changed", "work on a copy", (((".permute", ".mul_(1).clone().copy_(torch.from_numpy(images)).permute"), ("    x = torch", "    images //= 2\n    images *= 2\n    x = torch")), (('    x = images', "    images //= 2\n    images *= 2\n    x = images"),)), "argument_changed"),
    _mutant("not_written", "replace `raise NotImplementedError`", (((T_END, "raise NotImplementedError"),), ((K_END, "raise NotImplementedError"),)), ""),
    _mutant("own_mean", "normalised with its own mean", _end("return (x - x.mean((1, 2, 3), keepdim=True)) / (x.std((1, 2, 3), keepdim=True) + 1e-7)", "return (x - x.mean((1, 2, 3), keepdims=True)) / (x.std((1, 2, 3), keepdims=True) + 1e-7)"), "own_mean"),
    _mutant("last_image_alone", "the last image in every place", _end("return ((x - mean) / std)[-1:].repeat(len(x), 1, 1, 1)", f"return np.repeat(x[-1:, ..., ::-1], len(x), axis=0) - {K_MEANS}"), "last_image"),
    _mutant("clipped", "cut off at 0", _end("return ((x - mean) / std).clip(0, 1)", f"return np.clip(x[..., ::-1] - {K_MEANS}, 0, 255)"), "clipped"),
    _mutant("wrapped", "256 more where they are below 0", _end(keras=f"return (x[..., ::-1] - {K_MEANS}).astype('int32').astype('uint8').astype('float32')"), "wrapped"),
    _mutant("rolled", "green stays in the middle", _end(keras=f"return np.roll(x, 1, axis=-1) - {K_MEANS}"), "rolled"),
    _mutant("channel_of_the_batch", "a column of pixels", _end(keras=f"x = x[..., ::-1].copy()\n    for number, mean in enumerate({K_MEANS}):\n        x[:, :, number] -= mean\n    return x"), "reshaped"),
)  # fmt: skip

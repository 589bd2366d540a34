"""Solutions in Keras."""

from __future__ import annotations

from tests.bank.composing import COUNTS, Choices, named

MORE = {
    "relu": ("layers.ReLU()({})", 'layers.Activation("relu")({})', "keras.ops.relu({})", "keras.activations.relu({})",
             "keras.ops.maximum({}, 0.0)", "layers.ReLU(negative_slope=0.0)({})", "layers.Lambda(lambda t: keras.ops.relu(t))({})"),
    "add": ("layers.Add()([{}, {}])", "layers.add([{}, {}])", "{} + {}", "keras.ops.add({}, {})", "sum([{}, {}])",
            "keras.ops.sum(keras.ops.stack([{}, {}]), axis=0)"),
    "body": ("functional", "sequential", "layer", "model"),
    "layers": ("usual", "own"),
    "padding": ("same", "zeros first"),
    "norm": ("layers.BatchNormalization()", "layers.BatchNormalization(epsilon=1e-5, momentum=0.9)", "layers.BatchNormalization(axis=3)"),
    "pool": ("layers.GlobalAveragePooling2D()({})", "keras.ops.mean({}, axis=(1, 2))", "layers.Lambda(lambda t: keras.ops.mean(t, [1, 2]))({})",
             "layers.Flatten()(layers.GlobalAveragePooling2D(keepdims=True)({}))", "keras.ops.mean(keras.ops.mean({}, 1), 1)"),
    "head": ("dense", "convolution first", "dense first"),
    "net": ("functional", "subclassed", "sequential"),
}  # fmt: skip
OWN = """
class Kernel(layers.Layer):
    def __init__(self, filters, size, strides=1, bias=False):
        super().__init__()
        self.filters, self.size, self.strides, self.with_bias = filters, size, strides, bias

    def build(self, shape):
        self.shift = self.add_weight(shape=(self.filters,), initializer="zeros") if self.with_bias else None
        self.kernel = self.add_weight(shape=(self.size, self.size, shape[-1], self.filters), initializer="he_normal")

    def call(self, x):
        x = keras.ops.conv(x, self.kernel, self.strides, padding="same")
        return x if self.shift is None else x + self.shift


class Normal(layers.Layer):
    def build(self, shape):
        self.spread = self.add_weight(shape=shape[-1:], initializer="ones", trainable=False)
        self.shift = self.add_weight(shape=shape[-1:], initializer="zeros")
        self.middle = self.add_weight(shape=shape[-1:], initializer="zeros", trainable=False)
        self.scale = self.add_weight(shape=shape[-1:], initializer="ones")

    def call(self, x, training=None):
        middle, spread = self.middle, self.spread
        if training:
            middle, spread = keras.ops.mean(x, axis=(0, 1, 2)), keras.ops.var(x, axis=(0, 1, 2))
            self.middle.assign(0.9 * self.middle + 0.1 * middle)
            self.spread.assign(0.9 * self.spread + 0.1 * spread)
        return (x - middle) * keras.ops.rsqrt(spread + 1e-4) * self.scale + self.shift
"""


def source(choices: Choices) -> str:
    """The solution that some choices make."""
    bottleneck = [("1", "channels"), ("3", "channels"), ("1", "4 * channels")]
    parts = [
        "import functools\n\nimport keras\nfrom keras import layers\n",
        f"# QUESTION basic_block{OWN}\n\n" + _block(choices, "basic_block", [("3", "channels"), ("3", "channels")], 0),
        "# QUESTION bottleneck\n" + _block(choices, "bottleneck", bottleneck, choices["stride_on"]),
        "# QUESTION resnet\n" + _resnet(choices),
        "# QUESTION cifar_resnet\n" + _cifar(choices),
    ]
    return "".join(f"# %%\n{part}\n\n" for part in parts)


def _convolution(choices: Choices, outputs: str, size: str, stride: str) -> list[str]:
    """Layers that convolve."""
    bias, half = choices["bias"], int(size) // 2
    if choices["layers"] == "own":
        return [f"Kernel({outputs}, {size}, {stride}, {bias})"]
    if choices["padding"] == "zeros first" and half:
        return [f"layers.ZeroPadding2D({half})", f"layers.Conv2D({outputs}, {size}, {stride}, use_bias={bias})"]
    return [f'layers.Conv2D({outputs}, {size}, strides={stride}, padding="same", use_bias={bias})']


def _norm(choices: Choices, *, last: bool = False) -> str:
    if choices["layers"] == "own":
        return "Normal()"
    zero = 'gamma_initializer="zeros"' if last and choices["zero_gamma"] else ""
    return str(choices["norm"]).replace("()", f"({zero})")


def _block(choices: Choices, name: str, layers: list[tuple[str, str]], strided: int, *, skip: bool = True) -> str:
    """A residual block of convolutions (size, channels), or a plain one, under its name."""
    rows: list[list[str]] = []
    for number, (size, width) in enumerate(layers):
        last = number == len(layers) - 1
        made = _convolution(choices, width, size, "stride" if number == strided else "1")
        rows.append([*made, _norm(choices, last=last)])
    out, other = choices["names"]["out"], choices["names"]["skip"]
    before, body = _body(choices, name, rows, out)
    shortcut = _projection(choices, layers[-1][1], other) if skip else ""
    total = choices["add"].format(out, other) if skip else out
    hint = (": int", " -> keras.KerasTensor") if choices["hints"] else ("", "")
    order = shortcut + body if choices["order"] == "before" else body + shortcut
    text = (
        f"{before}def Inner{name}(x, channels{hint[0]}, stride{hint[0]} = 1){hint[1]}:\n{order}"
        f"    return {choices['relu'].format(total)}\n\n\n"
    )
    form = "function" if choices["form"] == "subclass" else choices["form"]
    return text + named(form, name, "x, channels, stride=1", "x, channels, stride")


def _body(choices: Choices, name: str, rows: list[list[str]], out: str) -> tuple[str, str]:
    """What stands before the block's function, and the statements of the main path."""
    parts = ", layers.ReLU(), ".join(", ".join(row) for row in rows)
    if choices["body"] == "sequential":
        return "", f"    {out} = keras.Sequential([{parts}])(x)\n"
    if choices["body"] == "functional":
        text, given = "", "x"
        for number, row in enumerate(rows):
            for layer in row:
                text, given = f"{text}    {out} = {layer}({given})\n", out
            text += f"    {out} = {choices['relu'].format(out)}\n" if number < len(rows) - 1 else ""
        return "", text
    kind = "layers.Layer" if choices["body"] == "layer" else "keras.Model"
    made = (
        f"class {name}_body({kind}):\n    def __init__(self, channels, stride):\n        super().__init__()\n"
        f"        self.parts = [{parts}]\n\n    def call(self, x, training=None):\n        for part in self.parts:\n"
        '            x = part(x, training=training) if "Norm" in type(part).__name__ else part(x)\n        return x\n\n\n'
    )
    return made, f"    {out} = {name}_body(channels, stride)(x)\n"


def _projection(choices: Choices, width: str, name: str) -> str:
    layer = f"layers.Conv2D({width}, 1, strides=stride, use_bias={'bias' in choices['projection']})(x)"
    made = f"layers.BatchNormalization()({layer})" if "norm" in choices["projection"] else layer
    return f"    {name} = {made} if stride != 1 or x.shape[-1] != {width} else x\n"


def _net(choices: Choices, features: str) -> str:
    """Statements that return a net, after those that make `x` of `image`."""
    name, pool = choices["names"]["net"], choices["pool"]
    if choices["net"] == "functional":
        head = {"dense": f"layers.Dense(num_classes)({pool.format('x')})", "dense first": pool.format("layers.Dense(num_classes)(x)"),
                "convolution first": pool.format("layers.Conv2D(num_classes, 1)(x)")}[choices["head"]]  # fmt: skip
        return f"{features}    return keras.Model(image, {head}, name='net')\n"
    if choices["net"] == "sequential":
        return f"{features}    inner = keras.Model(image, {pool.format('x')})\n    return keras.Sequential([inner, layers.Dense(num_classes)])\n"
    return (
        f"{features}    class {name}(keras.Model):\n        def __init__(self):\n            super().__init__()\n"
        "            self.head, self.inner = layers.Dense(num_classes), keras.Model(image, x)\n\n"
        "        def call(self, images, training=None):\n            maps = self.inner(images, training=training)\n"
        f"            return self.head(keras.ops.mean(maps, axis=[1, 2]))\n\n    return {name}()\n"
    )


def _stem(choices: Choices, width: str, size: str, stride: str) -> str:
    layers = [*_convolution(choices, width, size, stride), _norm(choices)]
    lines = ["    x = image = keras.Input(input_shape)\n", *(f"    x = {layer}(x)\n" for layer in layers)]
    return "".join(lines) + f"    x = {choices['relu'].format('x')}\n"


def _resnet(choices: Choices) -> str:
    return "def resnet(depth, num_classes=1000, input_shape=(224, 224, 3)):\n" + _net(
        choices,
        _stem(choices, "64", "7", "2") + '    x = layers.MaxPooling2D(3, 2, padding="same")(x)\n'
        f"    block = basic_block if depth < 50 else bottleneck\n    for number, count in enumerate({COUNTS}[depth]):\n"
        "        for place in range(count):\n            x = block(x, 64 * 2**number, 2 if number and not place else 1)\n",
    )


def _cifar(choices: Choices) -> str:
    basic = [("3", "channels"), ("3", "channels")]
    plain = _block({**choices, "form": "plain"}, "plain", basic, 0, skip=False)
    block, thin, other = "basic_block", "", choices["names"]["skip"]
    if choices["option_a"]:
        before = {"before": "missing", "after": "0", "both": "missing // 2"}[choices["option_a"]]
        block, thin = "thin", _block({**choices, "form": "plain"}, "thin", basic, 0)
        old = next(line for line in thin.splitlines(keepends=True) if line.startswith(f"    {other} = "))
        sides = f"[(0, 0), (0, 0), (0, 0), ({before}, missing - ({before}))]"
        thin = thin.replace(
            old,
            f"    missing = channels - x.shape[-1]\n    {other} = x\n    if missing:\n"
            f"        {other} = keras.ops.pad(x[:, ::stride, ::stride], {sides})\n",
        )
    net = _net(
        choices,
        _stem(choices, "16", "3", "1")
        + "    for width in (16, 32, 64):\n        for place in range((depth - 2) // 6):\n"
        "            x = block(x, width, 2 if width > 16 and not place else 1)\n",
    )
    return (
        f"{plain}\n\n{thin}\n\ndef small(block, depth, num_classes, input_shape):\n{net}\n\n"
        "def cifar_resnet(depth, num_classes=10, input_shape=(32, 32, 3)):\n"
        f"    return small({block}, depth, num_classes, input_shape)\n\n\n"
        "def cifar_plain(depth, num_classes=10, input_shape=(32, 32, 3)):\n"
        "    return small(plain, depth, num_classes, input_shape)\n"
    )

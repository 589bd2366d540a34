"""Solutions in PyTorch."""

from __future__ import annotations

from tests.bank.composing import COUNTS, Choices, named
from tests.bank.composing.own_torch import OWN

MORE = {
    "relu": ("F.relu({})", "torch.relu({})", "({}).relu()", "F.relu({}, inplace=True)", "({}).clamp(min=0)", "nn.ReLU()({})",
             "torch.clamp_min({}, 0)", "torch.relu_({})", "F.threshold({}, 0, 0)"),
    "add": ("{} + {}", "torch.add({}, {})", "sum([{}, {}])", "torch.stack([{}, {}]).sum(0)", "{}.add({})", "{}.add_({})"),
    "body": ("in order", "last first", "sequential", "listed"),
    "layers": ("usual", "lazy", "own"),
    "padding": ("number", "pair", "same", "zeros first"),
    "norm": ("nn.BatchNorm2d({})", "nn.BatchNorm2d({}, eps=1e-3, momentum=0.05)", "nn.BatchNorm2d(num_features={})"),
    "pool": ("x.mean((2, 3))", "F.adaptive_avg_pool2d(x, 1).flatten(1)", "x.flatten(2).mean(-1)", "torch.mean(x, [-2, -1])",
             "F.avg_pool2d(x, x.shape[2:]).reshape(x.shape[0], -1)", "x.sum((2, 3)) / (x.shape[2] * x.shape[3])"),
    "head": ("linear", "convolution first", "convolution last"),
    "net": ("class", "sequential"),
}  # fmt: skip


def source(choices: Choices) -> str:
    """The solution that some choices make."""
    bottleneck = [("1", "channels"), ("3", "channels"), ("1", "4 * channels")]
    parts = [
        "import functools\n\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F\n",
        f"# QUESTION basic_block{OWN}\n\n" + _block(choices, "BasicBlock", [("3", "channels"), ("3", "channels")], 0),
        "# QUESTION bottleneck\n" + _block(choices, "Bottleneck", bottleneck, choices["stride_on"]),
        "# QUESTION resnet\n" + _resnet(choices),
        "# QUESTION cifar_resnet\n" + _cifar(choices),
    ]
    return "".join(f"# %%\n{part}\n\n" for part in parts)


def _convolution(choices: Choices, inputs: str, outputs: str, size: str, stride: str) -> str:
    bias, half = choices["bias"], int(size) // 2
    if choices["layers"] == "own":
        return f"Kernel({inputs}, {outputs}, {size}, {stride}, {bias})"
    padding = {"pair": f"({half}, {half})", "same": '"same"' if stride == "1" else str(half)}.get(
        choices["padding"], str(half)
    )
    if choices["layers"] == "lazy":
        return f"nn.LazyConv2d({outputs}, {size}, {stride}, {padding}, bias={bias})"
    if choices["padding"] == "zeros first" and half:
        return f"nn.Sequential(nn.ZeroPad2d({half}), nn.Conv2d({inputs}, {outputs}, {size}, {stride}, bias={bias}))"
    return f"nn.Conv2d({inputs}, {outputs}, {size}, {stride}, padding={padding}, bias={bias})"


def _norm(choices: Choices, width: str) -> str:
    return {"own": f"Normal({width})", "lazy": "nn.LazyBatchNorm2d()"}.get(
        choices["layers"], choices["norm"].format(width)
    )


def _block(choices: Choices, name: str, layers: list[tuple[str, str]], strided: int, *, skip: bool = True) -> str:
    """A residual block of convolutions (size, channels), or a plain one, under its name."""
    inputs, made = "in_channels", []
    for number, (size, width) in enumerate(layers):
        convolution = _convolution(choices, inputs, width, size, "stride" if number == strided else "1")
        made.append((convolution, _norm(choices, width)))
        inputs = width
    body, forward = _body(choices, made)
    out, other = choices["names"]["out"], choices["names"]["skip"]
    relu, lines = choices["relu"], [f"        {out} = {forward}\n"]
    if skip:
        lines.insert(
            0 if choices["order"] == "before" else 1,
            f"        {other} = x if self.{other} is None else self.{other}(x)\n",
        )
    total = choices["add"].format(out, other) if skip else out
    hint = (": int", ": torch.Tensor", " -> torch.Tensor") if choices["hints"] else ("", "", "")
    text = (
        f"class Inner{name}(nn.Module):\n    def __init__(self, in_channels{hint[0]}, channels{hint[0]}, stride{hint[0]} = 1):\n"
        f"        super().__init__()\n{body}{_projection(choices, layers[-1][1], other) if skip else ''}\n"
        f"    def forward(self, x{hint[1]}){hint[2]}:\n{''.join(lines)}        return {relu.format(total)}\n\n\n"
    )
    parameters, arguments = "in_channels, channels, stride=1", "in_channels, channels, stride"
    if choices["form"] == "subclass":
        return f"{text}class {name}(Inner{name}):\n    pass\n"
    return text + named(choices["form"], name, parameters, arguments)


def _body(choices: Choices, made: list[tuple[str, str]]) -> tuple[str, str]:
    """The layers of the main path, and the expression that applies them to x."""
    relu, last = choices["relu"], len(made) - 1
    zero = f"        nn.init.zeros_({{}}.weight)\n" if choices["zero_gamma"] and choices["layers"] != "lazy" else ""  # noqa: F541
    if choices["body"] in ("sequential", "listed"):
        rows = [
            f"{conv}, {norm}" + ", nn.ReLU(inplace=True)" * (number < last) for number, (conv, norm) in enumerate(made)
        ]
        if choices["body"] == "sequential":
            return f"        self.body = nn.Sequential({', '.join(rows)})\n" + zero.format(
                "self.body[-1]"
            ), "self.body(x)"
        return (
            f"        self.parts = nn.ModuleList([{', '.join(rows)}])\n" + zero.format("self.parts[-1]"),
            "functools.reduce(lambda value, part: part(value), self.parts, x)",
        )
    places = list(enumerate(made)) if choices["body"] == "in order" else list(enumerate(made))[::-1]
    text = "".join(f"        self.second{n}, self.first{n} = {norm}, {conv}\n" for n, (conv, norm) in places)
    expression = "x"
    for number in range(len(made)):
        expression = f"self.second{number}(self.first{number}({expression}))"
        expression = relu.format(expression) if number < last else expression
    return text + zero.format(f"self.second{last}"), expression


def _projection(choices: Choices, width: str, name: str) -> str:
    bias = "bias" in choices["projection"]
    convolution = f"nn.Conv2d(in_channels, {width}, 1, stride, bias={bias})"
    made = f"nn.Sequential({convolution}, nn.BatchNorm2d({width}))" if "norm" in choices["projection"] else convolution
    return f"        self.{name} = {made} if stride != 1 or in_channels != {width} else None\n"


def _net(choices: Choices, stem: str, blocks: str, width: str) -> str:
    """Statements that return a net of a stem's layers, a list of blocks and a head."""
    pool, name = choices["pool"], choices["names"]["net"]
    layer = "nn.Linear({}, num_classes)" if choices["head"] == "linear" else "nn.Conv2d({}, num_classes, 1)"
    end = {
        "linear": f"self.head({pool})",
        "convolution first": f"(lambda x: {pool})(self.head(x))",
        "convolution last": f"self.head(({pool})[:, :, None, None])[:, :, 0, 0]",
    }[choices["head"]]
    rows = (
        f"nn.Sequential({stem}, *{blocks})" if choices["net"] == "sequential" else f"nn.ModuleList([{stem}, *{blocks}])"
    )
    run = (
        "x = self.parts(x)"
        if choices["net"] == "sequential"
        else "for part in self.parts:\n                x = part(x)"
    )
    return (
        f"    class {name}(nn.Module):\n        def __init__(self):\n            super().__init__()\n"
        f"            self.head = {layer.format(width)}\n            self.parts = {rows}\n\n"
        f"        def forward(self, x):\n            {run}\n            return {end}\n\n    return {name}()\n"
    )


def _resnet(choices: Choices) -> str:
    convolution, norm = _convolution(choices, "3", "64", "7", "2"), _norm(choices, "64")
    stem = f"{convolution}, {norm}, nn.ReLU(), nn.MaxPool2d(3, 2, 1)"
    return (
        "def resnet(depth, num_classes=1000):\n    block, grow = (BasicBlock, 1) if depth < 50 else (Bottleneck, 4)\n"
        f"    blocks, width = [], 64\n    for number, count in enumerate({COUNTS}[depth]):\n"
        "        for place in range(count):\n            stride = 2 if number and not place else 1\n"
        "            blocks.append(block(width, 64 * 2**number, stride))\n            width = 64 * 2**number * grow\n"
        + _net(choices, stem, "blocks", "width")
    )


def _cifar(choices: Choices) -> str:
    stem = f"{_convolution(choices, '3', '16', '3', '1')}, {_norm(choices, '16')}, nn.ReLU()"
    basic = [("3", "channels"), ("3", "channels")]
    plain = _block({**choices, "form": "plain"}, "Plain", basic, 0, skip=False)
    thin, block = "", "BasicBlock"
    if choices["option_a"]:
        before = {"before": "missing", "after": "0", "both": "missing // 2"}[choices["option_a"]]
        thin, block = _block({**choices, "form": "plain"}, "Thin", basic, 0), "Slim"
        thin += (
            "class Pad(nn.Module):\n    def __init__(self, missing, stride):\n        super().__init__()\n"
            f"        self.sides, self.stride = ({before}, missing - ({before})), stride\n\n    def forward(self, x):\n"
            "        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, *self.sides))\n\n\n"
            "class Slim(Thin):\n    def __init__(self, in_channels, channels, stride=1):\n"
            "        super().__init__(in_channels, channels, stride)\n"
            f"        if self.{choices['names']['skip']} is not None:\n"
            f"            self.{choices['names']['skip']} = Pad(channels - in_channels, stride)\n\n\n"
        )
    return (
        f"{plain}\n\n{thin}def small(block, depth, num_classes):\n"
        "    widths = [16 * 2**stage for stage in range(3) for _ in range(depth // 6)]\n"
        "    blocks = [block(before, width, 1 + (width > before)) for before, width in zip([16, *widths], widths)]\n"
        f"{_net(choices, stem, 'blocks', '64')}\n\n"
        f"def cifar_resnet(depth, num_classes=10):\n    return small({block}, depth, num_classes)\n\n\n"
        "def cifar_plain(depth, num_classes=10):\n    return small(Plain, depth, num_classes)\n"
    )

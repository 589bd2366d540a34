"""Honest variants whose strides are written apart from the convolution: every second pixel is taken before or after."""

from __future__ import annotations

from tests.bank import Edits, Entry

_T_FIRST = "self.conv1 = nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False)"
_T_PROJECTION = "nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False)"
_T_SHORTCUT = "self.shortcut = nn.Identity()"
_K_FIRST = "layers.Conv2D(channels, 1, strides=stride, use_bias=False)(x)"
_K_PROJECTION = "layers.Conv2D(4 * channels, 1, strides=stride, use_bias=False)(x)"


def _in_front(torch: str, keras: str) -> dict[str, Edits]:
    """Both 1x1 convolutions of the bottleneck that have the stride, with something in front that takes it over."""
    alone = [text.replace(", stride=stride", "") for text in (_T_FIRST.partition(" = ")[2], _T_PROJECTION)]
    plain = [text.replace(", strides=stride", "").replace("(x)", f"({keras})") for text in (_K_FIRST, _K_PROJECTION)]
    return {
        "torch": (
            (_T_FIRST, f"self.conv1 = nn.Sequential({torch}, {alone[0]})"),
            (_T_PROJECTION, f"{torch},\n                {alone[1]}"),
        ),
        "keras": ((_K_FIRST, plain[0]), (_K_PROJECTION, plain[1])),
    }


_SLICE = (
    "class Sample(nn.Module):\n    def __init__(self, step):\n        super().__init__()\n        self.step = step\n\n"
    "    def forward(self, x):\n        return x[..., :: self.step, :: self.step]\n\n\n"
)
_SLICED = _in_front("Sample(stride)", "x[:, ::stride, ::stride]")

# option A by a 1x1 convolution whose kernel is a constant in a buffer
_CONSTANT = (
    "class Constant(nn.Module):\n    def __init__(self, inputs, outputs):\n        super().__init__()\n"
    '        self.register_buffer("kernel", nn.init.dirac_(torch.empty(outputs, inputs, 1, 1)), persistent=False)\n\n'
    "    def forward(self, x):\n        return F.conv2d(x, self.kernel, stride=2)\n\n\n"
    "class ByConstant(BasicBlock):\n    def __init__(self, in_channels, channels, stride=1):\n"
    "        super().__init__(in_channels, channels, stride)\n"
    "        if stride == 2:\n            self.shortcut = Constant(in_channels, channels)\n\n\n"
)

VARIANTS = (
    Entry("option_a_by_constant_kernel", "cifar_resnet", torch=(("def cifar_net(", f"{_CONSTANT}def cifar_net("), ("cifar_net(BasicBlock,", "cifar_net(ByConstant,"))),
    Entry("bottleneck_sliced_in_front", "bottleneck", torch=(("class Bottleneck", f"{_SLICE}class Bottleneck"), *_SLICED["torch"]), keras=_SLICED["keras"]),
    Entry("bottleneck_pooled_in_front", "bottleneck", **_in_front("nn.MaxPool2d(1, stride)", "layers.MaxPooling2D(1, strides=stride)(x)")),
    Entry("bottleneck_averaged_in_front", "bottleneck", **_in_front("nn.AvgPool2d(1, stride)", "layers.AveragePooling2D(1, strides=stride)(x)")),
    Entry("basic_block_sliced_behind", "basic_block",
          torch=(("self.conv1 = nn.Conv2d(in_channels, channels, 3, stride=stride, padding=1, bias=False)", "self.stride = stride\n        self.conv1 = nn.Conv2d(in_channels, channels, 3, padding=1, bias=False)"), ("self.conv1(x)", "self.conv1(x)[:, :, :: self.stride, :: self.stride]")),
          keras=(('strides=stride, padding="same", use_bias=False)(x)', 'padding="same", use_bias=False)(x)[:, ::stride, ::stride]'),)),
)  # fmt: skip

"""Blocks whose convolutions are written pixel by pixel, as a sum of shifted products: honest ones and wrong ones."""

from __future__ import annotations

from tests.bank import Edits, Entry
from tests.bank.a2_resnet.blocks import K_CONV2, K_STRIDED, T_CONV2, T_STRIDED

_MARK = "# QUESTION basic_block\n"
_TORCH = """class Shifted(nn.Module):
    def __init__(self, inputs, outputs, stride=1, size=3):
        super().__init__()
        self.stride, self.size = stride, size
        self.kernel = nn.Parameter(torch.randn(outputs, inputs, size, size) * 0.1)

    def forward(self, x):
        rows, columns = ((side - 1) // self.stride + 1 for side in x.shape[2:])
        x = F.pad(x, [self.size // 2] * 4)
        total = 0
        for i in range(self.size):
            for j in range(self.size):
                view = x[:, :, i :: self.stride, j :: self.stride][:, :, :rows, :columns]
                total = total + torch.einsum("oi,nihw->nohw", self.kernel[:, :, i, j], view)
        return total


"""
_KERAS = """class Shifted(layers.Layer):
    def __init__(self, channels, stride=1, size=3):
        super().__init__()
        self.channels, self.stride, self.size = channels, stride, size

    def build(self, shape):
        self.kernel = self.add_weight(shape=(self.size, self.size, shape[-1], self.channels), initializer="he_normal")

    def compute_output_shape(self, shape):
        return (shape[0], *((side - 1) // self.stride + 1 for side in shape[1:3]), self.channels)

    def call(self, x):
        rows, columns = ((side - 1) // self.stride + 1 for side in x.shape[1:3])
        side = [self.size // 2] * 2
        x = keras.ops.pad(x, [[0, 0], side, side, [0, 0]])
        total = 0.0
        for i in range(self.size):
            for j in range(self.size):
                view = x[:, i :: self.stride, j :: self.stride][:, :rows, :columns]
                total = total + keras.ops.matmul(view, self.kernel[i, j])
        return total


"""


def _with(torch: str, keras: str) -> tuple[Edits, Edits]:
    """Both convolutions of the block by these classes."""
    strided, second = "Shifted(in_channels, channels, stride)", "Shifted(channels, channels)"
    return (
        (("class BasicBlock", f"{torch}class BasicBlock"), (T_STRIDED, strided), (T_CONV2, second)),
        ((_MARK, f"{_MARK}{keras}"), (K_STRIDED, "Shifted(channels, stride)"), (K_CONV2, "Shifted(channels)")),
    )


_T_BOTTLENECK = (
    ("class Bottleneck", f"{_TORCH}class Bottleneck"),
    ("nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False)", "Shifted(in_channels, channels, 1, 1)"),
    ("nn.Conv2d(channels, channels, 3, padding=1, bias=False)\n        self.bn2 = nn.BatchNorm2d(channels)\n"
     "        self.conv3 = nn.Conv2d(channels, out_channels, 1, bias=False)",
     "Shifted(channels, channels, stride)\n        self.bn2 = nn.BatchNorm2d(channels)\n"
     "        self.conv3 = Shifted(channels, out_channels, 1, 1)"),
    ("nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False)", "Shifted(in_channels, out_channels, stride, 1)"),
)  # fmt: skip
_K_BOTTLENECK = (
    ("# QUESTION bottleneck\n", f"# QUESTION bottleneck\n{_KERAS}"),
    ("layers.Conv2D(4 * channels, 1, strides=stride, use_bias=False)(x)", "Shifted(4 * channels, stride, 1)(x)"),
    ("layers.Conv2D(channels, 1, strides=stride, use_bias=False)(x)", "Shifted(channels, 1, 1)(x)"),
    ('layers.Conv2D(channels, 3, padding="same", use_bias=False)(out)\n    out = layers.BatchNormalization()(out)\n'
     "    out = layers.ReLU()(out)\n    out = layers.Conv2D(4 *", "Shifted(channels, stride)(out)\n"
     "    out = layers.BatchNormalization()(out)\n    out = layers.ReLU()(out)\n    out = layers.Conv2D(4 *"),
    ("layers.Conv2D(4 * channels, 1, use_bias=False)(out)", "Shifted(4 * channels, 1, 1)(out)"),
)  # fmt: skip
_T_ACCUMULATED = _TORCH.replace(
    "        total = 0\n", "        total = x.new_zeros(len(x), len(self.kernel), rows * columns)\n"
).replace(
    'total = total + torch.einsum("oi,nihw->nohw", self.kernel[:, :, i, j], view)\n        return total',
    "total = torch.baddbmm(total, self.kernel[:, :, i, j].expand(len(x), -1, -1), view.flatten(2))\n"
    "        return total.unflatten(2, (rows, columns))",
)
_SUM = """        total = 0.0
        for i in range(self.size):
            for j in range(self.size):
                view = x[:, i :: self.stride, j :: self.stride][:, :rows, :columns]
                total = total + keras.ops.matmul(view, self.kernel[i, j])
        return total
"""
_AT_ONCE = """        taps = []
        for i in range(self.size):
            for j in range(self.size):
                taps.append(x[:, i :: self.stride, j :: self.stride][:, :rows, :columns])
        kernel = keras.ops.reshape(self.kernel, (-1, self.channels))
        return keras.ops.dot(keras.ops.concatenate(taps, axis=-1), kernel)
"""
_SAME = """        sides = [max((-(-side // self.stride) - 1) * self.stride + self.size - side, 0) for side in x.shape[1:3]]
        sides = [[side // 2, side - side // 2] for side in sides]
        x = keras.ops.pad(x, [[0, 0], *sides, [0, 0]])
"""
_PADDED = _KERAS[_KERAS.index("        side = [self") : _KERAS.index("        total = 0.0")]
VARIANTS = (
    Entry("shifted_products_accumulated", "basic_block", "", _with(_T_ACCUMULATED, "")[0]),
    Entry(
        "taps_in_one_product",
        "basic_block",
        "",
        (),
        _with("", _KERAS.replace(_SUM, _AT_ONCE).replace(_PADDED, _SAME))[1],
    ),
    Entry("shifted_products_padded_as_same", "basic_block", "", (), _with("", _KERAS.replace(_PADDED, _SAME))[1]),
    Entry("shifted_products", "basic_block", "", *_with(_TORCH, _KERAS)),
    Entry("bottleneck_of_shifted_products", "bottleneck", "", _T_BOTTLENECK, _K_BOTTLENECK),
)
MUTANTS = (
    Entry("shifted_products_transposed", "basic_block", "the same numbers as a right program",
          *_with(_TORCH.replace("[:, :, i, j]", "[:, :, j, i]"), _KERAS.replace("[i, j]", "[j, i]"))),
    Entry("shifted_products_without_a_corner", "basic_block", "the same numbers as a right program",
          *_with(_TORCH.replace("for j in range(self.size):", "for j in range(self.size - (i == 2)):"), _KERAS.replace("for j in range(self.size):", "for j in range(self.size - (i == 2)):"))),
)  # fmt: skip

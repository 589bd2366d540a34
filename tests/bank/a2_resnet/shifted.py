"""Blocks whose convolutions are written pixel by pixel, as a sum of shifted products: honest ones and wrong ones."""

from __future__ import annotations

from tests.bank import Edits, Entry
from tests.bank.a2_resnet.blocks import K_CONV2, K_STRIDED, T_CONV2, T_STRIDED

_MARK = "# QUESTION basic_block\n"
_TORCH = """class Shifted(nn.Module):
    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.stride = stride
        self.kernel = nn.Parameter(torch.randn(outputs, inputs, 3, 3) * 0.1)

    def forward(self, x):
        rows, columns = ((side - 1) // self.stride + 1 for side in x.shape[2:])
        x = F.pad(x, [1] * 4)
        total = 0
        for i in range(3):
            for j in range(3):
                view = x[:, :, i :: self.stride, j :: self.stride][:, :, :rows, :columns]
                total = total + torch.einsum("oi,nihw->nohw", self.kernel[:, :, i, j], view)
        return total


"""
_KERAS = """class Shifted(layers.Layer):
    def __init__(self, channels, stride=1):
        super().__init__()
        self.channels, self.stride = channels, stride

    def build(self, shape):
        self.kernel = self.add_weight(shape=(3, 3, shape[-1], self.channels), initializer="he_normal")

    def compute_output_shape(self, shape):
        return (shape[0], *((side - 1) // self.stride + 1 for side in shape[1:3]), self.channels)

    def call(self, x):
        rows, columns = ((side - 1) // self.stride + 1 for side in x.shape[1:3])
        x = keras.ops.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]])
        total = 0.0
        for i in range(3):
            for j in range(3):
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


VARIANTS = (Entry("shifted_products", "basic_block", "", *_with(_TORCH, _KERAS)),)
MUTANTS = (
    Entry("shifted_products_transposed", "basic_block", "the same numbers as a right program",
          *_with(_TORCH.replace("[:, :, i, j]", "[:, :, j, i]"), _KERAS.replace("[i, j]", "[j, i]"))),
    Entry("shifted_products_without_a_corner", "basic_block", "the same numbers as a right program",
          *_with(_TORCH.replace("for j in range(3):", "for j in range(3 - (i == 2)):"), _KERAS.replace("for j in range(3):", "for j in range(3 - (i == 2)):"))),
)  # fmt: skip

"""Small nets for the degradation experiment: plain and residual twins of 6n + 2 layers, 8 channels wide.

`build(kind, depth)` exists by this name for both frameworks. The nets are those of He et al. 2015, section 4.2, half as
wide: a 3x3 convolution, three stages of n blocks with 8, 16 and 32 channels, a global average pool, a dense layer.
They take prepared images of 8x8 to 32x32 pixels and three channels, give logits of 10 classes, and arrive as new nets
do: initialised after He, in training mode, in Keras uncompiled.
"""

from __future__ import annotations

from numbers import Integral

KINDS = ("plain", "residual")
WIDTH = 8  # channels of the first stage
CLASSES = 10


def blocks_per_stage(kind: str, depth: int) -> int:
    """The n of 6n + 2 layers; raises ValueError for a kind or a depth that no net has."""
    if kind not in KINDS:
        raise ValueError(f"expected the kind 'plain' or 'residual'; got {kind!r}")
    if isinstance(depth, bool) or not isinstance(depth, Integral) or depth < 8 or (int(depth) - 2) % 6:
        raise ValueError(f"expected a depth of 6n + 2, such as 8, 20 or 56; got {depth!r}")
    return (int(depth) - 2) // 6

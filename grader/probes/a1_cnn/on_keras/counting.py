"""Counting the multiply-adds of a forward pass in Keras on TensorFlow, whatever its style."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tensorflow.python.framework import op_callbacks


@contextmanager
def counting() -> Iterator[list[int]]:
    """While it is active, every eager operation adds its multiply-adds to the list."""
    found: list[int] = []

    def callback(kind: Any, inputs: Any, attributes: Any, outputs: Any, op_name: Any = None, graph: Any = None) -> None:
        kind = kind.decode() if isinstance(kind, bytes) else kind
        if outputs:
            pairs = dict(zip(attributes[::2], attributes[1::2], strict=False)) if attributes else {}
            found.append(_multiply_adds(kind, inputs, outputs[0], pairs))

    op_callbacks.add_op_callback(callback)
    try:
        yield found
    finally:
        op_callbacks.remove_op_callback(callback)


def _multiply_adds(kind: str, inputs: Any, output: Any, attributes: dict[str, Any]) -> int:
    """Multiply-adds of one operation, without biases."""
    match kind:
        case "Conv2D" | "Conv3D":
            return _size(output) * int(math.prod(inputs[1].shape[:-1]))
        case "DepthwiseConv2dNative":
            return _size(output) * int(math.prod(inputs[1].shape[:2]))
        case "Conv2DBackpropInput":  # a transposed convolution: each pixel of its input is spread
            return _size(inputs[2]) * int(math.prod(inputs[1].shape[:3]))
        case "MatMul":
            return _size(output) * int(inputs[0].shape[-2 if attributes.get("transpose_a") else -1])
        case "BatchMatMulV2":
            return _size(output) * int(inputs[0].shape[-2 if attributes.get("adj_x") else -1])
        case "Einsum":
            return _einsum(attributes.get("equation", b""), inputs)
    return 0


def _size(tensor: Any) -> int:
    return math.prod(int(side) for side in tensor.shape)


def _einsum(equation: Any, inputs: Any) -> int:
    """The product of all sizes that an equation names."""
    text = equation.decode() if isinstance(equation, bytes) else str(equation)
    sizes: dict[str, int] = {}
    for letters, value in zip(text.partition("->")[0].split(","), inputs, strict=False):
        sizes |= dict(zip(letters, (int(side) for side in value.shape), strict=False))
    return math.prod(sizes.values()) if sizes else 0

"""Listening to Keras on TensorFlow: every eager operation passes through an operation callback, also inside layers of
one's own that call `keras.ops` or `tf` functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.framework import op_callbacks
from tensorflow.python.ops import gen_resource_variable_ops

from grader.probes.tracing import TraceBuilder

# Operations by the name that the reader of traces knows; all others keep their own.
NAMES = {
    "Conv2D": "convolution", "FusedBatchNormV3": "batch_norm", "FusedBatchNorm": "batch_norm", "Relu": "relu",
    "AddV2": "add", "Add": "add", "AddN": "add", "BiasAdd": "add", "Sub": "sub", "Mul": "mul", "RealDiv": "div",
    "DivNoNan": "div", "Log": "log", "Unpack": "unpack", "Pack": "stack", "Split": "split", "SplitV": "split",
    "GatherV2": "gather", "Slice": "slice", "Shape": "shape", "ExtractImagePatches": "patches",
    "Rsqrt": "rsqrt", "Sqrt": "sqrt", "Square": "square", "Pow": "pow", "Neg": "neg", "Maximum": "maximum",
    "MaxPool": "max_pool", "AvgPool": "average_pool", "Mean": "mean", "Sum": "sum", "Pad": "pad", "PadV2": "pad",
    "Reshape": "reshape", "Squeeze": "reshape", "ExpandDims": "reshape", "Identity": "reshape", "Cast": "reshape",
    "Transpose": "reshape", "StopGradient": "stop", "MatMul": "matmul", "BatchMatMulV2": "matmul", "Einsum": "matmul",
    "ConcatV2": "concatenate", "StridedSlice": "slice", "Softmax": "softmax", "LogSoftmax": "log_softmax",
    "StatelessRandomUniformV2": "dropout", "RandomUniform": "dropout",
    "StatelessRandomNormalV2": "noise", "RandomStandardNormal": "noise", "Relu6": "relu6", "LeakyRelu": "leaky_relu",
    "Elu": "elu", "Selu": "selu", "Erf": "gelu", "Erfc": "gelu", "Sigmoid": "sigmoid", "Tanh": "tanh",
    "Softplus": "softplus", "Reciprocal": "reciprocal", "ReadVariableOp": "read", "ZerosLike": "zeros_like",
}  # fmt: skip


@contextmanager
def listening(builder: TraceBuilder, images: tf.Tensor) -> Iterator[None]:
    """Record each eager operation inside the block."""
    values = images.numpy()

    def callback(kind: Any, inputs: Any, attributes: Any, outputs: Any, op_name: Any = None, graph: Any = None) -> None:
        kind = kind.decode() if isinstance(kind, bytes) else kind
        if kind.startswith("Assign") or not outputs:
            return
        name = NAMES.get(kind, kind)
        references = [_reference(builder, value, values) for value in inputs]
        pairs = dict(zip(attributes[::2], attributes[1::2], strict=False)) if attributes else {}
        found = _attributes(name, inputs, pairs)
        if name == "read":
            builder.know(outputs[0], references[0])
        else:
            builder.record(name, references, outputs, _shape(outputs[0]), found)

    op_callbacks.add_op_callback(callback)
    try:
        yield
    finally:
        op_callbacks.remove_op_callback(callback)


def _shape(value: Any) -> list[int]:
    return [-1 if size is None else int(size) for size in value.shape] if value.shape.rank is not None else []


def _reference(builder: TraceBuilder, value: Any, images: np.ndarray) -> Any:
    known = builder.reference(value)
    if known is not None:
        return known
    if value.dtype == tf.resource:
        return {"unregistered": _handle_shape(value)}
    if value.dtype == tf.float32 and tuple(value.shape) == images.shape and np.array_equal(value.numpy(), images):
        builder.know(value, "x")
        return "x"
    if value.dtype == tf.float32 and value.shape.rank and (weight := _weight(builder, value)) is not None:
        return weight
    small = value.shape.num_elements() == 1 and (value.dtype.is_floating or value.dtype.is_integer)
    return {"constant": float(np.ravel(value.numpy())[0]) if small else None}


def _weight(builder: TraceBuilder, value: Any) -> Any:
    """A weight by its numbers: an operation that is handed a variable reads it on a path that no callback sees."""
    for handle in builder.things():
        is_weight = tf.is_tensor(handle) and handle.dtype == tf.resource
        if is_weight and _handle_shape(handle) == list(value.shape):
            held = gen_resource_variable_ops.read_variable_op(handle, value.dtype)
            if np.array_equal(held.numpy(), value.numpy()):
                return builder.reference(handle)
    return None


def _handle_shape(handle: Any) -> list[int]:
    data = getattr(handle, "_handle_data", None)
    if data is None or not data.shape_and_type:
        return []
    return [dimension.size for dimension in data.shape_and_type[0].shape.dim]


def _attributes(name: str, inputs: Any, pairs: dict[str, Any]) -> dict[str, Any]:
    """What the reader needs of an operation's attributes and of its constant inputs."""
    if name == "convolution":
        height, width = inputs[0].shape[1:3]
        rows, columns = inputs[1].shape[:2]
        strides = pairs["strides"][1:3]
        padding = _padding(pairs, (height, width), (rows, columns), strides)
        groups = int(inputs[0].shape[-1]) // int(inputs[1].shape[2])
        return {
            "stride": list(strides), "padding": padding, "dilation": list(pairs.get("dilations", [1] * 4)[1:3]),
            "groups": groups, "transposed": False, "size": [int(height), int(width)],
        }  # fmt: skip
    if name == "batch_norm":
        return {"epsilon": float(pairs.get("epsilon", 1e-4))}
    if name in ("max_pool", "average_pool", "patches"):
        window, strides = pairs["ksizes" if name == "patches" else "ksize"][1:3], pairs["strides"][1:3]
        padding = _padding(pairs, inputs[0].shape[1:3], window, strides)
        size = [int(side) for side in inputs[0].shape[1:3]]
        return {"window": list(window), "stride": list(strides), "padding": padding, "size": size}
    if name == "pad" and len(inputs[0].shape) == 4:
        sides = inputs[1].numpy().tolist()
        return {"padding": sides[1:4]}
    if name in ("mean", "sum") and len(inputs[0].shape) == 4:
        return {"axes": sorted(int(axis) % 4 for axis in np.ravel(inputs[1].numpy()))}
    return {}


def _padding(pairs: dict[str, Any], size: Any, window: Any, strides: Any) -> list[list[int]]:
    """Zeros before and after, of height and of width, whatever way they were asked for."""
    kind = pairs.get("padding", "VALID")
    kind = kind.decode() if isinstance(kind, bytes) else kind
    if kind == "EXPLICIT":
        sides = pairs["explicit_paddings"]
        return [list(sides[2:4]), list(sides[4:6])]
    if kind == "VALID":
        return [[0, 0], [0, 0]]
    return [same(int(n), int(k), int(s)) for n, k, s in zip(size, window, strides, strict=True)]


def same(size: int, window: int, stride: int) -> list[int]:
    """TensorFlow's `same`: the zeros before and after one axis."""
    total = max((-(-size // stride) - 1) * stride + window - size, 0)
    return [total // 2, total - total // 2]

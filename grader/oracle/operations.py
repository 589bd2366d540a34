"""The operations that nets are made of, forward and backward, in NumPy.

Maps are `n h w c`, kernels `o i kh kw`, dense matrices `o i`, vectors `c`. Each operation takes its inputs, its tensors
by role, its attributes and whether the net is in training mode; it returns its output and a function from the gradient
of the output to the gradients of inputs and tensors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

Array: TypeAlias = np.ndarray
Tensors: TypeAlias = Mapping[str, Array]
Gradients: TypeAlias = tuple[tuple[Array, ...], dict[str, Array]]
Backward: TypeAlias = Callable[[Array], Gradients]
Outcome: TypeAlias = tuple[Array, Backward]
Operation: TypeAlias = Callable[[tuple[Array, ...], Tensors, Mapping[str, Any], bool], Outcome]

Padding: TypeAlias = tuple[tuple[int, int], tuple[int, int]]  # pixels before and after, of height and of width


def _padded(images: Array, padding: Padding, value: float = 0.0) -> Array:
    if padding == ((0, 0), (0, 0)):
        return images
    return np.pad(images, ((0, 0), *padding, (0, 0)), constant_values=value)


def _cropped(images: Array, padding: Padding) -> Array:
    (top, bottom), (left, right) = padding
    height, width = images.shape[1:3]
    return images[:, top : height - bottom, left : width - right]


def convolution(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """Cross-correlation of `n h w i` with a kernel `o i kh kw`, with zero padding, stride and an optional bias."""
    (images,), kernel = inputs, tensors["kernel"]
    stride, padding = attributes["stride"], attributes["padding"]
    outputs, _, rows, columns = kernel.shape
    padded = _padded(images, padding)
    windows = sliding_window_view(padded, (rows, columns), axis=(1, 2))[:, ::stride, ::stride]
    matrix = windows.reshape(-1, math.prod(windows.shape[3:]))
    weights = kernel.reshape(outputs, -1)
    result = matrix @ weights.T
    if "bias" in tensors:
        result += tensors["bias"]
    shape = windows.shape[:3]

    def backward(gradient: Array) -> Gradients:
        flat = gradient.reshape(-1, outputs)
        found = {"kernel": (flat.T @ matrix).reshape(kernel.shape)}
        if "bias" in tensors:
            found["bias"] = flat.sum(axis=0)
        spread = (flat @ weights).reshape(*shape, -1, rows, columns)
        above = np.zeros_like(padded)
        for row in range(rows):
            for column in range(columns):
                last_row, last_column = row + stride * shape[1], column + stride * shape[2]
                above[:, row:last_row:stride, column:last_column:stride] += spread[..., row, column]
        return (_cropped(above, padding),), found

    return result.reshape(*shape, outputs), backward


def dense(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """A matrix `o i` applied to the last axis, with an optional bias."""
    (features,), kernel = inputs, tensors["kernel"]
    result = features @ kernel.T
    if "bias" in tensors:
        result = result + tensors["bias"]

    def backward(gradient: Array) -> Gradients:
        flat = gradient.reshape(-1, kernel.shape[0])
        found = {"kernel": flat.T @ features.reshape(-1, kernel.shape[1])}
        if "bias" in tensors:
            found["bias"] = flat.sum(axis=0)
        return (gradient @ kernel,), found

    return result, backward


# The axes whose entries share one mean and one variance, for BatchNorm and for what is mistaken for it.
NORM_AXES = {"batch": (0, 1, 2), "instance": (1, 2), "layer": (3,), "whole": (1, 2, 3)}


def norm(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """Normalisation with learnable scale and shift; BatchNorm (Ioffe and Szegedy 2015) unless `over` says otherwise.

    `statistics` is "running" where evaluation uses running statistics, "own" where it always uses the batch's own.
    """
    (images,) = inputs
    axes = NORM_AXES[attributes.get("over", "batch")]
    own = training or attributes.get("statistics", "running") == "own"
    if own:
        mean = images.mean(axis=axes, keepdims=True)
        variance = images.var(axis=axes, keepdims=True)
    else:
        mean, variance = tensors["mean"], tensors["variance"]
    scale = tensors.get("scale", np.ones((), images.dtype))
    factor = (1 / np.sqrt(variance + attributes["epsilon"])).astype(images.dtype)
    normal = (images - mean) * factor
    result = normal * scale + tensors.get("shift", np.zeros((), images.dtype))

    def backward(gradient: Array) -> Gradients:
        found = {}
        if "scale" in tensors:
            found["scale"] = (gradient * normal).sum(axis=(0, 1, 2))
        if "shift" in tensors:
            found["shift"] = gradient.sum(axis=(0, 1, 2))
        inner = gradient * scale
        if own:
            along = (inner * normal).mean(axis=axes, keepdims=True)
            inner = inner - inner.mean(axis=axes, keepdims=True) - normal * along
        return (inner * factor,), found

    return result, backward


def _elementwise(function: Callable[[Array], Array], slope: Callable[[Array], Array]) -> Operation:
    def operation(
        inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool
    ) -> Outcome:
        (value,) = inputs
        return function(value), lambda gradient: ((gradient * slope(value),), {})

    return operation


def _sigmoid(value: Array) -> Array:
    return 0.5 * (1 + np.tanh(0.5 * value))


_normal_cdf = np.vectorize(lambda value: 0.5 * (1 + math.erf(value / math.sqrt(2))), otypes=[float])


def _normal_pdf(value: Array) -> Array:
    return np.exp(-0.5 * value**2) / math.sqrt(2 * math.pi)


def leaky_relu(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """The identity for positive values, a small slope for negative ones."""
    (value,) = inputs
    slope = np.where(value > 0, 1.0, attributes["slope"]).astype(value.dtype)
    return value * slope, lambda gradient: ((gradient * slope,), {})


def softmax(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """Probabilities over the last axis."""
    (value,) = inputs
    powers = np.exp(value - value.max(axis=-1, keepdims=True))
    result = powers / powers.sum(axis=-1, keepdims=True)

    def backward(gradient: Array) -> Gradients:
        return (result * (gradient - (gradient * result).sum(axis=-1, keepdims=True)),), {}

    return result, backward


def log_softmax(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """Logarithms of the probabilities over the last axis."""
    (value,) = inputs
    shifted = value - value.max(axis=-1, keepdims=True)
    result = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))

    def backward(gradient: Array) -> Gradients:
        return (gradient - np.exp(result) * gradient.sum(axis=-1, keepdims=True),), {}

    return result, backward


def add(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """The sum of two maps, the second times `factor` (1 unless given)."""
    first, second = inputs
    factor = attributes.get("factor", 1.0)
    return first + factor * second, lambda gradient: ((gradient, factor * gradient), {})


def multiply(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """The product of two maps."""
    first, second = inputs
    return first * second, lambda gradient: ((gradient * second, gradient * first), {})


def concatenate(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """Two maps behind one another along the channels."""
    first, second = inputs
    width = first.shape[-1]
    joined = np.concatenate((first, second), axis=-1)
    return joined, lambda gradient: ((gradient[..., :width], gradient[..., width:]), {})


def stop(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """The identity forward, no gradient backward."""
    return inputs[0], lambda gradient: ((np.zeros_like(gradient),), {})


def identity(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """The input itself."""
    return inputs[0], lambda gradient: ((gradient,), {})


def max_pool(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """The greatest value of each window; padding never wins."""
    (images,), size, stride, padding = inputs, attributes["size"], attributes["stride"], attributes["padding"]
    padded = _padded(images, padding, -np.inf)
    windows = sliding_window_view(padded, (size, size), axis=(1, 2))[:, ::stride, ::stride]
    flat = windows.reshape(*windows.shape[:4], -1)
    winner = flat.argmax(axis=-1)
    result = np.take_along_axis(flat, winner[..., None], axis=-1)[..., 0]

    def backward(gradient: Array) -> Gradients:
        above = np.zeros_like(padded)
        height, width = gradient.shape[1:3]
        for place in range(size * size):
            row, column = divmod(place, size)
            above[:, row : row + stride * height : stride, column : column + stride * width : stride] += np.where(
                winner == place, gradient, 0
            )
        return (_cropped(above, padding),), {}

    return result, backward


def average_pool(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """The mean of each window over the pixels that exist (padding does not count unless `count_padding`)."""
    (images,), size, stride, padding = inputs, attributes["size"], attributes["stride"], attributes["padding"]
    padded = _padded(images, padding)
    windows = sliding_window_view(padded, (size, size), axis=(1, 2))[:, ::stride, ::stride]
    present = _padded(np.ones_like(images), padding)
    if attributes.get("count_padding"):
        present = np.ones_like(present)
    counts = sliding_window_view(present, (size, size), axis=(1, 2))[:, ::stride, ::stride].sum(axis=(-2, -1))
    result = windows.sum(axis=(-2, -1)) / counts

    def backward(gradient: Array) -> Gradients:
        above, share = np.zeros_like(padded), gradient / counts
        height, width = gradient.shape[1:3]
        for row in range(size):
            for column in range(size):
                above[:, row : row + stride * height : stride, column : column + stride * width : stride] += share
        return (_cropped(above, padding),), {}

    return result, backward


def mean(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """The global average `n h w c -> n c` (`n 1 1 c` with `keep`)."""
    (images,) = inputs
    height, width = images.shape[1:3]
    result = images.mean(axis=(1, 2), keepdims=attributes.get("keep", False))

    def backward(gradient: Array) -> Gradients:
        spread = gradient.reshape(gradient.shape[0], 1, 1, gradient.shape[-1]) / (height * width)
        return (np.broadcast_to(spread, images.shape),), {}

    return result, backward


def global_max(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """The greatest value of each channel, `n h w c -> n c`."""
    (images,) = inputs
    result = images.max(axis=(1, 2))

    def backward(gradient: Array) -> Gradients:
        return (np.where(images == result[:, None, None], gradient[:, None, None], 0),), {}

    return result, backward


def subsample(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """Option A (He et al. 2015, section 4.2): every second pixel from the first, missing channels zero."""
    (images,), stride, before, after = inputs, attributes["stride"], attributes["before"], attributes["after"]
    first = attributes.get("first", 0)
    result = np.pad(images[:, first::stride, first::stride], ((0, 0), (0, 0), (0, 0), (before, after)))

    def backward(gradient: Array) -> Gradients:
        above = np.zeros_like(images)
        above[:, first::stride, first::stride] = gradient[..., before : gradient.shape[-1] - after]
        return (above,), {}

    return result, backward


OPERATIONS: dict[str, Operation] = {
    "convolution": convolution,
    "dense": dense,
    "norm": norm,
    "relu": _elementwise(lambda value: np.maximum(value, 0), lambda value: (value > 0).astype(value.dtype)),
    "gelu": _elementwise(lambda v: v * _normal_cdf(v), lambda v: _normal_cdf(v) + v * _normal_pdf(v)),
    "silu": _elementwise(lambda v: v * _sigmoid(v), lambda v: _sigmoid(v) * (1 + v * (1 - _sigmoid(v)))),
    "sigmoid": _elementwise(_sigmoid, lambda value: _sigmoid(value) * (1 - _sigmoid(value))),
    "tanh": _elementwise(np.tanh, lambda value: 1 - np.tanh(value) ** 2),
    "elu": _elementwise(
        lambda value: np.where(value > 0, value, np.expm1(np.minimum(value, 0))),
        lambda value: np.where(value > 0, 1.0, np.exp(np.minimum(value, 0))),
    ),
    "leaky_relu": leaky_relu,
    "softmax": softmax,
    "log_softmax": log_softmax,
    "add": add,
    "multiply": multiply,
    "concatenate": concatenate,
    "stop": stop,
    "identity": identity,
    "max_pool": max_pool,
    "average_pool": average_pool,
    "mean": mean,
    "global_max": global_max,
    "subsample": subsample,
}

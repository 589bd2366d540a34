"""Operations on each value, or on the last axis: activations, softmax, sums, and the stop of a gradient."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.oracle.operations.types import Array, Gradients, Operation, Outcome, Tensors


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
    """The sum of two maps, the first times `main` and the second times `factor` (1 unless given)."""
    first, second = inputs
    main, factor = attributes.get("main", 1.0), attributes.get("factor", 1.0)
    return main * first + factor * second, lambda gradient: ((main * gradient, factor * gradient), {})


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


ACTIVATIONS: dict[str, Operation] = {
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
}

"""Operations with tensors: convolution, dense layer, normalisation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from grader.oracle.operations.pooling import cropped, padded
from grader.oracle.operations.types import Array, Gradients, Outcome, Tensors


def convolution(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """Cross-correlation of `n h w i` with a kernel `o i kh kw`, with zero padding, stride and an optional bias."""
    (images,), kernel = inputs, tensors["kernel"]
    stride, padding = attributes["stride"], attributes["padding"]
    outputs, _, rows, columns = kernel.shape
    framed = padded(images, padding)
    windows = sliding_window_view(framed, (rows, columns), axis=(1, 2))[:, ::stride, ::stride]
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
        above = np.zeros_like(framed)
        for row in range(rows):
            for column in range(columns):
                last_row, last_column = row + stride * shape[1], column + stride * shape[2]
                above[:, row:last_row:stride, column:last_column:stride] += spread[..., row, column]
        return (cropped(above, padding),), found

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

    `statistics` is "running" where evaluation uses running statistics, "own" where it always uses the batch's own;
    `unbiased` divides the batch's variance by one less than the number of values, which is a mistake.
    """
    (images,) = inputs
    axes = NORM_AXES[attributes.get("over", "batch")]
    own = training or attributes.get("statistics", "running") == "own"
    if own:
        mean = images.mean(axis=axes, keepdims=True)
        variance = images.var(axis=axes, keepdims=True)
        count = images.size // variance.size
        bessel = count / max(count - 1, 1) if attributes.get("unbiased") else 1.0
        variance = variance * bessel
    else:
        mean, variance, bessel = tensors["mean"], tensors["variance"], 1.0
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
            inner = inner - inner.mean(axis=axes, keepdims=True) - normal * along * bessel
        return (inner * factor,), found

    return result, backward

"""Operations that take windows or pixels of a map: pools, global pools, subsampling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from grader.oracle.operations.types import Array, Gradients, Outcome, Padding, Tensors


def padded(images: Array, padding: Padding, value: float = 0.0) -> Array:
    """A map with pixels of one value around it."""
    if padding == ((0, 0), (0, 0)):
        return images
    return np.pad(images, ((0, 0), *padding, (0, 0)), constant_values=value)


def cropped(images: Array, padding: Padding) -> Array:
    """A map without the pixels that padding put around it."""
    (top, bottom), (left, right) = padding
    height, width = images.shape[1:3]
    return images[:, top : height - bottom, left : width - right]


def max_pool(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """The greatest value of each window; padding never wins."""
    (images,), size, stride, padding = inputs, attributes["size"], attributes["stride"], attributes["padding"]
    framed = padded(images, padding, -np.inf)
    windows = sliding_window_view(framed, (size, size), axis=(1, 2))[:, ::stride, ::stride]
    flat = windows.reshape(*windows.shape[:4], -1)
    winner = flat.argmax(axis=-1)
    result = np.take_along_axis(flat, winner[..., None], axis=-1)[..., 0]

    def backward(gradient: Array) -> Gradients:
        above = np.zeros_like(framed)
        height, width = gradient.shape[1:3]
        for place in range(size * size):
            row, column = divmod(place, size)
            above[:, row : row + stride * height : stride, column : column + stride * width : stride] += np.where(
                winner == place, gradient, 0
            )
        return (cropped(above, padding),), {}

    return result, backward


def average_pool(inputs: tuple[Array, ...], tensors: Tensors, attributes: Mapping[str, Any], training: bool) -> Outcome:
    """The mean of each window over the pixels that exist (padding does not count unless `count_padding`)."""
    (images,), size, stride, padding = inputs, attributes["size"], attributes["stride"], attributes["padding"]
    framed = padded(images, padding)
    windows = sliding_window_view(framed, (size, size), axis=(1, 2))[:, ::stride, ::stride]
    present = padded(np.ones_like(images), padding)
    if attributes.get("count_padding"):
        present = np.ones_like(present)
    counts = sliding_window_view(present, (size, size), axis=(1, 2))[:, ::stride, ::stride].sum(axis=(-2, -1))
    result = windows.sum(axis=(-2, -1)) / counts

    def backward(gradient: Array) -> Gradients:
        above, share = np.zeros_like(framed), gradient / counts
        height, width = gradient.shape[1:3]
        for row in range(size):
            for column in range(size):
                above[:, row : row + stride * height : stride, column : column + stride * width : stride] += share
        return (cropped(above, padding),), {}

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

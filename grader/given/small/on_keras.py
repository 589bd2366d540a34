"""The small nets in Keras."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from grader.given.small import CLASSES, WIDTH, blocks_per_stage


def build(kind: str, depth: int) -> keras.Model:
    """A new net of a kind and a depth, uncompiled: float32 images (n, h, w, 3) -> logits (n, 10)."""
    count = blocks_per_stage(kind, depth)
    inputs = keras.Input((None, None, 3))
    x = layers.ReLU()(_convolution(inputs, WIDTH, 3, 1))
    for stage in range(3):
        for number in range(count):
            x = _block(x, WIDTH * 2**stage, 2 if stage and not number else 1, kind == "residual")
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(CLASSES)(x), name=f"{kind}_{depth}")


def _block(x: Any, channels: int, stride: int, residual: bool) -> Any:
    """Two 3x3 convolutions with BatchNorm, the shortcut added in residual nets, ReLU."""
    out = layers.ReLU()(_convolution(x, channels, 3, stride))
    out = _convolution(out, channels, 3, 1)
    if residual:
        changed = stride != 1 or x.shape[-1] != channels
        out = layers.Add()([out, _convolution(x, channels, 1, stride) if changed else x])
    return layers.ReLU()(out)


def _convolution(x: Any, channels: int, size: int, stride: int) -> Any:
    """A convolution and its BatchNorm, which keeps a tenth of each batch, as PyTorch's does."""
    initializer = keras.initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")
    if stride == 2 and size == 3:
        x = layers.ZeroPadding2D(1)(x)  # one pixel on every side; "same" would pad even sizes at the end alone
        padding = "valid"
    else:
        padding = "same"
    convolution = layers.Conv2D(channels, size, stride, padding, use_bias=False, kernel_initializer=initializer)
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(convolution(x))

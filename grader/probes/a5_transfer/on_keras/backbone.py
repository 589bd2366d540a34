"""A small backbone with the layer names of keras.applications' ResNets, whose tensors come from the request."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from grader.probes.a5_transfer import Supply


class _Grower:
    """Grows a functional model and fills its layers, one after another."""

    def __init__(self, case: dict[str, Any], supply: Supply) -> None:
        self._case, self._supply = case, supply
        self._values: list[tuple[str, list[np.ndarray]]] = []

    def model(self, size: tuple[int, ...]) -> keras.Model:
        """The whole backbone, from images of this size to pooled features."""
        width, pooled = int(self._case["width"]), bool(self._case["pooled"])
        inputs = keras.Input(size, name="images")  # a clone of a nameless input has another name
        x = self._convolution(inputs, "conv1", 3, width, int(self._case["stem"]), 2 if pooled else 1)
        x = layers.ReLU(name="conv1_relu")(self._norm(x, "conv1", width))
        if pooled:
            x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(layers.ZeroPadding2D(1, name="pool1_pad")(x))
        else:
            x = layers.Identity(name="pool1_pool")(x)
        channels = width
        for stage in range(1, int(self._case["depth"]) + 1):
            outputs = width * 2 ** (stage - 1)
            for block in range(int(self._case["blocks"][stage - 1])):
                stride = 1 if stage == 1 or block else 2
                x = self._block(x, f"conv{stage + 1}_block{block + 1}", channels, outputs, stride)
                channels = outputs
        model = keras.Model(inputs, layers.GlobalAveragePooling2D(name="avg_pool")(x), name="small_resnet")
        for name, values in self._values:
            model.get_layer(name).set_weights(values)
        return model

    def _block(self, x: Any, name: str, inputs: int, channels: int, stride: int) -> Any:
        main, width = x, inputs
        steps = ((1, 1), (3, stride), (1, 1)) if self._case["bottleneck"] else ((3, stride), (3, 1))
        for number, (kernel, step) in enumerate(steps, 1):
            if number > 1:
                main = layers.ReLU(name=f"{name}_{number - 1}_relu")(main)
            main = self._convolution(main, f"{name}_{number}", width, channels, kernel, step)
            main, width = self._norm(main, f"{name}_{number}", channels), channels
        if stride != 1 or inputs != channels:
            x = self._norm(self._convolution(x, f"{name}_0", inputs, channels, 1, stride), f"{name}_0", channels)
        return layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_add")([x, main]))

    def _convolution(self, x: Any, name: str, inputs: int, outputs: int, kernel: int, stride: int) -> Any:
        """A convolution with the next kernel, and k // 2 zeros on every side."""
        values = self._supply.take(outputs, inputs, kernel, kernel).transpose(2, 3, 1, 0)
        self._values.append((f"{name}_conv", [values]))
        if kernel > 1:
            x = layers.ZeroPadding2D(kernel // 2, name=f"{name}_pad")(x)
        layer = layers.Conv2D(
            outputs, kernel, strides=stride, use_bias=False, kernel_initializer="zeros", name=f"{name}_conv"
        )
        return layer(x)

    def _norm(self, x: Any, name: str, channels: int) -> Any:
        """A BatchNorm with the next scale, shift, mean and variance."""
        self._values.append((f"{name}_bn", [self._supply.take(channels) for _ in range(4)]))
        return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_bn")(x)


def build(case: dict[str, Any], flat: np.ndarray, size: tuple[int, ...]) -> tuple[keras.Model, list[np.ndarray]]:
    """A backbone for images of a size `h w c`, all of it trainable, and its tensors in the order of the request."""
    supply = Supply(flat)
    return _Grower(case, supply).model(size), supply.taken

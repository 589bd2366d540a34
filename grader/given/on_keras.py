"""The pretrained net in Keras: a ResNet-14 for 32x32 images, its layers named as in keras.applications' ResNets."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from grader.given import weights
from grader.given.downloads import check_depth, unavailable
from grader.given.preparation import normalised
from grader.given.weights import BLOCKS, CLASSES, STAGES, WIDTH

# The same numbers in PyTorch and here: PyTorch's epsilon and momentum, and one zero on every side at stride 2
# (`same` would pad below and to the right alone).
EPSILON, MOMENTUM = 1e-5, 0.9

ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications/resnet/"


def convolution(x: Any, channels: int, kernel: int, stride: int, name: str) -> Any:
    """A zero-padded convolution without bias, then BatchNorm: layers NAME_pad, NAME_conv and NAME_bn."""
    if kernel > 1:
        x = layers.ZeroPadding2D(kernel // 2, name=f"{name}_pad")(x)
    x = layers.Conv2D(channels, kernel, stride, padding="valid", use_bias=False, name=f"{name}_conv")(x)
    return layers.BatchNormalization(epsilon=EPSILON, momentum=MOMENTUM, name=f"{name}_bn")(x)


def basic_block(x: Any, channels: int, stride: int, name: str) -> Any:
    """relu(F(x) + shortcut(x)), where F is two 3x3 convolutions; layers NAME_0_* are the projection."""
    shortcut = x
    if stride != 1 or x.shape[-1] != channels:
        shortcut = convolution(x, channels, 1, stride, f"{name}_0")
    x = layers.ReLU(name=f"{name}_1_relu")(convolution(x, channels, 3, stride, f"{name}_1"))
    x = convolution(x, channels, 3, 1, f"{name}_2")
    return layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_add")([shortcut, x]))


def features() -> tuple[Any, Any]:
    """Input (n, 32, 32, 3) and pooled features (n, 64)."""
    images = keras.Input((32, 32, 3), name="images")
    x = layers.ReLU(name="conv1_relu")(convolution(images, WIDTH, 3, 1, "conv1"))
    x = layers.Identity(name="pool1_pool")(x)  # images of 32 pixels have none to spare
    for stage in range(STAGES):
        for block in range(BLOCKS):
            stride = 2 if stage > 0 and block == 0 else 1
            x = basic_block(x, WIDTH * 2**stage, stride, f"conv{stage + 2}_block{block + 1}")
    return images, layers.GlobalAveragePooling2D(name="avg_pool")(x)


def backbone() -> keras.Model:
    """A fresh pretrained net without its head, all of it trainable: prepared images to pooled features (n, 64)."""
    return load(keras.Model(*features(), name="resnet14"))


def classifier() -> keras.Model:
    """The pretrained net with its dense head: prepared images to logits (n, 128)."""
    images, pooled = features()
    logits = layers.Dense(CLASSES, name="predictions")(pooled)
    return load(keras.Model(images, logits, name="resnet14_classifier"))


def load(model: keras.Model) -> keras.Model:
    """The model, with the pretrained weights in it."""
    tensors = weights.load("backbone")
    for layer in model.layers:
        if layer.weights:
            layer.set_weights(layer_weights(tensors, torch_name(layer.name)))
    return model


def torch_name(name: str) -> str:
    """Where the weights of a Keras layer lie in the file: `conv3_block1_2_bn` -> `layer2.0.bn2`."""
    if name == "predictions":
        return "fc"
    place, kind = name.rsplit("_", 1)
    if place == "conv1":
        return f"{kind}1"
    stage, block, part = place.split("_")
    within = {"0": "downsample." + ("0" if kind == "conv" else "1")}.get(part, f"{kind}{part}")
    return f"layer{int(stage[4:]) - 1}.{int(block[5:]) - 1}.{within}"


def layer_weights(tensors: dict[str, NDArray[np.float32]], name: str) -> list[NDArray[np.float32]]:
    """The weights of one layer in the order and the layout of Keras."""
    if f"{name}.running_mean" in tensors:
        return [tensors[f"{name}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")]
    kernel = tensors[f"{name}.weight"]
    if kernel.ndim == 4:
        return [kernel.transpose(2, 3, 1, 0)]
    return [kernel.T, tensors[f"{name}.bias"]]


prepare = normalised  # Keras takes the layout as it is


def imagenet(depth: int) -> keras.Model:
    """keras.applications' ResNet with ImageNet's weights and pooled features; raises DownloadError."""
    check_depth("keras", "keras.applications", depth)
    name = f"resnet{depth}_weights_tf_dim_ordering_tf_kernels_notop.h5"
    build = getattr(keras.applications, f"ResNet{depth}")
    try:
        return build(weights="imagenet", include_top=False, pooling="avg")
    except Exception as error:  # Keras raises this very class where a download fails
        place = str(Path(os.environ.get("KERAS_HOME", "~/.keras")) / "models" / name)
        raise unavailable("keras", tried=ADDRESS + name, place=place, reason=error) from error

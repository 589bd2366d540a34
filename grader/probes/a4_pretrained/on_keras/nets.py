"""The small nets as Keras models, flat, with dots in names as underscores."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from grader.probes.a4_pretrained import values

EPSILON = 1e-3
INPUT = "input1"


def build(
    nodes: list[dict[str, Any]], seed: int, shape: tuple[int | None, ...], *, sequential: bool = False
) -> keras.Model:
    """The net for images of a shape, functional or a chain, with its tensors filled and its frozen layers frozen."""
    image, made = keras.Input(shape, name=INPUT), [_layer(node) for node in nodes]
    model = keras.Sequential([image, *made]) if sequential else _functional(image, nodes, made)
    for node, layer in zip(nodes, made, strict=True):
        _fill(node, layer, values(node, seed))
        layer.trainable = not node.get("frozen", False)
    return model


def _functional(image: Any, nodes: list[dict[str, Any]], made: list[Any]) -> keras.Model:
    found = {"input": image}
    for node, layer in zip(nodes, made, strict=True):
        inputs = [found[name] for name in node["inputs"]]
        found[node["name"]] = layer(inputs if len(inputs) > 1 else inputs[0])
    return keras.Model(image, found[nodes[-1]["name"]])


def _layer(node: dict[str, Any]) -> Any:
    name, weights = node["name"].replace(".", "_"), node["tensors"]
    bias = "bias" in weights
    match node["kind"]:
        case "convolution" if node["depthwise"]:
            return layers.DepthwiseConv2D(
                node["kernel"], node["stride"], node["padding"],
                depth_multiplier=node["channels"] // node["in_channels"], use_bias=bias, name=name,
                activation="relu" if node.get("activation") else None,
            )  # fmt: skip
        case "convolution":
            return layers.Conv2D(
                node["channels"], node["kernel"], node["stride"], node["padding"], groups=node["groups"],
                use_bias=bias, name=name,
            )  # fmt: skip
        case "norm":
            return layers.BatchNormalization(epsilon=EPSILON, name=name, scale="scale" in weights)
        case "prelu":
            return layers.PReLU(shared_axes=[1, 2], name=name)
        case "dense":
            return layers.Dense(node["features"], use_bias=bias, name=name)
    return _PLAIN[node["kind"]](name=name)


_PLAIN = {
    "relu": layers.ReLU, "add": layers.Add, "max_pool": layers.MaxPooling2D, "mean": layers.GlobalAveragePooling2D,
    "flatten": layers.Flatten, "dropout": lambda name: layers.Dropout(0.5, name=name),
}  # fmt: skip


def _fill(node: dict[str, Any], layer: Any, tensors: dict[str, np.ndarray]) -> None:
    """Set a layer's weights, which Keras lists as kernel and bias, or scale, shift, mean and variance."""
    if "kernel" in tensors:
        kernel = tensors["kernel"]
        if node["kind"] == "dense":
            tensors["kernel"] = kernel.T
        elif node["depthwise"]:  # o 1 kh kw, where o counts channels times multiplier
            inputs = node["in_channels"]
            tensors["kernel"] = kernel.reshape(inputs, -1, *kernel.shape[2:]).transpose(2, 3, 0, 1)
        else:
            tensors["kernel"] = kernel.transpose(2, 3, 1, 0)
    if tensors:
        layer.set_weights(
            [array.reshape(weight.shape) for array, weight in zip(tensors.values(), layer.weights, strict=True)]
        )

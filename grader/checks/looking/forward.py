"""What the small nets compute, in NumPy: every layer's output, and what a table of layers must say of it."""

from __future__ import annotations

import math

import numpy as np

from grader import fill
from grader.checks.looking.nets import EPSILON, INPUT, Node
from grader.oracle.operations import OPERATIONS, Array, Padding

Tensors = dict[str, Array]


def outputs(net: list[Node], images: Array, seed: int, framework: str, *, training: bool = False) -> dict[str, Array]:
    """The output of each node by name, for images `n h w c`, in evaluation mode or with the batch's own statistics."""
    found: dict[str, Array] = {INPUT: images.astype(np.float64)}
    for node in net:
        inputs = tuple(found[name] for name in node["inputs"])
        tensors = {role: fill.tensor(seed, index, tuple(shape), gain).astype(np.float64)
                   for role, (index, shape, gain) in node["tensors"].items()}  # fmt: skip
        # in Keras a frozen BatchNorm keeps to its running statistics whatever the mode
        own = training and not (framework == "keras" and node.get("frozen"))
        found[node["name"]] = _output(node, inputs, tensors, framework, own)
    return found


def _output(node: Node, inputs: tuple[Array, ...], tensors: Tensors, framework: str, training: bool) -> Array:
    match node["kind"]:
        case "convolution":
            found = _convolution(node, inputs[0], tensors, framework)
            return np.maximum(found, 0) if framework == "keras" and node.get("activation") else found
        case "prelu":
            return np.where(inputs[0] > 0, inputs[0], inputs[0] * tensors["slope"])
        case "flatten":
            return inputs[0].reshape(len(inputs[0]), -1)
        case "dropout":
            return inputs[0]  # in evaluation mode; what it gives in training mode is chance
        case "norm":
            tensors = {"scale": np.ones(inputs[0].shape[-1])} | tensors
        case "max_pool":
            attributes = {"size": 2, "stride": 2, "padding": ((0, 0), (0, 0))}
            rows, columns = (size // 2 * 2 for size in inputs[0].shape[1:3])  # an odd last line is dropped
            return OPERATIONS["max_pool"]((inputs[0][:, :rows, :columns],), {}, attributes, training)[0]
    return OPERATIONS[node["kind"]](inputs, tensors, {"epsilon": EPSILON}, training)[0]


def _convolution(node: Node, images: Array, tensors: Tensors, framework: str) -> Array:
    groups, stride = node["groups"], node["stride"]
    padding = _padding(node, images, framework)
    parts = []
    for part, kernel in zip(np.split(images, groups, axis=-1), np.split(tensors["kernel"], groups), strict=True):
        attributes = {"stride": stride, "padding": padding}
        parts.append(OPERATIONS["convolution"]((part,), {"kernel": kernel}, attributes, False)[0])
    return np.concatenate(parts, axis=-1) + tensors.get("bias", 0.0)


def _padding(node: Node, images: Array, framework: str) -> Padding:
    """Half the kernel on every side in PyTorch; in Keras as much as the stride needs, the odd pixel behind."""
    if node["padding"] == "valid":
        return (0, 0), (0, 0)
    sides = []
    for kernel, size in zip(node["kernel"], images.shape[1:3], strict=True):
        total = max((math.ceil(size / node["stride"]) - 1) * node["stride"] + kernel - size, 0)
        sides.append((kernel // 2, kernel // 2) if framework == "torch" else (total // 2, total - total // 2))
    return sides[0], sides[1]


def parameters(node: Node, framework: str) -> int:
    """The number of a layer's parameters: in Keras BatchNorm's moving statistics count, in PyTorch buffers don't."""
    if framework == "torch" and node["kind"] == "norm":
        return 2 * int(node["channels"])  # PyTorch has no BatchNorm with a shift alone
    buffers = ("mean", "variance") if framework == "torch" else ()
    return sum(math.prod(shape) for role, (_, shape, _) in node["tensors"].items() if role not in buffers)


def multiply_adds(node: Node, output: Array) -> int:
    """The multiply-adds of a convolution or dense layer for one image, without the bias; 0 for all others."""
    if node["kind"] not in ("convolution", "dense"):
        return 0
    _, shape, _ = node["tensors"]["kernel"]
    places = math.prod(output.shape[1:-1])
    return int(places * math.prod(shape))


def shape(output: Array, framework: str) -> list[int]:
    """The shape of an output `n h w c` without the batch, in the framework's own layout."""
    found = list(output.shape[1:])
    return [found[-1], *found[:-1]] if framework == "torch" and len(found) == 3 else found

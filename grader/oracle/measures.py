"""What can be said of a graph without running it: places in words, sizes of maps, multiply-adds."""

from __future__ import annotations

import math

from grader.oracle.graph import IMAGES, Graph

_PLACES = {
    "norm1": "the BatchNorm after conv1", "norm2": "the BatchNorm after conv2", "norm3": "the BatchNorm after conv3",
    "relu1": "the ReLU after conv1", "relu2": "the ReLU after conv2", "relu": "the last ReLU",
    "projection": "the projection shortcut", "projection_norm": "the BatchNorm of the projection shortcut",
    "shortcut": "the shortcut", "add": "the addition", "dense": "the dense layer", "conv": "the convolution",
    "norm": "the BatchNorm", "pool": "the pooling",
}  # fmt: skip


def words(name: str) -> str:
    """A node's place in a student's words: `stage2.block1.conv1` is "conv1 of block 1 in stage 2"."""
    *outer, last = name.split("/")[0].split(".")
    found = _PLACES.get(last, last)
    for place in reversed(outer):
        if place == "stem":
            found += " of the stem"
        else:
            number = place.lstrip("abcdefghijklmnopqrstuvwxyz")
            found += f" of block {number}" if place.startswith("block") else f" in stage {number}"
    return found


def sizes(graph: Graph, height: int, width: int) -> dict[str, tuple[int, int]]:
    """The height and width that each node gives for images of a size."""
    found: dict[str, tuple[int, int]] = {IMAGES: (height, width)}
    for node in graph.nodes:
        rows, columns = found[node.inputs[0]]
        stride = node.attributes.get("stride", 1)
        if "padding" in node.attributes:
            window = node.attributes.get("size") or node.tensors["kernel"][-1]
            (top, bottom), (left, right) = node.attributes["padding"]
            rows, columns = (
                (rows + top + bottom - window) // stride + 1,
                (columns + left + right - window) // stride + 1,
            )
        elif node.operation == "subsample":
            rows, columns = -(-rows // stride), -(-columns // stride)
        elif node.operation == "mean":
            rows, columns = 1, 1
        found[node.name] = (rows, columns)
    return found


def output_shape(graph: Graph, count: int, height: int, width: int) -> tuple[int, ...]:
    """The shape of the output: `n k` for a net, `n h w c` for blocks."""
    last = [node for node in graph.nodes if "kernel" in node.tensors][-1]
    channels = int(last.tensors["kernel"][0])
    return (
        (count, channels)
        if last.operation == "dense"
        else (count, *sizes(graph, height, width)[graph.output], channels)
    )


def multiply_adds(graph: Graph, height: int, width: int) -> int:
    """Multiply-adds of all convolutions and dense layers for one image, without biases."""
    found = sizes(graph, height, width)
    total = 0
    for node in graph.nodes:
        if "kernel" in node.tensors:
            rows, columns = found[node.name]
            total += math.prod(node.tensors["kernel"]) * rows * columns
    return total

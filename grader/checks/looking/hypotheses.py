"""What students put into a column of the table by mistake: a guess gives a row's wrong number, and says what to do."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from grader.checks.looking.nets import Node


@dataclass(frozen=True)
class Row:
    """What a row of the table must say of a layer."""

    name: str
    node: Node
    shape: list[int]  # without the batch, in the framework's layout
    parameters: int
    multiply_adds: int
    input_shape: list[int]

    @property
    def kernel(self) -> list[int]:
        """The kernel's shape `o i kh kw` or `o i`, [] for layers that have none."""
        return list(self.node["tensors"]["kernel"][1]) if "kernel" in self.node["tensors"] else []

    def size(self, *roles: str) -> int:
        """The number of elements of some tensors."""
        return sum(math.prod(shape) for role, (_, shape, _) in self.node["tensors"].items() if role in roles)


Guesses: TypeAlias = dict[str, tuple[Callable[[Row], Any], str]]  # of a row
ADVICE = {
    "output shape": "take the shape of what the layer returns for an input of `input_shape`, without the batch",
    "parameters": "count the elements of every parameter of the layer itself",
    "multiply-adds": "for each number of the output, one multiply-add per weight that it is computed from",
}


def shapes(framework: str) -> Guesses:
    """Wrong output shapes."""
    without = "leave the batch out of the shape"
    return {
        "batch_in_shape": (lambda row: [1, *row.shape], without),
        "open_batch_in_shape": (lambda row: [None, *row.shape], without),
        "channels_alone": (lambda row: [_channels(row, framework)], "give all axes of the output but the batch"),
        "input_shapes": (lambda row: row.input_shape, "take the shape of the layer's output, not of its input"),
        "other_layout": (
            lambda row: _turned(row.shape, framework),
            f"keep the framework's own layout: {'c, h, w' if framework == 'torch' else 'h, w, c'}",
        ),
        "open_sizes": (
            lambda row: [None, None, row.shape[-1]] if len(row.shape) == 3 else row.shape,
            "the model takes images of any size: compute the shapes for `input_shape`",
        ),
        "open_sizes_and_batch": (
            lambda row: [None, None, None, row.shape[-1]] if len(row.shape) == 3 else [None, *row.shape],
            "the model takes images of any size: compute the shapes for `input_shape`, and leave the batch out",
        ),
        "lost_batch_and_channels": (lambda row: row.shape[1:], "drop one axis, the batch, and no other"),
    }  # fmt: skip


def _channels(row: Row, framework: str) -> int:
    return row.shape[0 if framework == "torch" else -1]


def _turned(shape: list[int], framework: str) -> list[int]:
    if len(shape) != 3:
        return shape
    return [*shape[1:], shape[0]] if framework == "torch" else [shape[-1], *shape[:-1]]


def parameters(framework: str) -> Guesses:
    """Wrong numbers of parameters."""
    buffers = (
        "BatchNorm's running statistics are buffers, not parameters: nothing learns them by gradient"
        if framework == "torch"
        else "BatchNorm's moving statistics count here, as in `count_params()`"
    )
    hidden = ("mean", "variance") if framework == "torch" else ()
    every = ("kernel", "bias", "scale", "shift", "mean", "variance", "slope")
    return {
        "buffers_counted": (lambda row: row.size(*every) + (row.node["kind"] == "norm"), buffers),
        "statistics_counted": (lambda row: row.size(*every), buffers),
        "statistics_left_out": (lambda row: row.size(*every) - row.size("mean", "variance"), buffers),
        "frozen_left_out": (
            lambda row: 0 if row.node.get("frozen") else row.parameters, "frozen parameters count too",
        ),
        "trainable_alone": (
            lambda row: 0 if row.node.get("frozen") else row.parameters - row.size("mean", "variance"),
            "count all weights, frozen ones and moving statistics too",
        ),
        "biases_left_out": (lambda row: row.parameters - row.size("bias"), "biases are parameters too"),
        "kernels_alone": (
            lambda row: row.parameters if row.node["kind"] == "prelu" else row.size("kernel", "scale"),
            "count every parameter of a layer: biases and shifts too",
        ),
        "number_of_tensors": (
            lambda row: len(set(row.node["tensors"]) - set(hidden)),
            "count the elements of the tensors, not the tensors",
        ),
        "groups_ignored": (
            lambda row: row.parameters + row.size("kernel") * (row.node.get("groups", 1) - 1),
            "with groups, each output channel sees its own group of input channels only",
        ),
    }  # fmt: skip


def multiply_adds(framework: str) -> Guesses:
    """Wrong numbers of multiply-adds."""
    return {
        "flops": (lambda row: 2 * row.multiply_adds, "a multiply-add is one operation here: don't count two"),
        "biases_counted": (
            lambda row: _with_bias(row, framework) if row.kernel else 0,
            "leave the biases out: adding one multiplies nothing",
        ),
        "flops_and_biases": (
            lambda row: row.multiply_adds + _with_bias(row, framework) if row.kernel else 0,
            "count one multiply-add per product, and no biases",
        ),
        **_of_convolutions(framework),
        "norms_counted": (
            lambda row: row.multiply_adds if row.kernel else _all(row) * (row.node["kind"] == "norm"),
            "BatchNorm and other layers count 0",
        ),
        "norms_counted_twice": (
            lambda row: row.multiply_adds if row.kernel else 2 * _all(row) * (row.node["kind"] == "norm"),
            "BatchNorm and other layers count 0",
        ),
        "all_layers_counted": (
            lambda row: row.multiply_adds if row.kernel else _all(row), "layers other than these count 0",
        ),
        "convolutions_alone": (
            lambda row: row.multiply_adds * (row.node["kind"] == "convolution"), "dense layers multiply too",
        ),
        "dense_alone": (lambda row: row.multiply_adds * (row.node["kind"] == "dense"), "convolutions count too"),
        "depthwise_left_out": (
            lambda row: 0 if row.node.get("depthwise") else row.multiply_adds,
            "a `DepthwiseConv2D` is a convolution too, and no subclass of `Conv2D`" if framework == "keras"
            else "convolutions with groups count too",
        ),
    }  # fmt: skip


def _of_convolutions(framework: str) -> Guesses:
    """Wrong numbers for convolutions alone."""

    def guess(change: Callable[[Row], float]) -> Callable[[Row], Any]:
        return lambda row: change(row) if row.node["kind"] == "convolution" else row.multiply_adds

    def squared(row: Row, side: int) -> int:
        return math.prod(row.kernel[:2]) * row.kernel[side] ** 2 * _places(row.shape, framework)

    return {
        "groups_ignored": (
            guess(lambda row: row.multiply_adds * row.node["groups"]),
            "with groups (a depthwise convolution has one per channel), each output channel sees the input channels of "
            "its own group only: divide by the groups",
        ),
        "groups_of_depthwise_alone": (
            guess(lambda row: row.multiply_adds * (1 if row.node.get("depthwise") else row.node["groups"])),
            "there are other groups than those of a depthwise convolution: each output channel sees the input channels "
            "of its own group only",
        ),
        "input_size": (
            guess(lambda row: math.prod(row.kernel) * _places(row.input_shape, framework)),
            "count the places of the *output*: stride and padding make it smaller than the input",
        ),
        "size_ignored": (guess(lambda row: math.prod(row.kernel)), "a kernel is applied at every place of the output"),
        "square_kernels": (guess(lambda row: squared(row, 2)), "kernels need not be square: height times width"),
        "square_kernels_by_width": (
            guess(lambda row: squared(row, 3)), "kernels need not be square: height times width",
        ),
        "square_maps": (
            guess(lambda row: math.prod(row.kernel) * row.shape[1 if framework == "torch" else 0] ** 2),
            "maps need not be square: height times width",
        ),
    }  # fmt: skip


def _places(shape: list[int], framework: str) -> int:
    """Height times width of a map's shape in the framework's layout."""
    return math.prod(shape[1:] if framework == "torch" else shape[:-1])


def _with_bias(row: Row, framework: str) -> int:
    """A row's multiply-adds and, once at each place, its biases."""
    return row.multiply_adds + row.size("bias") * (_places(row.shape, framework) if len(row.shape) == 3 else 1)


def _all(row: Row) -> int:
    return math.prod(row.shape)

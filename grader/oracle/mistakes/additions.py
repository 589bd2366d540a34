"""Mistakes at the addition: what is added, how, and the activation around it."""

from __future__ import annotations

from dataclasses import replace

from grader.oracle.graph import Graph, Node
from grader.oracle.mistakes.register import Rewrite, blocks, last, mistake, without_dead_nodes


def _behind_main_path(graph: Graph, operation: str) -> Graph:
    """An operation between the end of each main path and the addition."""
    for prefix in blocks(graph):
        graph = graph.insert_after(graph[f"{prefix}add"].inputs[0], Node(f"{prefix}{operation}_early", operation, ()))
    return graph


@mistake(
    "no_relu_after_addition", "a ReLU after the addition",
    "the sum of main path and shortcut is returned as it is",
    "the block ends with an activation of the *sum*",
)  # fmt: skip
def no_relu_after_addition(graph: Graph) -> Graph:
    """The last ReLU of each residual block is missing."""
    ends = {f"{prefix}relu" for prefix in blocks(graph)}
    return graph.map(lambda node: None if node.name in ends else node)


@mistake(
    "relu_before_addition", "the addition first, then the ReLU",
    "the ReLU is applied to the main path before the shortcut is added, and none after",
    "move the last activation behind the addition",
)  # fmt: skip
def relu_before_addition(graph: Graph) -> Graph:
    """ReLU on the main path before the addition, none after it."""
    return _behind_main_path(no_relu_after_addition(graph), "relu")


@mistake(
    "relu_before_and_after_addition", "one ReLU, after the addition",
    "a ReLU on the main path before the shortcut is added, and another one after",
    "the main path ends with its BatchNorm: remove the activation between it and the addition",
)  # fmt: skip
def relu_before_and_after_addition(graph: Graph) -> Graph:
    """One ReLU too many, on the main path before the addition."""
    return _behind_main_path(graph, "relu")


@mistake(
    "skip_missing", "the shortcut added to the main path",
    "the main path alone: the shortcut never reaches the output",
    "add the (projected) input of the block to the main path before the last ReLU",
)  # fmt: skip
def skip_missing(graph: Graph) -> Graph:
    """The shortcut is never added, and its projection is computed for nothing or not at all."""
    graph = graph.map(lambda node: None if last(node) == "add" else node)
    return without_dead_nodes(graph)


@mistake(
    "skip_subtracted", "the shortcut *added* to the main path",
    "the shortcut is subtracted", "use a sum",
)  # fmt: skip
def skip_subtracted(graph: Graph) -> Graph:
    """Main path minus shortcut."""
    return graph.map(lambda node: node.with_attributes(factor=-1.0) if last(node) == "add" else node)


def _weighted(**factors: float) -> Rewrite:
    return lambda graph: graph.map(lambda node: node.with_attributes(**factors) if last(node) == "add" else node)


mistake(
    "skip_halved", "main path and shortcut added as they are", "the shortcut is halved before it is added",
    "add without any factor",
)(_weighted(factor=0.5))  # fmt: skip
mistake(
    "skip_added_twice", "main path and shortcut added once", "the shortcut is added twice",
    "one addition per block",
)(_weighted(factor=2.0))  # fmt: skip
mistake(
    "paths_averaged", "the *sum* of main path and shortcut", "their average",
    "add the two, and don't divide",
)(_weighted(main=0.5, factor=0.5))  # fmt: skip


@mistake(
    "skip_multiplied", "the shortcut *added* to the main path",
    "main path and shortcut are multiplied", "use a sum",
)  # fmt: skip
def skip_multiplied(graph: Graph) -> Graph:
    """Main path times shortcut."""
    return graph.map(lambda node: replace(node, operation="multiply") if last(node) == "add" else node)


@mistake(
    "main_path_detached", "a gradient that flows back through the main path",
    "the main path gives the right values, but no gradient passes through it",
    "compute the main path on the block's input itself: no `detach`, `.data`, `no_grad` or `stop_gradient`",
)  # fmt: skip
def main_path_detached(graph: Graph) -> Graph:
    """The end of the main path is cut off from the gradient."""
    return _behind_main_path(graph, "stop")

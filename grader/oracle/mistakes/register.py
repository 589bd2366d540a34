"""The register of known mistakes, and the helpers that their rewrites are written with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.oracle.graph import IMAGES, Graph, Node
from grader.result import Complaint

Rewrite = Callable[[Graph], Graph]


@dataclass(frozen=True)
class Mistake:
    """A rewrite with what a student reads when it explains their model."""

    name: str
    rewrite: Rewrite
    complaint: Complaint

    def in_blocks(self, graph: Graph) -> list[Graph]:
        """The rewritten graph, and the one in which the stem, which is no block's, stays as it was."""
        changed = self.rewrite(graph)
        stem = {node.name: node for node in graph.nodes if node.name.startswith("stem.")}
        kept = changed.map(lambda node: stem.get(node.name, node))
        return [other for other in (changed, kept) if other != graph]


MISTAKES: dict[str, Mistake] = {}


def mistake(name: str, expected: str, got: str, fix: str) -> Callable[[Rewrite], Rewrite]:
    """Register a rewrite under a name, with the three parts of its complaint."""

    def register(rewrite: Rewrite) -> Rewrite:
        MISTAKES[name] = Mistake(name, rewrite, Complaint(expected, got, fix, name))
        return rewrite

    return register


def last(node: Node) -> str:
    """The last part of a node's name: `conv1` of `stage2.block1.conv1`."""
    return node.name.rpartition(".")[2]


def blocks(graph: Graph) -> list[str]:
    """The prefixes of all residual blocks."""
    return [node.name.removesuffix("add") for node in graph.nodes if last(node) == "add"]


def in_blocks(node: Node, *names: str) -> bool:
    """Whether a node stands in a block, under one of the names."""
    return last(node) in names and not node.name.startswith("stem")


def entrance(graph: Graph, prefix: str) -> str:
    """The node that feeds a block."""
    return graph[f"{prefix}conv1"].inputs[0]


def without_dead_nodes(graph: Graph) -> Graph:
    """The graph without nodes that don't reach the output."""
    alive: set[str] = {graph.output}
    for node in reversed(graph.nodes):
        if node.name in alive:
            alive.update(node.inputs)
    alive.discard(IMAGES)
    return Graph(tuple(node for node in graph.nodes if node.name in alive))


def norm_node(name: str, source: str, channels: int) -> Node:
    """A BatchNorm behind a node."""
    roles = dict.fromkeys(("scale", "shift", "mean", "variance"), (channels,))
    return Node(name, "norm", (source,), {"epsilon": 0.0}, roles)


def projection_node(name: str, source: str, channels: int, stride: int) -> Node:
    """A 1x1 convolution that keeps the number of channels, behind a node."""
    attributes = {"stride": stride, "padding": ((0, 0), (0, 0))}
    return Node(name, "convolution", (source,), attributes, {"kernel": (channels, channels, 1, 1)})

"""Nets as declarative graphs: nodes in topological order, run forward and backward by the operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from grader.oracle.operations import OPERATIONS, Array, Backward

IMAGES = "images"  # the name of a graph's input

Values: TypeAlias = Mapping[str, Array]  # "node/role" -> tensor


@dataclass(frozen=True)
class Node:
    """One operation: where it stands in words, what feeds it, its attributes and the shapes of its tensors by role."""

    name: str
    operation: str
    inputs: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    tensors: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def with_attributes(self, **changes: Any) -> Node:
        """The same node with some attributes changed."""
        return replace(self, attributes={**self.attributes, **changes})


@dataclass(frozen=True)
class Graph:
    """Nodes in topological order; the last one is the output."""

    nodes: tuple[Node, ...]

    def __getitem__(self, name: str) -> Node:
        """The node of this name; raises KeyError."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Node]:
        return {node.name: node for node in self.nodes}

    @property
    def output(self) -> str:
        """The name of the output node."""
        return self.nodes[-1].name

    def slots(self) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor, by `node/role`, in topological order."""
        return {f"{node.name}/{role}": shape for node in self.nodes for role, shape in node.tensors.items()}

    def map(self, change: Callable[[Node], Node | None]) -> Graph:
        """A rewritten graph: each node changed, or, where `change` gives None, bypassed by its first input."""
        bypass: dict[str, str] = {}
        nodes = []
        for node in self.nodes:
            inputs = tuple(bypass.get(name, name) for name in node.inputs)
            changed = change(replace(node, inputs=inputs))
            if changed is None:
                bypass[node.name] = inputs[0]
            else:
                nodes.append(changed)
        return Graph(tuple(nodes))

    def insert_after(self, name: str, new: Node) -> Graph:
        """A rewritten graph with a new node behind the named one; whoever read the old one reads the new one."""
        nodes: list[Node] = []
        for node in self.nodes:
            nodes.append(replace(node, inputs=tuple(new.name if source == name else source for source in node.inputs)))
            if node.name == name:
                nodes.append(replace(new, inputs=(name,)))
        return Graph(tuple(nodes))


@dataclass(frozen=True)
class Run:
    """What running a graph gave: the output, the statistics of each BatchNorm's input, and gradients when asked for."""

    output: Array
    statistics: Mapping[str, tuple[Array, Array, int]]  # node -> mean, biased variance, values per channel
    gradients: Mapping[str, Array]  # "node/role" -> gradient, and the input's under "images"


def run(graph: Graph, images: Array, values: Values, *, training: bool = False, cotangent: Array | None = None) -> Run:
    """Run a graph on images `n h w c`; with a cotangent, also the gradients of sum(output * cotangent)."""
    results: dict[str, Array] = {IMAGES: images}
    backwards: list[tuple[Node, Backward]] = []
    statistics: dict[str, tuple[Array, Array, int]] = {}
    last_use = {name: index for index, node in enumerate(graph.nodes) for name in node.inputs}
    for index, node in enumerate(graph.nodes):
        inputs = tuple(results[name] for name in node.inputs)
        tensors = {role: values[f"{node.name}/{role}"] for role in node.tensors}
        results[node.name], backward = OPERATIONS[node.operation](inputs, tensors, node.attributes, training)
        if training and node.operation == "norm":
            flat = inputs[0].reshape(-1, inputs[0].shape[-1])
            statistics[node.name] = (flat.mean(axis=0), flat.var(axis=0), len(flat))
        if cotangent is not None:
            backwards.append((node, backward))
        for name in node.inputs:
            if last_use[name] == index and name != IMAGES:
                results.pop(name, None)
    output = results[graph.output]
    gradients = {} if cotangent is None else _backward(graph, backwards, cotangent, images)
    return Run(output, statistics, gradients)


def _backward(
    graph: Graph, backwards: Iterable[tuple[Node, Backward]], cotangent: Array, images: Array
) -> dict[str, Array]:
    flowing: dict[str, Array] = {graph.output: cotangent}
    found: dict[str, Array] = {}
    for node, backward in reversed(list(backwards)):
        if node.name not in flowing:
            continue
        above, tensors = backward(flowing.pop(node.name))
        for role, gradient in tensors.items():
            found[f"{node.name}/{role}"] = gradient
        for name, gradient in zip(node.inputs, above, strict=True):
            flowing[name] = flowing[name] + gradient if name in flowing else gradient
    found[IMAGES] = flowing.get(IMAGES, np.zeros_like(images))
    return found

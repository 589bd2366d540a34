"""Traces of graphs, as a student's process would report them: tensors and operations in any legal order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from grader.oracle import measures
from grader.oracle.graph import IMAGES, Graph, Node

ROLES = {"convolution": ("kernel", "bias"), "dense": ("kernel", "bias"), "norm": ("scale", "shift", "mean", "variance")}
NAMES = {"norm": "batch_norm", "dense": "matmul", "subsample": "slice"}


def of(graph: Graph, tensors: Sequence[str], order: Sequence[str], size: tuple[int, int] = (32, 32)) -> dict[str, Any]:
    """The trace of a graph whose tensors (`node/role`) were numbered and whose nodes were executed in these orders."""
    slots, sizes = graph.slots(), measures.sizes(graph, *size)
    listed = [
        {
            "name": slot,
            "shape": list(slots[slot]),
            "owner": "Layer",
            "trainable": _role(slot) not in ("mean", "variance"),
        }
        for slot in tensors
    ]
    numbers: dict[str, Any] = {IMAGES: "x"} | {name: number for number, name in enumerate(order)}
    operations = []
    for name in order:
        node = graph[name]
        own = [f"t{tensors.index(f'{name}/{role}')}" for role in ROLES.get(node.operation, ()) if role in node.tensors]
        inputs = [*(numbers[source] for source in node.inputs), *own]
        attributes = _attributes(node, sizes[node.inputs[0]])
        operation = NAMES.get(node.operation, node.operation)
        operations.append([operation, inputs, [numbers[name]], [2, *sizes[name], 1], attributes])
    return {"tensors": listed, "operations": operations, "output": numbers[graph.output]}


def encode(trace: Any) -> np.ndarray:
    """A trace as the bytes that cross the boundary."""
    return np.frombuffer(json.dumps(trace).encode(), dtype=np.uint8)


def _role(slot: str) -> str:
    return slot.rpartition("/")[2]


def _attributes(node: Node, size: tuple[int, int]) -> Mapping[str, Any]:
    if node.operation == "norm":
        return {"epsilon": node.attributes["epsilon"]}
    if "padding" not in node.attributes:
        return {}
    stride, padding = node.attributes["stride"], [list(side) for side in node.attributes["padding"]]
    return {"stride": [stride, stride], "padding": padding, "size": list(size), "groups": 1, "dilation": [1, 1]}


def shuffled(graph: Graph, generator: np.random.Generator) -> list[str]:
    """The nodes' names in a random order in which each comes after those that feed it."""
    waiting, done = [node.name for node in graph.nodes], [IMAGES]
    while waiting:
        ready = [name for name in waiting if set(graph[name].inputs) <= set(done)]
        done.append(ready[int(generator.integers(len(ready)))])
        waiting.remove(done[-1])
    return done[1:]

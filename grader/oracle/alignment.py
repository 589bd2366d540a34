"""Aligning a trace with a graph by dataflow: which of the student's tensors stands where, and in which legal variant.

Each kernel gets a label from its shape and the labels of the kernels that feed it. Labels don't depend on names, order
of declaration, order of execution or style, and two kernels of one graph share a label only when they are in parallel.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from grader.oracle.adoption import Aligned, Misfit, adopt, kernel_shape
from grader.oracle.graph import IMAGES, Graph, Node
from grader.oracle.steps import IMAGES as IMAGES_STEP
from grader.oracle.steps import Reading, Step

__all__ = ["Aligned", "Misfit", "align"]

Label = int


class _Labels:
    """Interns (shape, labels above) as small numbers."""

    def __init__(self) -> None:
        self._numbers: dict[Any, Label] = {}

    def __call__(self, shape: tuple[int, ...], above: frozenset[Label]) -> Label:
        return self._numbers.setdefault((kernel_shape(shape), above), len(self._numbers))


def align(graph: Graph, reading: Reading) -> Aligned | Misfit:
    """Align a trace with a graph; the graph comes back in the variant that the trace shows."""
    labels = _Labels()
    waiting, norms = _student(reading, labels)
    node_labels = _graph_labels(graph, labels)
    steps: dict[str, Step] = {}
    missing: list[Node] = []
    dropped: set[str] = set()
    for node in graph.nodes:
        if "kernel" in node.tensors:
            queue: list[Step] = waiting[node_labels[node.name]]
        elif node.operation == "norm":
            queue = norms[_labels_above(graph, node, node_labels)]
        else:
            continue
        if queue:
            steps[node.name] = queue.pop(0)
        elif node.name.endswith("projection_norm"):
            dropped.add(node.name)
        else:
            missing.append(node)
    extra = [step for queue in (*waiting.values(), *norms.values()) for step in queue]
    if missing or extra:
        return Misfit(tuple(missing), tuple(sorted(extra, key=reading.steps.index)))
    return adopt(graph.map(lambda node: None if node.name in dropped else node), reading, steps)


def _student(reading: Reading, labels: _Labels) -> tuple[dict[Label, list[Step]], dict[frozenset[Label], list[Step]]]:
    """The student's kernel steps by label, and norm steps by the labels above them, each in order of execution."""
    kernels: dict[Label, list[Step]] = defaultdict(list)
    norms: dict[frozenset[Label], list[Step]] = defaultdict(list)
    known: dict[int, Label] = {IMAGES_STEP: -1}
    for number, step in enumerate(reading.steps):
        if step.kernel is None and step.kind != "norm":
            continue
        above = frozenset(known[source] for source in reading.kernels_above(number))
        if step.kernel is not None:
            known[number] = labels(reading.tensors[step.kernel].shape, above)
            kernels[known[number]].append(step)
        else:
            norms[above].append(step)
    return kernels, norms


def _graph_labels(graph: Graph, labels: _Labels) -> dict[str, Label]:
    found: dict[str, Label] = {IMAGES: -1}
    for node in graph.nodes:
        if "kernel" in node.tensors:
            found[node.name] = labels(node.tensors["kernel"], _labels_above(graph, node, found))
    return found


def _labels_above(graph: Graph, node: Node, labels: dict[str, Label]) -> frozenset[Label]:
    """The labels of the nearest kernels that feed a node."""
    found: set[Label] = set()
    waiting, seen = list(node.inputs), set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in labels:
            found.add(labels[name])
        else:
            waiting.extend(graph[name].inputs)
    return frozenset(found)

"""Adopting the student's legal variant: once kernels stand where they belong, the rest is read from their steps."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from grader.oracle.graph import Graph, Node
from grader.oracle.steps import IMAGES, Reading, Step


@dataclass(frozen=True)
class Aligned:
    """A graph in the student's variant, with the student's tensor for each slot and step for each node."""

    graph: Graph
    binding: dict[str, int]
    steps: dict[str, Step]
    mistaken: bool = False  # the graph has a known mistake


@dataclass(frozen=True)
class Misfit:
    """Why a trace can't be aligned: nodes that nothing in the trace stands for, and steps that stand for no node."""

    missing: tuple[Node, ...]
    extra: tuple[Step, ...]


def kernel_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A dense matrix and a 1x1 kernel of the same numbers are the same."""
    return shape if len(shape) != 2 else (*shape, 1, 1)


def adopt(graph: Graph, reading: Reading, steps: dict[str, Step]) -> Aligned | Misfit:
    """Take over the student's legal choices: biases, epsilon, a bottleneck's stride, padding at stride 2."""
    binding: dict[str, int] = {}
    pools = [step for step in reading.steps if step.kind == "max_pool" and not _single(step)]

    def change(node: Node) -> Node:
        step = steps.get(node.name)
        if node.operation == "max_pool" and len(pools) == 1:
            return node.with_attributes(padding=_padding(node, pools[0], reading))
        if step is None:
            return node
        if step.kernel is not None:
            binding[f"{node.name}/kernel"] = step.kernel
            if step.bias is not None:
                binding[f"{node.name}/bias"] = step.bias
            return _adopt_kernel(node, step, reading)
        for role, index in step.roles.items():
            binding[f"{node.name}/{role}"] = index
        tensors = {role: reading.tensors[index].shape for role, index in step.roles.items()}
        return replace(node, tensors=tensors).with_attributes(epsilon=epsilon(step))

    adopted = _adopt_strides(graph, steps, reading).map(change)
    for node in adopted.nodes:
        if not _usable(node, graph[node.name]):
            return Misfit((graph[node.name],), (steps[node.name],))
    return Aligned(adopted, binding, steps)


def _usable(node: Node, right: Node) -> bool:
    """Whether a bias has one entry per output, a norm one per channel and what running statistics it needs."""
    if node.operation != "norm":
        return "bias" not in node.tensors or math.prod(node.tensors["bias"]) == node.tensors["kernel"][0]
    running = node.attributes.get("statistics", "running") == "running"
    fits = all(shape == right.tensors[role] for role, shape in node.tensors.items())
    return fits and (not running or {"mean", "variance"} <= set(node.tensors))


def epsilon(step: Step) -> float:
    """The epsilon of a norm: the small constant that its variance meets."""
    small = [constant for constant in step.constants if 0 < constant <= 0.1]
    return small[0] if small else 0.0


def _adopt_kernel(node: Node, step: Step, reading: Reading) -> Node:
    tensors: dict[str, tuple[int, ...]] = {"kernel": reading.tensors[step.kernel or 0].shape}
    if step.bias is not None:
        tensors["bias"] = reading.tensors[step.bias].shape
    wanted = len(node.tensors["kernel"])  # a dense layer may be written as a 1x1 convolution, and the other way round
    tensors["kernel"] = kernel_shape(tensors["kernel"]) if wanted == 4 else tensors["kernel"][:2]
    node = replace(node, tensors=tensors)
    if node.attributes.get("stride", 1) > 1 and tensors["kernel"][-1] > 1:
        found = _padding(node, step, reading) if "size" in step.attributes else _padded_before(node, step, reading)
        node = node.with_attributes(padding=found)
    return node


def _padded_before(node: Node, step: Step, reading: Reading) -> tuple[tuple[int, int], ...]:
    """The same for a convolution that is written as products of pixels: the zeros that its pixels are taken from."""
    source, stride, window = step.inputs[0], node.attributes["stride"], node.tensors["kernel"][-1]
    while source != IMAGES and reading.steps[source].kind in ("slice", "concatenate", "stack", "part"):
        source = next(iter(reading.steps[source].inputs), IMAGES)
    own: tuple[tuple[int, int], ...] = node.attributes["padding"]
    above = reading.steps[source] if source != IMAGES else step
    if above.kind in ("patches", "convolution") and above.kernel is None:  # it takes the patches
        return _padding(node, above, reading)
    if above.kind != "pad":
        return own
    sides = above.attributes.get("padding") or own
    legal = [(total // 2, total - total // 2) for total in (window - 1, window - stride)]  # at odd sizes, at even ones
    return tuple(tuple(side) if tuple(side) in legal else right for side, right in zip(sides, own, strict=False))


def _padding(node: Node, step: Step, reading: Reading) -> tuple[tuple[int, int], tuple[int, int]]:
    """The student's zeros around a strided layer where they are legal (k // 2 or `same`), else the graph's own."""
    stride, window = node.attributes["stride"], node.attributes.get("size") or node.tensors["kernel"][-1]
    chosen = []
    for axis, side in enumerate(effective_padding(step, reading)):
        size = step.attributes["size"][axis] - (sum(side) - sum(step.attributes["padding"][axis]))
        total = max((-(-size // stride) - 1) * stride + window - size, 0)
        chosen.append(side if side == (total // 2, total - total // 2) else node.attributes["padding"][axis])
    return chosen[0], chosen[1]


def effective_padding(step: Step, reading: Reading) -> tuple[tuple[int, int], tuple[int, int]]:
    """All zeros before and after, of height and width: the step's own and those of a padding right before it."""
    sides = [list(side) for side in step.attributes.get("padding", [[0, 0], [0, 0]])]
    source = step.inputs[0]
    while source != IMAGES and reading.steps[source].kind == "pad":
        padding = reading.steps[source].attributes.get("padding")
        for axis in (0, 1):
            if padding:
                sides[axis] = [sides[axis][0] + padding[axis][0], sides[axis][1] + padding[axis][1]]
        source = reading.steps[source].inputs[0]
    return (sides[0][0], sides[0][1]), (sides[1][0], sides[1][1])


def _adopt_strides(graph: Graph, steps: dict[str, Step], reading: Reading) -> Graph:
    """Where a bottleneck's stride stands on the first 1x1 in the trace, move it there (He et al. 2015, Table 1).

    Every second pixel taken in front of a 1x1 convolution is a stride of that convolution.
    """

    def stride(name: str) -> int:
        if name not in steps:
            return 1
        own = int((steps[name].attributes.get("stride") or [1])[0])
        return 2 if own == 1 and name.endswith("conv1") and _sampled(steps[name], reading) else own

    moved: dict[str, int] = {}
    for node in graph.nodes:
        prefix, _, last = node.name.rpartition("conv")
        strided = node.attributes.get("stride") == 2 and node.attributes.get("movable", True)
        if last == "2" and strided and node.tensors["kernel"][-1] == 3 and f"{prefix}conv3" in steps:
            first = f"{prefix}conv1"
            if stride(first) == 2 and stride(node.name) == 1:
                # slices may also be those of a convolution in parts: both maps are small where the first is strided
                halved = math.prod(steps[first].shape) == math.prod(steps[node.name].shape)
                moved |= {first: 2, node.name: 1} if halved else {}
    return graph.map(lambda node: node.with_attributes(stride=moved[node.name]) if node.name in moved else node)


def _sampled(step: Step, reading: Reading) -> bool:
    """Whether a step is fed by a slice of maps, by windows or by a pool of single pixels; zeros and sums aside."""
    source = step.inputs[0]
    while source != IMAGES and reading.steps[source].kind in ("pad", "sum"):
        source = reading.steps[source].inputs[0]
    if source == IMAGES:
        return False
    above = reading.steps[source]
    return above.kind in ("slice", "unfold") or _single(above)


def _single(step: Step) -> bool:
    """Whether a pool takes single pixels."""
    return list(step.attributes.get("window", [])) == [1, 1]

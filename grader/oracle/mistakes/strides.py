"""Mistakes of the stride: on the wrong convolution of a block, or on two of them."""

from __future__ import annotations

from grader.oracle.graph import Graph, Node
from grader.oracle.mistakes.register import last, mistake


def _with_strides(graph: Graph, pattern: dict[str, bool], *, projection: int = 1) -> Graph:
    """Strided blocks with the stride on the named convolutions only; the projection takes it `projection` times."""

    def change(node: Node) -> Node:
        if node.operation != "convolution" or node.name.startswith("stem") or last(node) == "conv":
            return node
        prefix = node.name.rpartition(".")[0] + "." if "." in node.name else ""
        stride = max(
            (other.attributes.get("stride", 1) for other in graph.nodes if other.name.startswith(prefix + "conv")),
            default=1,
        )
        if stride == 1:
            return node
        if last(node) == "projection":
            return node.with_attributes(stride=stride**projection)
        moved = node.with_attributes(stride=stride if pattern.get(last(node), False) else 1)
        return moved.with_attributes(movable=False)

    return graph.map(change)


@mistake(
    "stride_on_second", "the stride on the first 3x3 convolution of the basic block",
    "the first convolution keeps the size, the second one halves it",
    "give the stride to the first convolution; the second always has stride 1",
)  # fmt: skip
def stride_on_second(graph: Graph) -> Graph:
    """The basic block's second convolution is strided in place of its first."""
    if any(last(node) == "conv3" for node in graph.nodes):
        return graph
    return _with_strides(graph, {"conv2": True})


@mistake(
    "stride_on_last", "the bottleneck's stride on the first 1x1 or on the 3x3 convolution",
    "the last 1x1 convolution is the one that halves the size",
    "give the stride to the 3x3 convolution (or to the first 1x1, as in the paper)",
)  # fmt: skip
def stride_on_last(graph: Graph) -> Graph:
    """The bottleneck's last convolution is strided."""
    if not any(last(node) == "conv3" for node in graph.nodes):
        return graph
    return _with_strides(graph, {"conv3": True})


@mistake(
    "stride_twice", "one strided convolution in the main path",
    "two convolutions of the main path are strided, so the size falls to a quarter",
    "only one convolution of the block takes the stride; the shortcut takes the same stride",
)  # fmt: skip
def stride_twice(graph: Graph) -> Graph:
    """Two convolutions are strided, and the projection makes up for it."""
    return _with_strides(graph, {"conv1": True, "conv2": True}, projection=2)

"""Mistakes of the layer trio convolution, BatchNorm, ReLU: order, absence, stride, padding. Nets have no such nodes."""

from __future__ import annotations

from dataclasses import replace

from grader.oracle.graph import IMAGES, Graph, Node
from grader.oracle.mistakes.register import Rewrite, in_blocks, mistake

ORDER = "convolution, BatchNorm, ReLU, in this order"


def _without(*names: str) -> Rewrite:
    return lambda graph: graph.map(lambda node: None if in_blocks(node, *names) and _trio(graph) else node)


def _trio(graph: Graph) -> bool:
    """Whether a graph is made of trios alone."""
    return graph.nodes[0].inputs == (IMAGES,) and in_blocks(graph.nodes[0], "conv")


def _change(name: str, **attributes: object) -> Rewrite:
    """Other attributes for one of the trio's nodes."""

    def change(node: Node) -> Node:
        return node.with_attributes(**attributes) if in_blocks(node, name) else node

    return lambda graph: graph.map(change) if _trio(graph) else graph


mistake(
    "no_relu", "a ReLU after the BatchNorm", "the output of the BatchNorm as it is, negative numbers too",
    "end with an activation: max(0, x)",
)(_without("relu"))  # fmt: skip
mistake(
    "convolution_alone", "BatchNorm and ReLU after the convolution", "the convolution's output as it is",
    "call BatchNorm and ReLU on what the convolution gives",
)(_without("norm", "relu"))  # fmt: skip


def _reordered(*order: str) -> Rewrite:
    """The trio's operations in another order, on the same channels."""

    def rewrite(graph: Graph) -> Graph:
        if not _trio(graph):
            return graph
        nodes, last = [], IMAGES
        for start in range(0, len(graph.nodes), 3):
            trio = {node.name.rpartition(".")[2]: node for node in graph.nodes[start : start + 3]}
            inputs = trio["conv"].tensors["kernel"][1]
            for name in order:
                node = replace(trio[name], inputs=(last,))
                if name == "norm" and order.index("norm") < order.index("conv"):
                    node = replace(node, tensors=dict.fromkeys(node.tensors, (inputs,)))
                nodes.append(node)
                last = node.name
        return Graph(tuple(nodes))

    return rewrite


mistake(
    "relu_before_norm_in_trio", ORDER, "the ReLU stands between the convolution and its BatchNorm",
    "normalise what the convolution gives, and cut off negative numbers last",
)(_reordered("conv", "relu", "norm"))  # fmt: skip
mistake(
    "norm_and_relu_before_convolution", ORDER, "BatchNorm and ReLU come before the convolution",
    "the BatchNorm has as many channels as the convolution gives, and comes after it",
)(_reordered("norm", "relu", "conv"))  # fmt: skip
mistake(
    "norm_before_convolution", ORDER, "the BatchNorm comes before the convolution",
    "the BatchNorm has as many channels as the convolution gives, and comes after it",
)(_reordered("norm", "conv", "relu"))  # fmt: skip
mistake(
    "unpadded", "one pixel of zeros on every side of the image, so that stride 1 keeps its size",
    "no padding: the image shrinks by two pixels", "a 3x3 convolution keeps the size with a padding of 1",
)(_change("conv", padding=((0, 0), (0, 0))))  # fmt: skip
mistake(
    "stride_ignored", "the convolution with the stride of the argument `stride`", "stride 1 always",
    "hand the argument on to the convolution",
)(_change("conv", stride=1))  # fmt: skip
mistake(
    "stride_always_2", "the convolution with the stride of the argument `stride`", "stride 2 always",
    "hand the argument on to the convolution",
)(_change("conv", stride=2))  # fmt: skip
mistake(
    "unbiased_variance", "in training mode each channel divided by the root of the *biased* variance: the sum over n",
    "the sum over n - 1 (`unbiased=True`, torch's default, NumPy's `ddof=1`)",
    "take the biased variance to normalise; for the running variance either will do",
)(_change("norm", unbiased=True))  # fmt: skip

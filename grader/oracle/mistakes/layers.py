"""Mistakes inside a block: the order of convolution, BatchNorm and ReLU, their absence, and what is taken for them."""

from __future__ import annotations

from dataclasses import replace

from grader.oracle.graph import Graph, Node
from grader.oracle.mistakes.additions import no_relu_after_addition
from grader.oracle.mistakes.register import Rewrite, blocks, in_blocks, last, mistake, norm_node


@mistake(
    "no_relu_between", "a ReLU between the convolutions of the main path",
    "the convolutions follow one another with BatchNorm alone",
    "each convolution but the last of the block is followed by BatchNorm and ReLU",
)  # fmt: skip
def no_relu_between(graph: Graph) -> Graph:
    """No activation inside the main path."""
    return graph.map(lambda node: None if in_blocks(node, "relu1", "relu2") else node)


@mistake(
    "no_first_relu", "a ReLU after the first BatchNorm of the block",
    "the first convolution's BatchNorm is followed by the next convolution at once",
    "each convolution but the last of the block is followed by BatchNorm and ReLU",
)  # fmt: skip
def no_first_relu(graph: Graph) -> Graph:
    """The activation after the first convolution is missing."""
    return graph.map(lambda node: None if in_blocks(node, "relu1") else node)


@mistake(
    "no_second_relu", "a ReLU after the second BatchNorm of the bottleneck",
    "the second convolution's BatchNorm is followed by the last convolution at once",
    "each convolution but the last of the block is followed by BatchNorm and ReLU",
)  # fmt: skip
def no_second_relu(graph: Graph) -> Graph:
    """The activation after the second of three convolutions is missing."""
    return graph.map(lambda node: None if in_blocks(node, "relu2") else node)


def _swap_norm_and_relu(graph: Graph, *relus: str) -> Graph:
    """Convolution, ReLU, BatchNorm in place of convolution, BatchNorm, ReLU."""
    for node in graph.nodes:
        if not in_blocks(node, *relus):
            continue
        norm = graph[node.inputs[0]]
        first = replace(node, inputs=norm.inputs)
        second = replace(norm, inputs=(node.name,))
        order = {norm.name: first, node.name: second}
        nodes = []
        for other in graph.nodes:
            if other.name in order:
                nodes.append(order[other.name])
            else:
                nodes.append(replace(other, inputs=tuple(norm.name if n == node.name else n for n in other.inputs)))
        graph = Graph(tuple(nodes))
    return graph


@mistake(
    "relu_before_norm", "convolution, BatchNorm, ReLU, in this order",
    "the ReLU stands between the convolution and its BatchNorm",
    "BatchNorm comes right after each convolution and before the activation",
)  # fmt: skip
def relu_before_norm(graph: Graph) -> Graph:
    """Convolution, ReLU, BatchNorm inside the main path."""
    return _swap_norm_and_relu(graph, "relu1", "relu2")


@mistake(
    "preactivation", "convolution, BatchNorm, ReLU, in this order, and a ReLU after the addition",
    "BatchNorm and ReLU stand before each convolution, as in the later paper (He et al. 2016)",
    "here each convolution comes first, then its BatchNorm, and the last ReLU comes after the addition",
)  # fmt: skip
def preactivation(graph: Graph) -> Graph:
    """BatchNorm, ReLU, convolution in each block, and nothing after the addition."""
    nodes: list[Node] = []
    ends: dict[str, str] = {}  # the newest convolution of each block
    for node in graph.nodes if blocks(graph) else ():
        prefix = node.name.removesuffix(last(node))
        if in_blocks(node, "conv1", "conv2", "conv3"):
            norm = norm_node(
                f"{prefix}norm{node.name[-1]}", ends.get(prefix, node.inputs[0]), node.tensors["kernel"][1]
            )
            relu = Node(f"{prefix}relu{node.name[-1]}", "relu", (norm.name,))
            nodes += [norm, relu, replace(node, inputs=(relu.name,))]
            ends[prefix] = node.name
        elif last(node) == "add":
            nodes.append(replace(node, inputs=(ends[prefix], node.inputs[1])))
        elif not in_blocks(node, "norm1", "norm2", "norm3", "relu1", "relu2"):
            nodes.append(node)
    return no_relu_after_addition(Graph(tuple(nodes))) if nodes else graph


@mistake(
    "no_norm", "BatchNorm after each convolution", "no BatchNorm at all in the block",
    "put a BatchNorm behind each convolution, with as many channels as the convolution gives",
)  # fmt: skip
def no_norm(graph: Graph) -> Graph:
    """No BatchNorm in the blocks."""
    return graph.map(lambda node: None if node.operation == "norm" and not node.name.startswith("stem") else node)


@mistake(
    "no_norm_anywhere", "BatchNorm after each convolution", "no BatchNorm at all in the net",
    "put a BatchNorm behind each convolution, with as many channels as the convolution gives",
)  # fmt: skip
def no_norm_anywhere(graph: Graph) -> Graph:
    """No BatchNorm, neither in the stem nor in the blocks."""
    return graph.map(lambda node: None if node.operation == "norm" else node)


@mistake(
    "no_last_norm", "BatchNorm after each convolution", "the last convolution of the block has no BatchNorm",
    "give the last convolution its own BatchNorm, and call it before the addition",
)  # fmt: skip
def no_last_norm(graph: Graph) -> Graph:
    """The norm of the block's last convolution is missing."""
    bottleneck = any(in_blocks(node, "norm3") for node in graph.nodes)
    return graph.map(lambda node: None if in_blocks(node, "norm3" if bottleneck else "norm2") else node)


@mistake(
    "no_first_norm", "BatchNorm after each convolution", "the first convolution of the block has no BatchNorm",
    "give the first convolution its own BatchNorm, and call it before the activation",
)  # fmt: skip
def no_first_norm(graph: Graph) -> Graph:
    """The norm of the block's first convolution is missing."""
    return graph.map(lambda node: None if in_blocks(node, "norm1") else node)


@mistake(
    "norm_after_addition", "nothing but a ReLU after the addition",
    "another BatchNorm after the addition",
    "BatchNorm belongs to the convolutions; the sum goes straight into the last ReLU",
)  # fmt: skip
def norm_after_addition(graph: Graph) -> Graph:
    """One norm too many, behind the addition."""
    for prefix in blocks(graph):
        norms = [node for node in graph.nodes if node.name.startswith(f"{prefix}norm")]
        channels = norms[-1].tensors["scale"][0]
        graph = graph.insert_after(f"{prefix}add", norm_node(f"{prefix}sum_norm", "", channels))
    return graph


def _norms(**changes: str) -> Rewrite:
    return lambda graph: graph.map(lambda node: node.with_attributes(**changes) if node.operation == "norm" else node)


for _name, _changes, _got in (
    ("batch_statistics_in_evaluation", {"statistics": "own"},
     "in evaluation mode the layers normalise with the statistics of the current batch"),
    ("instance_norm", {"over": "instance", "statistics": "own"}, "each image is normalised by itself"),
    ("tracked_instance_norm", {"over": "instance"}, "in training mode each image is normalised by itself"),
    ("layer_norm", {"over": "layer", "statistics": "own"}, "each pixel is normalised over its channels"),
    ("group_norm", {"over": "whole", "statistics": "own"}, "each image is normalised over all pixels and channels"),
):  # fmt: skip
    mistake(
        _name, "BatchNorm: batch statistics in training mode, running statistics in evaluation mode", _got,
        "use the framework's BatchNorm for images with its default arguments",
    )(_norms(**_changes))  # fmt: skip


def _activations(operation: str, **attributes: float) -> Rewrite:
    return lambda graph: graph.map(
        lambda node: replace(node, operation=operation, attributes=attributes) if node.operation == "relu" else node
    )


for _operation, _words in (
    ("gelu", "GELU"),
    ("silu", "SiLU (Swish)"),
    ("elu", "ELU"),
    ("tanh", "tanh"),
    ("sigmoid", "a sigmoid"),
):
    mistake(
        _operation, "ReLU as the activation", f"{_words} in its place", "the nets of He et al. use ReLU: max(0, x)"
    )(_activations(_operation))
for _slope in (0.01, 0.1, 0.2, 0.3):
    mistake(
        f"leaky_relu_{_slope:g}", "ReLU as the activation",
        f"a leaky ReLU (negative values times {_slope:g}) in its place",
        "the nets of He et al. use ReLU: max(0, x)",
    )(_activations("leaky_relu", slope=_slope))  # fmt: skip

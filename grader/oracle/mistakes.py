"""Known mistakes as rewrites of a graph, each with the sentence that explains it.

A rewrite applies to every block of a graph, by the last part of the nodes' names, so that it explains a block and a
whole net alike. The rewrite that reproduces a model's outputs *is* the mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from grader.oracle.graph import IMAGES, Graph, Node
from grader.oracle.operations import Padding
from grader.result import Complaint

Rewrite = Callable[[Graph], Graph]


@dataclass(frozen=True)
class Mistake:
    """A rewrite with what a student reads when it explains their model."""

    name: str
    rewrite: Rewrite
    complaint: Complaint


MISTAKES: dict[str, Mistake] = {}


def _mistake(name: str, expected: str, got: str, fix: str) -> Callable[[Rewrite], Rewrite]:
    def register(rewrite: Rewrite) -> Rewrite:
        MISTAKES[name] = Mistake(name, rewrite, Complaint(expected, got, fix, name))
        return rewrite

    return register


def _last(node: Node) -> str:
    return node.name.rpartition(".")[2]


def _blocks(graph: Graph) -> list[str]:
    """The prefixes of all residual blocks."""
    return [node.name.removesuffix("add") for node in graph.nodes if _last(node) == "add"]


def _bypass(*names: str) -> Rewrite:
    return lambda graph: graph.map(lambda node: None if _last(node) in names else node)


def _in_blocks(node: Node, *names: str) -> bool:
    return _last(node) in names and not node.name.startswith("stem")


@_mistake(
    "no_relu_after_addition", "a ReLU after the addition",
    "the sum of main path and shortcut is returned as it is",
    "the block ends with an activation of the *sum*",
)  # fmt: skip
def no_relu_after_addition(graph: Graph) -> Graph:
    """The last ReLU of each residual block is missing."""
    ends = {f"{prefix}relu" for prefix in _blocks(graph)}
    return graph.map(lambda node: None if node.name in ends else node)


@_mistake(
    "relu_before_addition", "the addition first, then the ReLU",
    "the ReLU is applied to the main path before the shortcut is added, and none after",
    "move the last activation behind the addition",
)  # fmt: skip
def relu_before_addition(graph: Graph) -> Graph:
    """ReLU on the main path before the addition, none after it."""
    graph = no_relu_after_addition(graph)
    for prefix in _blocks(graph):
        main = graph[f"{prefix}add"].inputs[0]
        graph = graph.insert_after(main, lambda name, prefix=prefix: Node(f"{prefix}early", "relu", (name,)))  # type: ignore[misc]
    return graph


@_mistake(
    "relu_before_and_after_addition", "one ReLU, after the addition",
    "a ReLU on the main path before the shortcut is added, and another one after",
    "the main path ends with its BatchNorm: remove the activation between it and the addition",
)  # fmt: skip
def relu_before_and_after_addition(graph: Graph) -> Graph:
    """One ReLU too many, on the main path before the addition."""
    for prefix in _blocks(graph):
        main = graph[f"{prefix}add"].inputs[0]
        graph = graph.insert_after(main, lambda name, prefix=prefix: Node(f"{prefix}early", "relu", (name,)))  # type: ignore[misc]
    return graph


@_mistake(
    "skip_missing", "the shortcut added to the main path",
    "the main path alone: the shortcut never reaches the output",
    "add the (projected) input of the block to the main path before the last ReLU",
)  # fmt: skip
def skip_missing(graph: Graph) -> Graph:
    """The shortcut is never added, and its projection is computed for nothing or not at all."""
    graph = graph.map(lambda node: None if _last(node) == "add" else node)
    return _without_dead_nodes(graph)


@_mistake(
    "skip_subtracted", "the shortcut *added* to the main path",
    "the shortcut is subtracted", "use a sum",
)  # fmt: skip
def skip_subtracted(graph: Graph) -> Graph:
    """Main path minus shortcut."""
    return graph.map(lambda node: node.with_attributes(factor=-1.0) if _last(node) == "add" else node)


@_mistake(
    "skip_multiplied", "the shortcut *added* to the main path",
    "main path and shortcut are multiplied", "use a sum",
)  # fmt: skip
def skip_multiplied(graph: Graph) -> Graph:
    """Main path times shortcut."""
    return graph.map(lambda node: replace(node, operation="multiply") if _last(node) == "add" else node)


@_mistake(
    "skip_detached", "a gradient that flows back through the shortcut",
    "the shortcut gives the right values, but no gradient passes through it",
    "feed the shortcut with the block's input itself: no `detach`, `.data`, `no_grad` or `stop_gradient`",
)  # fmt: skip
def skip_detached(graph: Graph) -> Graph:
    """The shortcut is cut off from the gradient."""
    for prefix in _blocks(graph):
        graph = _cut(graph, prefix, branch=1)
    return graph


@_mistake(
    "main_path_detached", "a gradient that flows back through the main path",
    "the main path gives the right values, but no gradient passes through it",
    "compute the main path on the block's input itself: no `detach`, `.data`, `no_grad` or `stop_gradient`",
)  # fmt: skip
def main_path_detached(graph: Graph) -> Graph:
    """The end of the main path is cut off from the gradient."""
    for prefix in _blocks(graph):
        main = graph[f"{prefix}add"].inputs[0]
        graph = graph.insert_after(main, lambda name, prefix=prefix: Node(f"{prefix}stop", "stop", (name,)))  # type: ignore[misc]
    return graph


def _entrance(graph: Graph, prefix: str) -> str:
    return graph[f"{prefix}conv1"].inputs[0]


def _cut(graph: Graph, prefix: str, *, branch: int) -> Graph:
    """Put a stop between a block's entrance and the first node of its shortcut."""
    entrance, first = _entrance(graph, prefix), f"{prefix}conv1"
    stop = Node(f"{prefix}stop", "stop", (entrance,))
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.name == first:
            nodes.append(stop)
        if node.name.startswith(prefix) and node.name != first and entrance in node.inputs:
            node = replace(node, inputs=tuple(stop.name if name == entrance else name for name in node.inputs))
        nodes.append(node)
    return Graph(tuple(nodes))


@_mistake(
    "shortcut_from_main_path", "a shortcut that starts at the input of the block",
    "the projection is computed from the main path",
    "feed the projection with the block's input",
)  # fmt: skip
def shortcut_from_main_path(graph: Graph) -> Graph:
    """The projection reads the end of the main path."""
    mains = {f"{prefix}projection": graph[f"{prefix}add"].inputs[0] for prefix in _blocks(graph)}

    def change(node: Node) -> Node:
        if node.name not in mains:
            return node
        outputs = node.tensors["kernel"][0]
        moved = replace(node, inputs=(mains[node.name],), tensors={**node.tensors, "kernel": (outputs, outputs, 1, 1)})
        return moved.with_attributes(stride=1)

    return graph.map(change)


@_mistake(
    "relu_on_input", "the block's input left as it is",
    "a ReLU is applied to the input itself, in place, before the shortcut takes it",
    "an in-place activation changes the tensor that the shortcut still needs: don't apply one to the input",
)  # fmt: skip
def relu_on_input(graph: Graph) -> Graph:
    """The input goes through a ReLU before both paths."""
    for prefix in _blocks(graph):
        entrance = _entrance(graph, prefix)
        early = Node(f"{prefix}early", "relu", (entrance,))
        nodes: list[Node] = []
        for node in graph.nodes:
            if node.name == f"{prefix}conv1":
                nodes.append(early)
            if node.name.startswith(prefix) and entrance in node.inputs:
                node = replace(node, inputs=tuple(early.name if name == entrance else name for name in node.inputs))
            nodes.append(node)
        graph = Graph(tuple(nodes))
    return graph


@_mistake(
    "no_relu_between", "a ReLU between the convolutions of the main path",
    "the convolutions follow one another with BatchNorm alone",
    "each convolution but the last of the block is followed by BatchNorm and ReLU",
)  # fmt: skip
def no_relu_between(graph: Graph) -> Graph:
    """No activation inside the main path."""
    return graph.map(lambda node: None if _in_blocks(node, "relu1", "relu2") else node)


@_mistake(
    "no_first_relu", "a ReLU after the first BatchNorm of the block",
    "the first convolution's BatchNorm is followed by the next convolution at once",
    "each convolution but the last of the block is followed by BatchNorm and ReLU",
)  # fmt: skip
def no_first_relu(graph: Graph) -> Graph:
    """The activation after the first convolution is missing."""
    return graph.map(lambda node: None if _in_blocks(node, "relu1") else node)


@_mistake(
    "no_second_relu", "a ReLU after the second BatchNorm of the bottleneck",
    "the second convolution's BatchNorm is followed by the last convolution at once",
    "each convolution but the last of the block is followed by BatchNorm and ReLU",
)  # fmt: skip
def no_second_relu(graph: Graph) -> Graph:
    """The activation after the second of three convolutions is missing."""
    return graph.map(lambda node: None if _in_blocks(node, "relu2") else node)


def _swap_norm_and_relu(graph: Graph, *relus: str) -> Graph:
    """Convolution, ReLU, BatchNorm in place of convolution, BatchNorm, ReLU."""
    for node in graph.nodes:
        if not _in_blocks(node, *relus):
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


@_mistake(
    "relu_before_norm", "convolution, BatchNorm, ReLU, in this order",
    "the ReLU stands between the convolution and its BatchNorm",
    "BatchNorm comes right after each convolution and before the activation",
)  # fmt: skip
def relu_before_norm(graph: Graph) -> Graph:
    """Convolution, ReLU, BatchNorm inside the main path."""
    return _swap_norm_and_relu(graph, "relu1", "relu2")


@_mistake(
    "no_norm", "BatchNorm after each convolution", "no BatchNorm at all in the block",
    "put a BatchNorm behind each convolution, with as many channels as the convolution gives",
)  # fmt: skip
def no_norm(graph: Graph) -> Graph:
    """No BatchNorm in the blocks."""
    return graph.map(lambda node: None if node.operation == "norm" and not node.name.startswith("stem") else node)


@_mistake(
    "no_norm_anywhere", "BatchNorm after each convolution", "no BatchNorm at all in the net",
    "put a BatchNorm behind each convolution, with as many channels as the convolution gives",
)  # fmt: skip
def no_norm_anywhere(graph: Graph) -> Graph:
    """No BatchNorm, neither in the stem nor in the blocks."""
    return graph.map(lambda node: None if node.operation == "norm" else node)


@_mistake(
    "no_last_norm", "BatchNorm after each convolution", "the last convolution of the block has no BatchNorm",
    "give the last convolution its own BatchNorm, and call it before the addition",
)  # fmt: skip
def no_last_norm(graph: Graph) -> Graph:
    """The norm of the block's last convolution is missing."""
    last = {name for name in ("norm2", "norm3")}
    three = any(_last(node) == "norm3" for node in graph.nodes)
    return graph.map(
        lambda node: None if _in_blocks(node, *last) and _last(node) == ("norm3" if three else "norm2") else node
    )


@_mistake(
    "no_first_norm", "BatchNorm after each convolution", "the first convolution of the block has no BatchNorm",
    "give the first convolution its own BatchNorm, and call it before the activation",
)  # fmt: skip
def no_first_norm(graph: Graph) -> Graph:
    """The norm of the block's first convolution is missing."""
    return graph.map(lambda node: None if _in_blocks(node, "norm1") else node)


def _with_strides(graph: Graph, pattern: dict[str, bool], *, projection: int = 1) -> Graph:
    """Strided blocks with the stride on the named convolutions only; the projection takes it `projection` times."""

    def change(node: Node) -> Node:
        if node.operation != "convolution" or node.name.startswith("stem"):
            return node
        prefix = node.name.rpartition(".")[0] + "." if "." in node.name else ""
        stride = max(
            (other.attributes.get("stride", 1) for other in graph.nodes if other.name.startswith(prefix + "conv")),
            default=1,
        )
        if stride == 1:
            return node
        if _last(node) == "projection":
            return node.with_attributes(stride=stride**projection)
        moved = node.with_attributes(stride=stride if pattern.get(_last(node), False) else 1)
        return moved.with_attributes(movable=False)

    return graph.map(change)


@_mistake(
    "stride_on_second", "the stride on the first 3x3 convolution of the basic block",
    "the first convolution keeps the size, the second one halves it",
    "give the stride to the first convolution; the second always has stride 1",
)  # fmt: skip
def stride_on_second(graph: Graph) -> Graph:
    """The basic block's second convolution is strided in place of its first."""
    if any(_last(node) == "conv3" for node in graph.nodes):
        return graph
    return _with_strides(graph, {"conv2": True})


@_mistake(
    "stride_on_last", "the bottleneck's stride on the first 1x1 or on the 3x3 convolution",
    "the last 1x1 convolution is the one that halves the size",
    "give the stride to the 3x3 convolution (or to the first 1x1, as in the paper)",
)  # fmt: skip
def stride_on_last(graph: Graph) -> Graph:
    """The bottleneck's last convolution is strided."""
    if not any(_last(node) == "conv3" for node in graph.nodes):
        return graph
    return _with_strides(graph, {"conv3": True})


@_mistake(
    "stride_twice", "one strided convolution in the main path",
    "two convolutions of the main path are strided, so the size falls to a quarter",
    "only one convolution of the block takes the stride; the shortcut takes the same stride",
)  # fmt: skip
def stride_twice(graph: Graph) -> Graph:
    """Two convolutions are strided, and the projection makes up for it."""
    return _with_strides(graph, {"conv1": True, "conv2": True}, projection=2)


@_mistake(
    "projection_always", "an identity shortcut where the input already has the right shape",
    "a projection in every block, also where stride is 1 and the channels stay the same",
    "project only where the stride or the number of channels changes",
)  # fmt: skip
def projection_always(graph: Graph) -> Graph:
    """A projection in every block."""
    for prefix in _blocks(graph):
        node = graph[f"{prefix}add"]
        if node.inputs[1] != _entrance(graph, prefix):
            continue
        main = [other for other in graph.nodes if other.name.startswith(prefix) and _last(other).startswith("conv")]
        channels = main[-1].tensors["kernel"][0]
        attributes = {"stride": 1, "padding": ((0, 0), (0, 0))}
        projection = Node(
            f"{prefix}projection", "convolution", (node.inputs[1],), attributes, {"kernel": (channels, channels, 1, 1)}
        )
        roles = dict.fromkeys(("scale", "shift", "mean", "variance"), (channels,))
        norm = Node(f"{prefix}projection_norm", "norm", (projection.name,), {"epsilon": 0.0}, roles)
        at = graph.nodes.index(node)
        changed = replace(node, inputs=(node.inputs[0], norm.name))
        graph = Graph((*graph.nodes[:at], projection, norm, changed, *graph.nodes[at + 1 :]))
    return graph


@_mistake(
    "norm_after_addition", "nothing but a ReLU after the addition",
    "another BatchNorm after the addition",
    "BatchNorm belongs to the convolutions; the sum goes straight into the last ReLU",
)  # fmt: skip
def norm_after_addition(graph: Graph) -> Graph:
    """One norm too many, behind the addition."""
    for prefix in _blocks(graph):
        channels = next(n.tensors["scale"][0] for n in reversed(graph.nodes) if n.name.startswith(f"{prefix}norm"))
        roles = dict.fromkeys(("scale", "shift", "mean", "variance"), (channels,))
        graph = graph.insert_after(
            f"{prefix}add", lambda name, p=prefix, r=roles: Node(f"{p}sum_norm", "norm", (name,), {"epsilon": 0.0}, r)  # type: ignore[misc]
        )
    return graph


def _norms(**changes: str) -> Rewrite:
    return lambda graph: graph.map(lambda node: node.with_attributes(**changes) if node.operation == "norm" else node)


for _name, _changes, _got in (
    ("batch_statistics_in_evaluation", {"statistics": "own"},
     "in evaluation mode the layers normalise with the statistics of the current batch"),
    ("instance_norm", {"over": "instance", "statistics": "own"}, "each image is normalised by itself (instance normalisation)"),
    ("tracked_instance_norm", {"over": "instance"}, "in training mode each image is normalised by itself"),
    ("layer_norm", {"over": "layer", "statistics": "own"}, "each pixel is normalised over its channels (layer normalisation)"),
    ("group_norm", {"over": "whole", "statistics": "own"}, "each image is normalised over all pixels and channels"),
):  # fmt: skip
    _mistake(
        _name, "BatchNorm: batch statistics in training mode, running statistics in evaluation mode", _got,
        "use the framework's BatchNorm for images with its default arguments",
    )(_norms(**_changes))  # fmt: skip


def _activations(operation: str, **attributes: float) -> Rewrite:
    return lambda graph: graph.map(
        lambda node: replace(node, operation=operation, attributes=attributes) if node.operation == "relu" else node
    )


for _operation, _words in (("gelu", "GELU"), ("silu", "SiLU (Swish)"), ("elu", "ELU"), ("tanh", "tanh"), ("sigmoid", "a sigmoid")):
    _mistake(
        _operation, "ReLU as the activation", f"{_words} in its place", "the nets of He et al. use ReLU: max(0, x)"
    )(_activations(_operation))
for _slope in (0.01, 0.1, 0.2, 0.3):
    _mistake(
        f"leaky_relu_{_slope:g}", "ReLU as the activation", f"a leaky ReLU (negative values times {_slope:g}) in its place",
        "the nets of He et al. use ReLU: max(0, x)",
    )(_activations("leaky_relu", slope=_slope))  # fmt: skip


def _padded(name: str, padding: Padding) -> Rewrite:
    return lambda graph: graph.map(lambda node: node.with_attributes(padding=padding) if _in_blocks(node, name) else node)


def _without_dead_nodes(graph: Graph) -> Graph:
    """The graph without nodes that don't reach the output."""
    alive: set[str] = {graph.output}
    for node in reversed(graph.nodes):
        if node.name in alive:
            alive.update(node.inputs)
    alive.discard(IMAGES)
    return Graph(tuple(node for node in graph.nodes if node.name in alive))

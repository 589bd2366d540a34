"""Mistakes of the shortcut: where it starts, where there is one, its projection, and option A."""

from __future__ import annotations

from dataclasses import replace

from grader.oracle.graph import Graph, Node
from grader.oracle.mistakes.register import (
    blocks,
    entrance,
    last,
    mistake,
    norm_node,
    projection_node,
    without_dead_nodes,
)


def _before_block(graph: Graph, prefix: str, operation: str, *, main: bool) -> Graph:
    """An operation between a block's entrance and its shortcut, and, with `main`, its main path."""
    start, first = entrance(graph, prefix), f"{prefix}conv1"
    early = Node(f"{prefix}{operation}_early", operation, (start,))
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.name == first:
            nodes.append(early)
        if node.name.startswith(prefix) and (main or node.name != first) and start in node.inputs:
            node = replace(node, inputs=tuple(early.name if name == start else name for name in node.inputs))
        nodes.append(node)
    return Graph(tuple(nodes))


@mistake(
    "skip_detached", "a gradient that flows back through the shortcut",
    "the shortcut gives the right values, but no gradient passes through it",
    "feed the shortcut with the block's input itself: no `detach`, `.data`, `no_grad` or `stop_gradient`",
)  # fmt: skip
def skip_detached(graph: Graph) -> Graph:
    """The shortcut is cut off from the gradient."""
    for prefix in blocks(graph):
        graph = _before_block(graph, prefix, "stop", main=False)
    return graph


@mistake(
    "changing_skip_detached", "a gradient that flows back through every shortcut",
    "where the shape changes the shortcut gives the right values, but no gradient passes through it",
    "a shortcut in which nothing learns still hands the gradient on to the layers before: no `detach`, `no_grad` or "
    "`stop_gradient`",
)  # fmt: skip
def changing_skip_detached(graph: Graph) -> Graph:
    """The shortcuts that change the shape are cut off from the gradient."""
    for prefix in blocks(graph):
        if entrance(graph, prefix) not in graph[f"{prefix}add"].inputs:
            graph = _before_block(graph, prefix, "stop", main=False)
    return graph


@mistake(
    "shortcut_from_main_path", "a shortcut that starts at the input of the block",
    "the projection is computed from the main path",
    "feed the projection with the block's input",
)  # fmt: skip
def shortcut_from_main_path(graph: Graph) -> Graph:
    """The projection reads the end of the main path."""
    mains = {f"{prefix}projection": graph[f"{prefix}add"].inputs[0] for prefix in blocks(graph)}

    def change(node: Node) -> Node:
        if node.name not in mains:
            return node
        outputs = node.tensors["kernel"][0]
        moved = replace(node, inputs=(mains[node.name],), tensors={**node.tensors, "kernel": (outputs, outputs, 1, 1)})
        return moved.with_attributes(stride=1)

    return graph.map(change)


def _norm_from_main_path(graph: Graph) -> Graph:
    """The projection's norm reads the end of the main path."""
    mains = {f"{prefix}projection_norm": graph[f"{prefix}add"].inputs[0] for prefix in blocks(graph)}
    return graph.map(lambda node: replace(node, inputs=(mains[node.name],)) if node.name in mains else node)


for _name, _rewrite in (
    ("shortcut_norm_from_main_path", _norm_from_main_path),  # the projection is computed for nothing
    ("shortcut_norm_alone", lambda graph: without_dead_nodes(_norm_from_main_path(graph))),
):
    mistake(
        _name, "a shortcut that starts at the input of the block",
        "the BatchNorm of the shortcut is fed with the main path",
        "feed the shortcut's BatchNorm with the projection of the block's input",
    )(_rewrite)  # fmt: skip


@mistake(
    "relu_on_input", "the block's input left as it is",
    "a ReLU is applied to the input itself, in place, before the shortcut takes it",
    "an in-place activation changes the tensor that the shortcut still needs: don't apply one to the input",
)  # fmt: skip
def relu_on_input(graph: Graph) -> Graph:
    """The input goes through a ReLU before both paths."""
    for prefix in blocks(graph):
        graph = _before_block(graph, prefix, "relu", main=True)
    return graph


@mistake(
    "projection_always", "an identity shortcut where the input already has the right shape",
    "a projection in every block, also where stride is 1 and the channels stay the same",
    "project only where the stride or the number of channels changes",
)  # fmt: skip
def projection_always(graph: Graph) -> Graph:
    """A projection in every block."""
    for prefix in blocks(graph):
        node = graph[f"{prefix}add"]
        if node.inputs[1] != entrance(graph, prefix):
            continue
        main = [other for other in graph.nodes if other.name.startswith(prefix) and last(other).startswith("conv")]
        channels = main[-1].tensors["kernel"][0]
        projection = projection_node(f"{prefix}projection", node.inputs[1], channels, stride=1)
        norm = norm_node(f"{prefix}projection_norm", projection.name, channels)
        at = graph.nodes.index(node)
        changed = replace(node, inputs=(node.inputs[0], norm.name))
        graph = Graph((*graph.nodes[:at], projection, norm, changed, *graph.nodes[at + 1 :]))
    return graph


@mistake(
    "shortcut_only_where_it_fits", "a shortcut in every block, by a projection where the shape changes",
    "blocks that change the shape have no shortcut",
    "where stride or channels change, a 1x1 convolution with the same stride brings the input to the new shape",
)  # fmt: skip
def shortcut_only_where_it_fits(graph: Graph) -> Graph:
    """No shortcut in blocks that change the shape."""
    changing = {
        f"{prefix}add" for prefix in blocks(graph) if graph[f"{prefix}add"].inputs[1] != entrance(graph, prefix)
    }
    return without_dead_nodes(graph.map(lambda node: None if node.name in changing else node))


@mistake(
    "relu_in_projection", "a projection of convolution and BatchNorm alone",
    "a ReLU follows in the shortcut, before the addition",
    "the shortcut has no activation: the ReLU comes after the sum",
)  # fmt: skip
def relu_in_projection(graph: Graph) -> Graph:
    """A ReLU behind each projection."""
    for prefix in blocks(graph):
        end = graph[f"{prefix}add"].inputs[1]
        if end.startswith(f"{prefix}projection"):
            graph = graph.insert_after(end, Node(f"{prefix}projection_relu", "relu", ()))
    return graph


def _pooled_shortcut(graph: Graph, operation: str) -> Graph:
    """Option A that pools in place of taking every second pixel."""
    window = {"size": 2, "stride": 2, "padding": ((0, 0), (0, 0))}
    for node in [node for node in graph.nodes if node.operation == "subsample"]:
        pool = Node(f"{node.name}_pool", operation, node.inputs, window)
        changed = replace(node, inputs=(pool.name,)).with_attributes(stride=1)
        at = graph.nodes.index(graph[node.name])
        graph = Graph((*graph.nodes[:at], pool, changed, *graph.nodes[at + 1 :]))
    return graph


for _operation, _words in (("average_pool", "averages of 2x2 pixels"), ("max_pool", "the greatest of 2x2 pixels")):
    mistake(
        f"{_operation}_in_shortcut", "a shortcut that takes every second pixel (option A), or a projection",
        f"a shortcut that takes {_words}", "slice the map with step 2 from the first pixel on, without pooling",
    )(lambda graph, operation=_operation: _pooled_shortcut(graph, operation))  # type: ignore[misc]  # fmt: skip


@mistake(
    "shortcut_from_second_pixel", "a shortcut that takes every second pixel, from the first one on",
    "it starts with the second pixel", "start the slice at 0, as a strided convolution does",
)  # fmt: skip
def shortcut_from_second_pixel(graph: Graph) -> Graph:
    """Option A with an offset of one pixel."""
    return graph.map(lambda node: node.with_attributes(first=1) if node.operation == "subsample" else node)

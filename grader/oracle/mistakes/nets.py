"""Mistakes of whole nets: the stem, the stages, the pooling and what follows the dense layer."""

from __future__ import annotations

from dataclasses import replace

from grader.oracle.graph import Graph, Node
from grader.oracle.mistakes.register import Rewrite, blocks, entrance, last, mistake, norm_node, projection_node


def _append(operation: str) -> Rewrite:
    """Another operation behind the dense layer; blocks, which have none, stay as they are."""

    def rewrite(graph: Graph) -> Graph:
        if graph.nodes[-1].operation != "dense":
            return graph
        return Graph((*graph.nodes, Node("end", operation, (graph.output,))))

    return rewrite


for _operation, _words in (
    ("softmax", "a softmax"),
    ("log_softmax", "a log-softmax"),
    ("sigmoid", "a sigmoid"),
    ("relu", "a ReLU"),
):
    mistake(
        f"{_operation}_at_the_end", "logits: the output of the dense layer as it is", f"{_words} after the dense layer",
        "end with the dense layer, without an activation: the loss turns logits into probabilities",
    )(_append(_operation))  # fmt: skip


def _without(*names: str) -> Rewrite:
    return lambda graph: graph.map(lambda node: None if node.name in names else node)


mistake(
    "no_stem_relu", "convolution, BatchNorm and ReLU in the stem", "no ReLU after the first BatchNorm of the net",
    "put an activation behind the stem's BatchNorm",
)(_without("stem.relu"))  # fmt: skip
mistake(
    "no_stem_norm", "convolution, BatchNorm and ReLU in the stem", "no BatchNorm in the stem",
    "put a BatchNorm between the first convolution and its activation",
)(_without("stem.norm"))  # fmt: skip
mistake(
    "bare_stem", "convolution, BatchNorm and ReLU in the stem",
    "neither BatchNorm nor ReLU after the first convolution",
    "the first convolution is followed by BatchNorm and ReLU like all others",
)(_without("stem.norm", "stem.relu"))  # fmt: skip
mistake(
    "no_stem_pool", "a 3x3 max pooling with stride 2 after the stem", "no max pooling between stem and first stage",
    "ImageNet nets halve the map once more before the first stage",
)(_without("stem.pool"))  # fmt: skip


def _change(name: str, operation: str = "", **attributes: object) -> Rewrite:
    def change(node: Node) -> Node:
        if node.name != name:
            return node
        return replace(node, operation=operation or node.operation).with_attributes(**attributes)

    return lambda graph: graph.map(change)


mistake(
    "average_stem_pool", "a 3x3 *max* pooling after the stem", "an average pooling", "take the maximum of each window",
)(_change("stem.pool", "average_pool"))  # fmt: skip
mistake(
    "unpadded_stem_pool", "a 3x3 max pooling with stride 2 and one pixel of padding", "a max pooling without padding",
    "pad the pooling by one pixel (`same` in Keras): 112 pixels become 56",
)(_change("stem.pool", padding=((0, 0), (0, 0))))  # fmt: skip
mistake(
    "stem_pool_rounded_up", "a 3x3 max pooling with stride 2 and one pixel of padding",
    "one that gives a row and a column more where height and width are even",
    "round down, as pooling does by default: no `ceil_mode`, and one pixel of padding on each side is enough",
)(_change("stem.pool", padding=((1, 2), (1, 2))))  # fmt: skip
mistake(
    "small_stem_pool", "a 3x3 max pooling with stride 2 after the stem", "a 2x2 max pooling",
    "the window has three pixels, and overlaps",
)(_change("stem.pool", size=2, padding=((0, 0), (0, 0))))  # fmt: skip
mistake(
    "global_max_pooling", "a global *average* pooling before the dense layer", "a global maximum",
    "take the mean over height and width",
)(_change("pool", "global_max"))  # fmt: skip


def _stem(channels: int, kernel: int, stride: int, *, pool: bool) -> Rewrite:
    """The stem of the other family of nets."""

    def rewrite(graph: Graph) -> Graph:
        if not any(node.name == "stem.conv" for node in graph.nodes):
            return graph
        side, width = kernel // 2, graph["stem.conv"].tensors["kernel"][0]
        shape = (width, 3, kernel, kernel)
        if width != channels:
            return graph
        conv = replace(
            graph["stem.conv"], tensors={"kernel": shape}, attributes={"stride": stride, "padding": ((side, side),) * 2}
        )
        graph = graph.map(lambda node: conv if node.name == "stem.conv" else None if node.name == "stem.pool" else node)
        if not pool:
            return graph
        attributes = {"size": 3, "stride": 2, "padding": ((1, 1), (1, 1))}
        return graph.insert_after("stem.relu", Node("stem.pool", "max_pool", (), attributes))

    return rewrite


for _pool in (False, True):
    _with = " and its max pooling" if _pool else ""
    mistake(
        f"cifar_stem{'_with_pool' if _pool else ''}",
        "the stem for large images: a 7x7 convolution with stride 2 and max pooling",
        f"the stem of the CIFAR nets{', followed by the pooling' if _pool else ''}: a 3x3 convolution with stride 1",
        "the nets of the ImageNet table begin with 7x7, 64 channels, stride 2",
    )(_stem(64, 3, 1, pool=_pool))  # fmt: skip
    mistake(
        f"imagenet_stem{'_with_pool' if _pool else ''}", "the stem for 32x32 images: a 3x3 convolution with stride 1",
        f"the stem for large images{_with}: a 7x7 convolution with stride 2",
        "the CIFAR nets keep all 32x32 pixels in their first stage: no stride and no pooling in the stem",
    )(_stem(16, 7, 2, pool=_pool))  # fmt: skip


def _stage_strides(strided: set[str]) -> Rewrite:
    """The stride of the first convolution of blocks, and of their projections, as given by stage and block."""

    def rewrite(graph: Graph) -> Graph:
        def change(node: Node) -> Node:
            stage, block, part = (*node.name.split("."), "", "")[:3]
            if not stage.startswith("stage") or node.operation not in ("convolution", "subsample"):
                return node
            place = "first" if block == "block1" else "later"
            carries = part == ("conv2" if _is_bottleneck(graph) else "conv1") or part in ("projection", "shortcut")
            if carries and f"{'stage1' if stage == 'stage1' else 'other'}.{place}" in strided:
                return node.with_attributes(stride=2)
            return node.with_attributes(stride=1) if carries else node

        return graph.map(change)

    return rewrite


def _is_bottleneck(graph: Graph) -> bool:
    return any(last(node) == "conv3" for node in graph.nodes)


def _projected(graph: Graph) -> Graph:
    """A projection in each block that has become strided, where the identity no longer fits."""
    for prefix in blocks(graph):
        addition = graph[f"{prefix}add"]
        layers = [node for node in graph.nodes if node.name.startswith(f"{prefix}conv")]
        strided = any(node.attributes["stride"] > 1 for node in layers)
        if strided and addition.inputs[1] == entrance(graph, prefix):
            channels = layers[-1].tensors["kernel"][0]
            projection = projection_node(f"{prefix}projection", addition.inputs[1], channels, stride=2)
            norm = norm_node(f"{prefix}projection_norm", projection.name, channels)
            changed = replace(addition, inputs=(addition.inputs[0], norm.name))
            at = graph.nodes.index(addition)
            graph = Graph((*graph.nodes[:at], projection, norm, changed, *graph.nodes[at + 1 :]))
    return graph


def _strided(*places: str) -> Rewrite:
    return lambda graph: _projected(_stage_strides(set(places))(graph))


mistake(
    "first_stage_strided", "a first stage at stride 1", "the first stage halves the map too",
    "the stem has done its part: the first stage keeps the size, the others halve it in their first block",
)(_strided("stage1.first", "other.first"))  # fmt: skip
mistake(
    "every_block_strided", "stride 2 in the first block of a stage only",
    "every block of the later stages halves the map",
    "after the first block of a stage, stride is 1",
)(_strided("other.first", "other.later"))  # fmt: skip
mistake(
    "no_stage_strided", "stages that halve the map in their first block", "no stage halves the map",
    "from the second stage on, the first block has stride 2, in the main path and in the shortcut",
)(_stage_strides(set()))  # fmt: skip

"""Judges of what a model is made of: the shape of its output, its layers, its parameters."""

from __future__ import annotations

from collections import Counter

from grader.checks.departure import fixed_pool
from grader.checks.judging import first_of
from grader.checks.misfits import misfit
from grader.checks.study import Study
from grader.oracle import measures
from grader.oracle.alignment import Misfit
from grader.oracle.steps import Step
from grader.result import Complaint


@first_of
def shape(study: Study) -> Complaint | None:
    """The output has the right shape, on unusual sizes too."""
    graph = study.right_graphs[0]
    count, height, width = study.images.shape[:3]
    expected = measures.output_shape(graph, count, height, width)
    # a single image is tried where models are built twice, at some depths
    for name, images in (("output", count), ("alone", 1))[: 1 + study.has("alone")]:
        found = study.array(name).shape
        wanted = (images, *expected[1:])
        if found != wanted:
            return Complaint(
                f"{_shape_words(wanted)} for {images} image{'s' * (images > 1)} of {height} x {width} pixels",
                f"{_shape_words(found)} ({study.words})",
                _shape_advice(found, wanted),
            )
    return None


def _shape_words(found: tuple[int, ...]) -> str:
    if len(found) == 4:
        return f"{found[0]} maps of {found[1]} x {found[2]} pixels and {found[3]} channels"
    return f"an output of shape {found}"


def _shape_advice(found: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    if len(wanted) == 2 and len(found) == 4:
        return "flatten after the global average pooling: one row of logits per image"
    if len(found) < len(wanted):
        return "keep the batch axis: `squeeze()` and `view(-1)` lose it when there is a single image"
    if len(found) == len(wanted) == 4 and found[3] != wanted[3]:
        return "look at the number of channels that the last convolution gives"
    if len(wanted) == 2 and found[0] == wanted[0]:
        return "use the argument `num_classes` for the dense layer"
    return "follow height and width through the layers: stride and padding decide them"


@first_of
def layout(study: Study) -> Complaint | None:
    """Each stage has the right number of blocks."""
    kernels = [step.kernel for step in study.reading.steps if step.kernel is not None]
    counts = Counter(study.reading.tensors[kernel].shape for kernel in kernels)
    graph = study.right_graphs[0]
    expected = Counter(node.tensors["kernel"] for node in graph.nodes if "kernel" in node.tensors)
    bottlenecks = any(node.name.endswith("conv3") for node in graph.nodes)
    widths = [int(node.tensors["kernel"][0]) for node in graph.nodes if node.name.endswith("block1.conv1")]
    for stage, width in enumerate(widths, 1):
        inner = (width, width, 3, 3)
        if counts[inner] == expected[inner]:
            continue
        if not bottlenecks and counts[(width, width, 1, 1)] and counts[(4 * width, width, 1, 1)]:
            return Complaint(
                f"basic blocks (3x3, 3x3) in {study.words}", "bottleneck blocks (1x1, 3x3, 1x1)",
                "ResNet-18 and 34 are built from basic blocks, 50, 101 and 152 from bottlenecks"
                if study.kind == "resnet" else "the small nets are built from basic blocks at every depth",
            )  # fmt: skip
        per_block, first = (1, 0) if bottlenecks else (2, int(stage > 1))
        if not counts[inner] or (counts[inner] + first) % per_block:
            continue
        return Complaint(
            f"{(expected[inner] + first) // per_block} blocks with {width} channels in stage {stage} of {study.words}",
            f"{(counts[inner] + first) // per_block} of them",
            "count the blocks of each stage: the table of the lesson has their numbers" if study.kind == "resnet"
            else "a net of 6n+2 layers has n blocks of two convolutions in each of its three stages",
        )  # fmt: skip
    return None


@first_of
def parameters(study: Study) -> Complaint | None:
    """The layers are those of the net, in a legal variant, and each parameter takes part in the output."""
    reading = study.reading
    if reading.unregistered:
        return Complaint(
            "all weights registered, so that an optimizer sees them and saving keeps them",
            f"weights of shape {reading.unregistered[0]} that the model uses and does not list among its parameters",
            "keep layers as attributes, in `nn.ModuleList` or `nn.Sequential`, not in a plain Python list or dict",
        )
    if isinstance(study.fit, Misfit):
        return misfit(study, study.fit)
    for node in study.fit.graph.nodes:
        statistics = ("mean", "variance") if node.attributes.get("statistics", "running") == "running" else ()
        lacking = {"norm": ("scale", "shift", *statistics), "dense": ("bias",)}.get(node.operation, ())
        for role in lacking:
            if role not in node.tensors:
                return Complaint(
                    f"{measures.words(node.name)} with a {_ROLES[role]}", f"none is there ({study.words})",
                    "leave the layer's arguments for scale, shift, bias and running statistics at their defaults",
                )  # fmt: skip
    return _sharing(study) or _unused(study) or fixed_pool(study)


_ROLES = {
    "scale": "learnable scale", "shift": "learnable shift", "mean": "running mean", "variance": "running variance",
    "bias": "bias",
}  # fmt: skip


def _sharing(study: Study) -> Complaint | None:
    """No two layers use the same tensor."""
    users: dict[int, Step] = {}
    for step in study.reading.steps:
        for index in (step.kernel, *step.chains):
            if index is None:
                continue
            if index in users:
                name = study.reading.tensors[index].name
                return Complaint(
                    f"a layer with weights of its own at each place ({study.words})",
                    f"one layer used several times: its weights `{name}` serve in more than one place",
                    "make a new layer or block for each place; `[block] * n` repeats one and the same object",
                )
        for index in {step.kernel, *step.chains} - {None}:
            users[index] = step  # type: ignore[index]
    return None


def _unused(study: Study) -> Complaint | None:
    if study.request.get("excused"):
        return None  # what a mistaken block leaves unused has cost its points there
    used = study.reading.used()
    for index, tensor in enumerate(study.reading.tensors):
        if index not in used and tensor.shape != ():
            return Complaint(
                "every parameter takes part in the output",
                f"`{tensor.name}` ({tensor.owner}) is built and never used ({study.words})",
                "call the layer where it belongs; don't build it where it isn't needed (a projection for an identity "
                "shortcut, for example)",
            )
    return None

"""The first place where a model's trace departs from the net, for mistakes that no rewrite reproduces."""

from __future__ import annotations

import math

from grader.checks.foreign import foreign
from grader.checks.study import Study
from grader.oracle import measures
from grader.oracle.adoption import effective_padding
from grader.oracle.alignment import Aligned
from grader.oracle.graph import IMAGES, Graph, Node
from grader.oracle.parts import SUMMED
from grader.oracle.steps import IMAGES as IMAGES_STEP
from grader.oracle.steps import Reading, Step
from grader.result import Complaint

_SILENT = ("pad", "identity", "stop", "slice", "assign", "pow", "select", "squeeze")
_WORDS = {"norm": "BatchNorm", "relu": "ReLU", "add": "addition", "shift": "addition of a number",
          "max_pool": "max pooling", "mean": "global average pooling", "convolution": "convolution",
          "dense": "dense layer",
          "average_pool": "average pooling over windows",
          "_adaptive_avg_pool2d": "average pooling to a fixed size", "sum": "sum over the pixels"}  # fmt: skip


def departure(study: Study) -> Complaint | None:
    """What is there and should not be, or the first layer with another stride, padding or surrounding."""
    if (other := foreign(study)) is not None:
        return other
    if not isinstance(study.fit, Aligned):
        return None
    for node in study.fit.graph.nodes:
        step = study.fit.steps.get(node.name)
        if step is not None and step.kernel is not None:
            found = _attributes(node, step, study) or _surrounding(node, step, study.fit.graph, study)
            if found is not None:
                return found
    return _factor(study) or _summed(study, study.fit)


def _attributes(node: Node, step: Step, study: Study) -> Complaint | None:
    """Another stride, padding, number of groups or dilation."""
    if node.operation != "convolution" or step.kind != "convolution":
        return None
    name = measures.words(node.name)
    if step.attributes.get("groups", 1) != 1 or list(step.attributes.get("dilation", [1, 1])) != [1, 1]:
        return Complaint(
            f"{name} is an ordinary convolution ({study.words})", "one with groups or dilation",
            "leave groups and dilation at 1",
        )  # fmt: skip
    stride = node.attributes["stride"]
    if list(step.attributes.get("stride", [stride, stride])) != [stride, stride]:
        return Complaint(
            f"{name} with stride {stride} ({study.words})", f"stride {step.attributes['stride'][0]}",
            "where a block changes the size, one convolution of the main path has the stride, and the shortcut",
        )  # fmt: skip
    kernel = node.tensors["kernel"][-1]
    padding = effective_padding(step, study.reading)
    if kernel > 1 and padding != node.attributes["padding"]:
        return Complaint(
            f"{name} with {kernel // 2} pixel{'s' * (kernel > 3)} of zeros on every side ({study.words})",
            f"{padding[0][0]} before and {padding[0][1]} after",
            "pad with half the kernel, so that a convolution with stride 1 keeps height and width",
        )  # fmt: skip
    return None


def _summed(study: Study, fit: Aligned) -> Complaint | None:
    """A convolution that is written in parts: what they add up to can't be read, and nothing else departs."""
    name = next((name for name, step in fit.steps.items() if step.kind == SUMMED), "")
    if not name:
        return None
    return Complaint(
        "the same numbers as a right program",
        f"other ones ({study.words}); {measures.words(name)} is written as a sum of its kernel's parts",
        "compare your convolution with the framework's own on a small image: which number of the kernel meets which "
        "pixel, where the zeros stand, and whether all parts are added",
    )  # fmt: skip


def _surrounding(node: Node, step: Step, graph: Graph, study: Study) -> Complaint | None:
    """Other operations between the kernels above and this one."""
    expected = _upwards_in_graph(graph, node.inputs[0])
    found = _upwards_in_trace(study.reading, step.inputs[0])
    if expected == found or any(step.kind == SUMMED for step in study.reading.steps):  # its sums are no additions
        return None
    return Complaint(
        f"before {measures.words(node.name)}: {_chain(expected)} ({study.words})", _chain(found),
        "compare the order of convolution, BatchNorm, activation and addition with the lesson",
    )  # fmt: skip


def _factor(study: Study) -> Complaint | None:
    """A number that data are multiplied with or divided by, which no net has."""
    for step in study.reading.steps:
        scaled = step.kind in ("mul", "div") and len(step.inputs) == 1 and not step.chains
        if scaled and step.constants and math.isfinite(step.constants[0]):
            word = "multiplication with" if step.kind == "mul" else "division by"
            source = study.reading.steps[step.inputs[0]] if step.inputs[0] != IMAGES_STEP else step
            if source.kind == "sum":
                return Complaint(
                    "a global *average* pooling before the dense layer",
                    f"a sum over height and width, and a {word} {step.constants[0]:g} ({study.words})",
                    "divide by the number of pixels, height times width: maps need not be square. Or take the mean",
                )  # fmt: skip
            return Complaint(
                "sums of main path and shortcut, and no factor anywhere",
                f"a {word} {step.constants[0]:g} ({study.words})",
                "add the two as they are: neither path nor the sum is scaled",
            )  # fmt: skip
    return None


def fixed_pool(study: Study) -> Complaint | None:
    """A pool that is larger than its map: of a fixed size, and no global one for larger images."""
    for step in study.reading.steps if study.kind == "resnet" else ():
        window, size = step.attributes.get("window"), step.attributes.get("size")
        if step.kind == "average_pool" and window and size and min(window) > max(size):
            return Complaint(
                f"a global average pooling, whatever the size of the image ({study.words})",
                f"an average pooling over windows of {window[0]}x{window[1]}, on a map of {size[0]}x{size[1]}",
                "take the mean over all of height and width: images come in other sizes than 224x224",
            )  # fmt: skip
    return None


def ending(study: Study) -> Complaint | None:
    """Other operations between the last kernels and the output, where nothing else is known to be wrong."""
    if not isinstance(study.fit, Aligned):
        return None
    graph = study.fit.graph
    expected = _upwards_in_graph(graph, graph.output)
    found = _upwards_in_trace(study.reading, study.reading.output)
    if expected == found:
        return None
    return Complaint(
        f"at the end: {_chain(expected)} ({study.words})", _chain(found),
        "compare what comes behind the last convolution with the lesson",
    )  # fmt: skip


def _chain(kinds: list[str]) -> str:
    return " → ".join(_WORDS.get(kind, kind) for kind in reversed(kinds)) or "the input itself"


def _upwards_in_graph(graph: Graph, name: str) -> list[str]:
    """The operations from a node on upwards to the next kernel or addition."""
    kinds: list[str] = []
    while name != IMAGES:
        above = graph[name]
        if above.operation not in _SILENT:
            kinds.append(above.operation)
        if "kernel" in above.tensors or len(above.inputs) > 1:
            break
        name = above.inputs[0]
    return kinds


def _upwards_in_trace(reading: Reading, number: int) -> list[str]:
    kinds: list[str] = []
    while number != IMAGES_STEP:
        above = reading.steps[number]
        if above.kind not in _SILENT:
            whole = above.kind == "average_pool" and above.attributes.get("window") == above.attributes.get("size")
            shift = above.kind in ("add", "sub") and len(above.inputs) == 1
            kinds.append("mean" if whole else "shift" if shift else above.kind)
        if above.kernel is not None or len(above.inputs) > 1:
            break
        number = next(iter(above.inputs), IMAGES_STEP)  # a part of a convolution has none
    if "div" in kinds or "mul" in kinds:  # a mean that is written as a sum
        kinds = ["mean" if kind == "sum" else kind for kind in kinds if kind not in ("div", "mul")]
    return kinds

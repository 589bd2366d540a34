"""Words for layers that aren't those of the net: what is missing, what is there, and what may have happened."""

from __future__ import annotations

from grader.checks.study import Study
from grader.oracle import measures
from grader.oracle.alignment import Misfit
from grader.oracle.graph import Node
from grader.oracle.steps import Reading, Step
from grader.result import Complaint


def misfit(study: Study, found: Misfit) -> Complaint:
    """The first layer that is missing, and the first that should not be there."""
    missing = min(found.missing, key=lambda node: (node.operation == "norm" and bool(found.extra), 0), default=None)
    extra = found.extra[0] if found.extra else None
    expected = "no further layer" if missing is None else f"{measures.words(missing.name)}: {_node_words(missing)}"
    got = "no such layer" if extra is None else _step_words(extra, study.reading)
    advice = _misfit_advice(missing, extra)
    shape = study.reading.tensors[extra.kernel].shape if extra is not None and extra.kernel is not None else ()
    if missing is not None and shape == missing.tensors.get("kernel"):
        got = f"{got}, fed by other layers than it should be"
        advice = "follow what feeds it, back to the input: a layer is skipped, or its values left the framework"
    elif missing is not None and missing.operation == "dense" and _several_of_each(shape, missing.tensors["kernel"]):
        advice = "average each channel over its whole map, whatever its size: one number of each for the dense layer"
    return Complaint(f"{expected} ({study.words})", got, advice)


def _several_of_each(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether a dense layer reads several numbers of each channel, as behind a pooling of a fixed size."""
    return len(shape) == 2 and shape[0] == wanted[0] and shape[1] in (wanted[1] * count for count in range(2, 99))


def _misfit_advice(missing: Node | None, extra: Step | None) -> str:
    if missing is not None and missing.operation == "norm":
        if extra is not None and extra.roles and not extra.roles.keys() & {"mean", "variance"}:
            return (
                "in evaluation mode BatchNorm normalises with its running statistics: leave the mode to whoever calls "
                "the model, and fix none in a layer of your own"
            )
        if extra is not None and extra.roles and "variance" not in extra.roles:
            return "in BatchNorm's formula the variance has another place: look at what the difference is divided by"
        if extra is not None and extra.roles:
            return "BatchNorm has one scale, shift, mean and variance per channel: its axis is that of the channels"
        if extra is None or extra.kernel is None:
            return "put a BatchNorm right behind each convolution, before the activation"
    if missing is not None and missing.name.endswith("projection"):
        return "where stride or channels change, the shortcut needs a 1x1 convolution of the block's input"
    if missing is None and extra is not None and extra.kind == "convolution":
        return "project only where the stride or the number of channels changes, and add no layer of your own"
    if missing is None and extra is not None and extra.kind == "norm":
        return "BatchNorm belongs behind a convolution and nowhere else"
    return "compare kernel size, channels and order of the layers with the lesson, from the input on"


def _kernel_words(shape: tuple[int, ...]) -> str:
    if len(shape) == 2:
        return f"a dense layer from {shape[1]} to {shape[0]} features"
    if len(shape) == 4:
        return f"a {shape[2]}x{shape[3]} convolution from {shape[1]} to {shape[0]} channels"
    return f"a layer with weights of shape {shape}"


def _node_words(node: Node) -> str:
    kernel = node.tensors.get("kernel")
    return _kernel_words(kernel) if kernel else f"BatchNorm with {next(iter(node.tensors.values()))[0]} channels"


def _step_words(step: Step, reading: Reading) -> str:
    if step.kernel is not None:
        tensor = reading.tensors[step.kernel]
        return f"{_kernel_words(tensor.shape)} (`{tensor.name}`)"
    names = [reading.tensors[index].name for index in step.chains]
    if step.roles and names:
        sizes = {role: reading.tensors[index].shape for role, index in step.roles.items()}
        return f"one with {', '.join(f'{role} of shape {shape}' for role, shape in sizes.items())} (`{names[0]}`)"
    return f"scale and shift at an unexpected place (`{names[0]}`)" if names else "an unexpected layer"

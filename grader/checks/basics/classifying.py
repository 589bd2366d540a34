"""Judges of `simple_cnn`: shapes, size, logits, what decides the output, what it learns, and whether all of it does."""

from __future__ import annotations

import numpy as np

from grader.checks.basics.cases import array, raise_crash, texts
from grader.checks.comparing import difference
from grader.checks.thresholds import threshold
from grader.failure import CrashedError
from grader.result import Complaint
from grader.spec import Evidence, Request

MOST_PARAMETERS = 100_000
MOST_MULTIPLY_ADDS = 30_000_000
# Two calls of one net on the same images differ by rounding alone, which depends on the size of a batch.
SAME = 1e-3


def shapes(request: Request, evidence: Evidence) -> Complaint | None:
    """The net gives a row of `num_classes` logits for each image, one image too."""
    for place, classes in enumerate(request["classes"]):
        words = f"simple_cnn({classes})"
        raise_crash(evidence, f"{place}_error", words)
        for name, images in (("few", 3), ("one", 1)):
            found = tuple(int(side) for side in array(evidence, f"{place}_{name}"))
            if found != (images, classes):
                return Complaint(
                    f"logits of shape ({images}, {classes}) for {images} image{'s' * (images > 1)} from {words}",
                    f"shape {found}", _shape_advice(found, images, classes),
                    "num_classes_ignored" if len(found) == 2 and found[0] == images else "",
                )  # fmt: skip
    return None


def _shape_advice(found: tuple[int, ...], images: int, classes: int) -> str:
    if len(found) == 2 and found[0] == images:
        return "let the last layer have as many outputs as the argument `num_classes` says"
    if len(found) == 4:
        return "pool or flatten the map before the dense layer: one row of logits for each image"
    return "keep the batch axis: flatten each image by itself, and squeeze nothing"


def size(request: Request, evidence: Evidence) -> Complaint | None:
    """For 10 classes the net has fewer than 100,000 trainable parameters and takes at most 30 million multiply-adds."""
    raise_crash(evidence, "net_error", _words(request))
    parameters = float(array(evidence, "trainable", ()))
    if not 0 < parameters < MOST_PARAMETERS:
        return Complaint(
            f"fewer than {MOST_PARAMETERS:,} trainable parameters in {_words(request)}, and some",
            f"{parameters:,.0f}",
            "most stand in a dense layer on a large map: pool more before it, or make the layers narrower",
            "too_many_parameters" if parameters else "no_parameters",
        )  # fmt: skip
    work = float(array(evidence, "multiply_adds", ()))
    if not work <= MOST_MULTIPLY_ADDS:
        return Complaint(
            f"at most {MOST_MULTIPLY_ADDS / 1e6:.0f} million multiply-adds an image in {_words(request)}",
            f"{work / 1e6:,.1f} million",
            "halve height and width earlier (stride 2 or pooling): the first layers work on the largest maps",
            "too_many_multiply_adds",
        )  # fmt: skip
    return None


def logits(request: Request, evidence: Evidence) -> Complaint | None:
    """The net ends with its dense layer: logits (or log-softmax), no softmax, sigmoid or ReLU."""
    output = _output(request, evidence)
    if not np.all(np.isfinite(output)):
        return Complaint(
            "finite logits after training", "NaN or infinity", "look for a logarithm of zero or a division by zero",
        )  # fmt: skip
    if not np.all(output >= 0):
        return None
    name, words = "relu_at_the_end", "no logit is negative: a ReLU or the like stands at the end"
    if np.all(output <= 1):
        sums = output.sum(axis=1)
        name, words = "sigmoid_at_the_end", "all outputs lie between 0 and 1: a sigmoid or the like stands at the end"
        if np.all(np.abs(sums - 1) < 1e-3):
            name, words = "softmax_at_the_end", "each row is positive and sums to 1: a softmax stands at the end"
    return Complaint(
        "logits: the output of the last dense layer as it is", words,
        "leave the last activation out: the loss turns logits into probabilities", name,
    )  # fmt: skip


FIX = {
    "torch": "keep layers as attributes, in `nn.ModuleList` or `nn.Sequential`, not in a plain list, tuple or dict",
    "keras": "create layers and weights in `__init__` or `build`, as attributes of the model or of a layer",
}


def registered(request: Request, evidence: Evidence) -> Complaint | None:
    """All weights that the net uses are its own: an optimizer sees them, and saving keeps them."""
    raise_crash(evidence, "net_error", _words(request))
    hidden = texts(evidence, "unregistered")
    if not hidden:
        return None
    return Complaint(
        "all weights registered, so that an optimizer sees them and saving keeps them",
        f"weights of shape {hidden[0]} that the model uses and doesn't list among its own",
        FIX[request["framework"]], "unregistered_weights",
    )  # fmt: skip


def saved(request: Request, evidence: Evidence) -> Complaint | None:
    """Everything that decides the output is in the model's state: a second model that loads it computes the same."""
    _output(request, evidence)
    raise_crash(evidence, "reload_error", _words(request))
    if difference(array(evidence, "reloaded"), array(evidence, "first")) < SAME:
        return None
    return Complaint(
        "a second model that loads the first one's state computes the same", "it gives other logits",
        f"something that decides the output isn't saved; {FIX[request['framework']]}", "state_is_not_all",
    )  # fmt: skip


def steady(request: Request, evidence: Evidence) -> Complaint | None:
    """In evaluation mode the logits are the same at each call, whatever else is in the batch."""
    _output(request, evidence)
    few = array(evidence, "first")
    if not difference(array(evidence, "again"), few) < SAME:
        return Complaint(
            "the same logits at each call in evaluation mode", "two calls on the same images differ",
            "dropout and other noise belong to training mode alone; layers are made once, not at each call; and the "
            "images that are handed in stay as they are",
            "random_in_evaluation",
        )  # fmt: skip
    alone = difference(array(evidence, "alone"), few[:1]) < SAME
    if not (alone and difference(array(evidence, "other")[::-1], few) < SAME):
        return Complaint(
            "an image's logits don't depend on the other images of its batch", "in evaluation mode they do",
            "in evaluation mode BatchNorm uses its running statistics: switch no modes inside, and normalise nothing "
            "over the batch", "batch_decides",
        )  # fmt: skip
    return None


def alive(request: Request, evidence: Evidence) -> Complaint | None:
    """After training each trainable parameter still gets a gradient, in evaluation mode."""
    _output(request, evidence)
    raise_crash(evidence, "gradient_error", _words(request))
    names = texts(evidence, "parameters")
    flags = array(evidence, "alive")
    dead = [number for number, flag in enumerate(flags) if not flag]
    if len(flags) and not dead:
        return None
    named = f"`{names[dead[0]]}`" if dead and dead[0] < len(names) else "no parameter" if not len(flags) else "one"
    return Complaint(
        "a gradient for each trainable parameter", f"none reaches {named} ({len(dead)} of {len(flags)} without)",
        "each layer that is built takes part in the output: call it, detach nothing, and let no ReLU die",
        "dead_parameters",
    )  # fmt: skip


def accuracy(request: Request, evidence: Evidence) -> Complaint | None:
    """Trained by the grader as the notebook says, the net recognises images that it has not seen."""
    outputs = _outputs(request, evidence)
    bound = threshold("a1_cnn", "simple_cnn", request["framework"])
    found = best(outputs, request["kept_labels"])
    if found >= bound:
        return None
    looks = request["looks"][request["framework"]]
    return Complaint(
        f"at least {bound:.0%} of {outputs.shape[1]} unseen images right after {looks[0]} to {looks[-1]} steps of Adam",
        f"{found:.0%} at best (guessing gives {1 / request['task_classes']:.0%})",
        "look whether each convolution is followed by an activation, whether the net is wide enough, and whether "
        "pooling comes too early", "learns_too_little",
    )  # fmt: skip


def best(outputs: np.ndarray, labels: np.ndarray) -> float:
    """The best accuracy of all looks at a net, from logits `look n k`."""
    return float(np.max(np.mean(outputs.argmax(axis=2) == labels, axis=1)))


def _output(request: Request, evidence: Evidence) -> np.ndarray:
    """The logits of the test images at the end of the training; raises CrashedError."""
    return np.asarray(_outputs(request, evidence)[-1])


def _outputs(request: Request, evidence: Evidence) -> np.ndarray:
    """The logits of the test images at each look; raises CrashedError."""
    raise_crash(evidence, "net_error", _words(request))
    work = float(array(evidence, "multiply_adds", ()))
    if work > request["hopeless"]:
        told = f"far too many multiply-adds: {work / 1e6:,.0f} million"
        raise CrashedError(Complaint("a net that can be trained here", told, "make it smaller first"))
    raise_crash(evidence, "training_error", _words(request))
    looks = len(request["looks"][request["framework"]])
    return array(evidence, "outputs", (looks, len(request["kept_labels"]), request["task_classes"]))


def _words(request: Request) -> str:
    return f"simple_cnn({request['task_classes']})"

"""Judges of whether the pretrained weights are in a model, and its logits follow from their pooled features."""

from __future__ import annotations

import numpy as np

from grader.checks.comparing import TOLERANCE, difference
from grader.checks.transfer.logits import LINEAR, nonlinearity
from grader.checks.transfer.small import HEAD, stage_of
from grader.checks.transfer.study import Case, of_each
from grader.result import Complaint


@of_each
def pretrained(case: Case) -> Complaint | None:
    """The pretrained weights are in the model, and the logits follow from their pooled features."""
    if (complaint := _batch(case) or _missing(case)) is not None:
        return complaint
    if not nonlinearity(case.features, case.array("output")) < LINEAR:
        return Complaint(
            f"logits that are a linear function of the pooled features ({case.words})",
            "other numbers, although the pretrained weights are there",
            "keep all of the backbone's layers in their order (an ImageNet ResNet has a max pooling before the stages),"
            " then global average pooling and one dense layer, nothing between; the images come prepared",
        )
    return None


def _batch(case: Case) -> Complaint | None:
    some = case.array("again")
    if not difference(some, case.array("output")[: len(some)]) < TOLERANCE and np.any(some):
        return Complaint(
            "the same logits each time in evaluation mode", f"two calls on the same images differ ({case.words})",
            "dropout belongs to training: use the layer, or pass `training=self.training` to the function",
            "random_in_evaluation",
        )  # fmt: skip
    if "more than 1 value per channel" not in case.message("alone_error"):  # PyTorch's BatchNorm in training mode
        case.crash("alone_error")
        alone, first = case.array("alone"), case.array("output")[:1]
        if difference(alone, first) < TOLERANCE or (alone.shape == first.shape and not np.any(case.array("output"))):
            return None
        if alone.shape != first.shape:
            return Complaint(
                f"a row of logits for a single image, of shape {first.shape}", f"shape {alone.shape} ({case.words})",
                "keep the batch axis: `squeeze()` and `view(-1)` lose it when there is one image", "batch_axis_lost",
            )  # fmt: skip
    return Complaint(
        "in evaluation mode an image's logits don't depend on the rest of the batch",
        f"the first image alone gives other logits than in the batch ({case.words})",
        "in evaluation mode BatchNorm uses its running statistics: don't force its training mode on",
        "batch_statistics_in_evaluation",
    )


def lost(case: Case) -> list[str]:
    """The slots of the backbone that the model lacks; BatchNorm's numbers may be folded into others of equal effect."""
    if not case.missing or any(slot.endswith("/kernel") for slot in case.missing):
        return case.missing
    names = ["output", *["trained"] * (not case.learning)]  # a head that starts with zeros tells when it has learnt
    scores = next((case.array(name) for name in names if np.ptp(case.array(name), axis=0).any()), None)
    return [] if scores is not None and nonlinearity(case.features, scores) < LINEAR else case.missing


def _missing(case: Case) -> Complaint | None:
    missing = lost(case)
    if not missing:
        return None
    kernels = [slot for slot in missing if slot.endswith("/kernel")]
    wanted = [slot for slot in case.tensors if slot not in HEAD]
    if nonlinearity(case.features, case.array("output")) < LINEAR and np.ptp(case.array("output"), axis=0).any():
        return Complaint(
            f"the pretrained backbone as a part of the model ({case.words})",
            f"the model uses it, but {len(missing)} of its {len(wanted)} tensors are not among the model's own",
            "register the backbone: as an attribute or layer of its own, not inside a list, a dict or a function",
            "backbone_not_registered",
        )
    if not kernels:
        return Complaint(
            f"the pretrained running statistics and scales of BatchNorm in the model ({case.words})",
            f"{len(missing)} of them have other values",
            "leave BatchNorm as it came: don't reset or reinitialise it", "batchnorm_reset",
        )  # fmt: skip
    where = sorted({stage_of(slot) for slot in kernels})
    return Complaint(
        f"the pretrained weights in the model ({case.words})",
        "none of the pretrained convolutions is there"
        if len(kernels) == sum(slot.endswith("/kernel") for slot in wanted)
        else f"other weights in {', '.join(case.stage_words(stage) for stage in where)}",
        "use the backbone that the function is given, or a copy with its weights: a clone without them, a new net, or "
        "a new initialisation starts from chance",
        "pretrained_weights_lost",
    )

"""Judges of how a model behaves beside its numbers: towards input, batch and copies, and where it comes from."""

from __future__ import annotations

import numpy as np

from grader.checks.comparing import TOLERANCE, difference
from grader.checks.judging import first_of, raise_crash, studies
from grader.checks.study import Study
from grader.failure import MalformedError
from grader.oracle.alignment import Aligned
from grader.result import Complaint
from grader.spec import Evidence, Request


def from_scratch(request: Request, evidence: Evidence) -> Complaint | None:
    """The model is built from basic layers."""
    for study in studies(request, evidence):
        found = study.texts("ready_made") if study.has("ready_made") else []  # a crash is told by the next check
        if found:
            return Complaint(
                "a net of your own, built from basic layers",
                f"parts of a ready-made net: {', '.join(found[:2])}",
                "a ready-made net is fine to compare with; here, write the blocks and the net yourself",
            )
    return None


@first_of
def conduct(study: Study) -> Complaint | None:
    """The input is left as it is; in evaluation mode the result is the same each time and for each image alone."""
    if float(study.array("input_changed")) != 0:
        return Complaint(
            "the input tensor is left as it is", f"its values change during the forward pass ({study.words})",
            "an in-place operation (`inplace=True`, `+=`, `relu_`) works on the input: apply it to new tensors only",
        )  # fmt: skip
    first = np.atleast_1d(study.array("output"))
    if not study.case.get("conduct"):
        return None
    raise_crash(study, "conduct_error")
    if (found := unsteady(study)) is not None:
        return found
    if _uses_the_batch(study):
        return None
    if not difference(np.atleast_1d(study.array("alone")), first[:1]) < TOLERANCE:
        return Complaint(
            "an image's result doesn't depend on the other images of the batch",
            f"in evaluation mode the first image alone gives another result than in the batch ({study.words})",
            "in evaluation mode BatchNorm uses its running statistics; don't switch modes inside the forward pass",
        )
    if not difference(np.atleast_1d(study.array("turned"))[::-1], first) < TOLERANCE:
        return Complaint(
            "each call computes its own images", "in evaluation mode the same images in reverse order get results that "
            f"are not theirs ({study.words})",
            "keep no result from one call to the next, and compare no image with another",
        )  # fmt: skip
    return None


def unsteady(study: Study) -> Complaint | None:
    """In evaluation mode two calls on the same images give the same."""
    if not study.has("again") or difference(study.array("again"), study.array("output")) < TOLERANCE:
        return None
    return Complaint(
        "the same output each time in evaluation mode", f"two calls on the same images differ ({study.words})",
        "something random, a counter or a changing weight is at work in evaluation mode, or it matters there whether "
        "gradients are switched on",
    )  # fmt: skip


def _uses_the_batch(study: Study) -> bool:
    """Whether the graph itself, by a mistake that is excused, normalises with the batch in evaluation mode."""
    fit = study.fit
    return isinstance(fit, Aligned) and any(node.attributes.get("statistics") == "own" for node in fit.graph.nodes)


@first_of
def registration(study: Study) -> Complaint | None:
    """Copying, saving and loading keep the model, and two models share nothing."""
    if not study.case.get("registration"):
        return None
    raise_crash(study, "registration_error")
    if study.has("counts"):
        counts = study.array("counts")
        if counts.shape != (2,) or not np.isfinite(counts).all():
            raise MalformedError("`counts` are no two numbers")
        first, second = counts.astype(int)
        return Complaint(
            f"the same layers from a second call with the same arguments ({study.words})",
            f"the first model has {first} tensors, the second {second}",
            "a call must leave as it is what the next one reads: look for a list outside of it that `pop`, `append` or "
            "`+=` changes, for a counter and for a default argument that is changed",
        )  # fmt: skip
    shared = study.texts("shared")
    if shared:
        return Complaint(
            "weights of its own for each model that is built", f"two models share `{shared[0]}` ({study.words})",
            "create the layers inside the function or class, not once outside of it",
        )  # fmt: skip
    others = {"copied": "a copy of the model", "reloaded": "a second model that loads the first one's state"}
    for name, words in others.items():
        if study.has(name) and not difference(study.array(name), study.array("output")) < TOLERANCE:
            return Complaint(
                f"{words} computes the same", f"it gives another output ({study.words})",
                "keep everything that decides the output in parameters and buffers that the model registers",
            )  # fmt: skip
    return None

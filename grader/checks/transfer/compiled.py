"""Judges of `compile_for`: loss, metric, rate and what learns, on classifiers of the grader."""

from __future__ import annotations

import json

import numpy as np

from grader.checks.transfer.calls import OPTIMIZER, Compiled, calls
from grader.failure import MalformedError
from grader.oracle.learning import cross_entropy
from grader.result import Complaint
from grader.spec import Evidence, Request

EXACT = 1e-4  # of loss and accuracy: rounding stays below 1e-6


def accepted_by_compile(request: Request, evidence: Evidence) -> Complaint | None:
    """A new optimizer, cross-entropy from logits with integer labels, and accuracy."""
    for call in calls(request, evidence):
        if (complaint := _loss(call) or _metric(call)) is not None:
            return complaint
        if call.one("reused"):
            return Complaint(
                f"a new optimizer for each call ({call.words})", "the optimizer of an earlier call",
                OPTIMIZER, "optimizer_reused",
            )  # fmt: skip
    return None


def _loss(call: Compiled) -> Complaint | None:
    logits, found = call.array("logits"), call.one("loss")
    right = _mean(logits, call.labels)
    if abs(found - right) <= EXACT * max(1.0, right):
        return None
    expected = f"the mean cross-entropy of the logits, here {right:.4f} ({call.words})"
    with np.errstate(all="ignore"):
        taken = _mean(np.log(np.clip(logits, 1e-7, 1 - 1e-7)), call.labels)
    if abs(found - taken) <= 1e-3 * max(1.0, taken):
        return Complaint(
            expected, f"{found:.4f}: the loss takes the logits for probabilities",
            "the model has no softmax, so tell the loss with `from_logits=True`", "from_logits_missing",
        )  # fmt: skip
    return Complaint(
        expected, f"{found:.4f}",
        "use sparse categorical cross-entropy with `from_logits=True`, nothing added, for integer labels",
    )  # fmt: skip


def _mean(logits: np.ndarray, labels: np.ndarray) -> float:
    if logits.ndim != 2 or len(logits) != len(labels) or logits.shape[1] <= labels.max():
        raise MalformedError("no logits")
    return float(np.mean(cross_entropy(logits, labels)[0]))


def _metric(call: Compiled) -> Complaint | None:
    right = float(np.mean(call.array("logits").argmax(axis=1) == call.labels))
    found = call.array("metrics").ravel()
    if np.any(np.abs(found - right) <= EXACT):
        return None
    if not found.size:
        return Complaint(
            f"an accuracy among the metrics ({call.words})", "no metric beside the loss",
            "name accuracy in the `metrics` of `compile`", "metric_missing",
        )  # fmt: skip
    names = ", ".join(f"`{name}`" for name in _names(call, "metric_names")[:3])
    return Complaint(
        f"the share of right answers among the metrics, here {right:.4f} ({call.words})",
        f"{names}: {', '.join(f'{value:.4f}' for value in found[:3])}",
        "accuracy for integer labels compares them with the place of the greatest logit", "other_metric",
    )  # fmt: skip


def _names(call: Compiled, name: str) -> list[str]:
    try:
        return [str(one) for one in json.loads(bytes(call.evidence[f"{call.number}_{name}"]).decode())]
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise MalformedError(f"no names `{name}`") from error


def compiled_rates(request: Request, evidence: Evidence) -> Complaint | None:
    """The constant rate is lr in the phase "head" and lr / 10 in the phase "fine_tune"."""
    every = list(calls(request, evidence))
    wrong = [call for call in every if not abs(call.one("rate") - _asked(call)) <= 1e-4 * _asked(call)]
    for call in every:
        steady = abs(call.one("rate_after") - call.one("rate")) <= 1e-4 * abs(call.one("rate"))
        if call.one("scheduled") or not steady:
            return Complaint(
                f"a constant learning rate ({call.words})", "a schedule", "give the optimizer a number, no schedule",
                "rate_scheduled",
            )  # fmt: skip
    if not wrong:
        return None
    call = wrong[0]
    expected = f'{_asked(call):g} in the phase "{call.phase}" ({call.words})'
    found = {phase: _which([one for one in every if one.phase == phase]) for phase in ("head", "fine_tune")}
    if found == {"head": "lr", "fine_tune": "lr"}:
        fix = "the learning rate isn't lowered for fine-tuning: pretrained weights need a tenth of the head's"
        return Complaint(expected, f"{call.one('rate'):g}", fix, "same_rate_for_all")
    if found == {"head": "lr / 10", "fine_tune": "lr"}:
        return Complaint(
            expected,
            f"{call.one('rate'):g}",
            "the other way round: lr is for the head, a tenth of it to fine-tune",
            "rates_swapped",
        )
    return Complaint(
        expected, f"{call.one('rate'):g}", "use the argument `lr`: as it comes for the head, a tenth of it to fine-tune"
    )


def _asked(call: Compiled) -> float:
    return call.rate if call.phase == "head" else call.rate / 10


def _which(some: list[Compiled]) -> str:
    """Which rate some calls have in common."""
    for name, share in (("lr", 1.0), ("lr / 10", 0.1)):
        if all(abs(call.one("rate") - share * call.rate) <= 1e-4 * call.rate for call in some):
            return name
    return ""


def compiled_learning(request: Request, evidence: Evidence) -> Complaint | None:
    """What learns is what `trainable` says when the model is compiled, and `compile_for` doesn't touch it."""
    for call in calls(request, evidence):
        if call.one("touched"):
            return Complaint(
                f"`trainable` as it was before ({call.words})", "some layers are set to another value",
                "compile alone: what learns has been decided before, by `fine_tuner` or by hand", "trainable_touched",
            )  # fmt: skip
        moved, trainable = call.array("moved") != 0, call.array("trainable") != 0
        names = _names(call, "names")
        if not moved.shape == trainable.shape == (len(names),):
            raise MalformedError("weights and names don't fit")
        wrong = [name for name, one, other in zip(names, moved, trainable, strict=True) if one != other]
        if wrong and call.one("rate") == 0:
            return Complaint(
                f"a learning rate above 0 ({call.words})", "0: nothing learns",
                "print the rate that you compute: `//` rounds down", "rate_of_zero",
            )  # fmt: skip
        if wrong:
            return Complaint(
                f"after `fit` the trainable weights have moved and no others ({call.words})",
                f"`{wrong[0]}` {'has' if moved[names.index(wrong[0])] else 'has not'}",
                "compile the model anew each time, with an optimizer of its own", "learns_something_else",
            )  # fmt: skip
    return None

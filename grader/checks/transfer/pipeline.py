"""Judges of `transfer` as a whole: what passes, what is changed, and what `predict` hangs on."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from grader.checks.comparing import difference
from grader.failure import CrashedError, MalformedError, decode, raised
from grader.result import Complaint
from grader.spec import Evidence, Request

# Scores of an image alone and in a batch, relative to the largest: rounding stays below 1e-5; a batch's own statistics
# move them by .1 and more.
STEADY = 1e-3
# The mean place, by score, of the label that only validation gives to an outsider: 3.9 or later for right programs (5
# in 6 seeds each), 1.5 or earlier where validation was trained on too, for nine epochs or more. Labels are drawn apart
# from all else: where a program ranks a kind's images alike, six kinds reach 1.75 once in 2,500 times (210 / 9^6).
LEARNT = 1.75
NAMES = {
    "train_images": "the training images", "train_labels": "the training labels",
    "validation_images": "the validation images", "validation_labels": "the validation labels",
}  # fmt: skip


def array(evidence: Evidence, name: str) -> np.ndarray:
    """An array of the evidence in float64; raises CrashedError or MalformedError where it is missing."""
    for part, words in (("error", "`transfer`"), ("predict_error", "`predict`, the result of `transfer`,")):
        if part in evidence:
            complaint = raised(words, decode(evidence[part]))
            if "expected a NumPy array" in complaint.got:
                complaint = replace(complaint, fix="turn the scores into a NumPy array before they are returned")
            raise CrashedError(complaint)
    found = evidence.get(name)
    if found is None or found.dtype.kind not in "fiub":
        raise MalformedError(f"no array `{name}`")
    return np.asarray(found, dtype=np.float64)


def ended(request: Request, evidence: Evidence) -> bool:
    """Whether the training was ended because too many images passed."""
    return "scores" not in evidence and "predict_error" not in evidence and _passes(evidence) > int(request["limit"])


def _passes(evidence: Evidence) -> int:
    found = evidence.get("passes")
    if found is None or found.dtype.kind not in "iu" or found.size != 1:
        raise MalformedError("no number of passes")
    return int(found.ravel()[0])


def budget(request: Request, evidence: Evidence) -> Complaint | None:
    """At most 20,000 images pass the backbone during `transfer`."""
    limit, passes = int(request["limit"]), _passes(evidence)
    if passes <= limit:
        if "error" in evidence:
            array(evidence, "scores")
        return None
    return Complaint(
        f"at most {limit:,} images through the first convolution of the backbone",
        f"{passes:,}" + (", where it was ended" if ended(request, evidence) else ""),
        "count steps times batch size, validation included; a frozen backbone needs each image once: keep its features",
        "too_many_passes",
    )


def arguments(request: Request, evidence: Evidence) -> Complaint | None:
    """The arrays that `transfer` and `predict` are given stay as they are."""
    try:
        changed = [name for name in json.loads(bytes(evidence["changed"]).decode()) if name in NAMES]
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise MalformedError("no list of changed arrays") from error
    if changed:
        return Complaint(
            "the arrays that `transfer` is given stay as they are",
            f"it changes {' and '.join(NAMES[name] for name in changed)} in place",
            "work on copies: shuffle an index instead of the arrays, and write `x = x / 255`, not `x /= 255`",
            "arguments_changed",
        )
    if not ended(request, evidence) and np.any(array(evidence, "test_changed") != 0):
        return Complaint(
            "the images that `predict` is given stay as they are", "it changes them in place",
            "work on a copy", "arguments_changed",
        )  # fmt: skip
    return None


def alone(request: Request, evidence: Evidence) -> Complaint | None:
    """`predict` answers the same for an image alone and in a batch."""
    if ended(request, evidence):
        return not_told()
    every = array(evidence, "scores")
    scale = float(np.max(np.abs(every), initial=0.0)) or 1.0
    if _alike(array(evidence, "turned"), every, scale) and not _alike(every[::-1], every, scale):
        return Complaint(
            "the scores of the images that `predict` is given",
            "those of other images, of an earlier call with as many",
            "remember nothing between two calls: the shape of the images doesn't tell which ones they are",
            "scores_remembered",
        )
    if not _alike(array(evidence, "again"), every, scale):
        return _unsteady(array(evidence, "again"), every, scale)
    for name, right in (("alone", every), ("few", every), ("turned", every[::-1])):
        part = array(evidence, name)
        if name == "alone" and part.shape == every.shape[1:]:
            return Complaint(
                f"a row of scores for a single image, of shape {(1, *part.shape)}", f"shape {part.shape}",
                "keep the batch axis: `squeeze()` and `[0]` lose it when there is one image", "batch_axis_lost",
            )  # fmt: skip
        if not _alike(part, right[: len(part)], scale):
            return Complaint(
                "the same scores for an image alone and in a batch",
                "an image's scores change with the other images",
                "predict in evaluation mode: in training mode BatchNorm uses the statistics of the batch; take means "
                "and scales from the training images, never from those that `predict` gets",
                "predicts_in_training_mode",
            )
    if not _alike(array(evidence, "dark_alone"), array(evidence, "dark")[:1], scale):
        return Complaint(
            "the same scores for an image alone and in a batch", "those of a dark image change beside brighter ones",
            "pixels are 0 to 255 whatever an array holds: scale by fixed numbers, not by its own greatest or mean",
            "scaled_by_its_own_numbers",
        )  # fmt: skip
    return None


def _unsteady(again: np.ndarray, every: np.ndarray, scale: float) -> Complaint:
    """The complaint about two calls with the same images that give other scores."""
    if again.shape == every.shape and every.ndim == 2:
        ordered = [scores[np.lexsort(np.round(scores / scale, 3).T)] for scores in (again, every)]
        if _alike(ordered[0], ordered[1], scale):
            return Complaint(
                "a row of scores for each image, in the order of the images", "the right rows in another order",
                "shuffle for training alone: what predicts takes the images as they come", "rows_in_another_order",
            )  # fmt: skip
    return Complaint(
        "the same scores for the same images", "two calls with the same images differ",
        "augmentation and dropout belong to training alone: predict in evaluation mode, on the images as they are",
        "random_in_predict",
    )  # fmt: skip


def _alike(part: np.ndarray, right: np.ndarray, scale: float) -> bool:
    return part.shape == right.shape and difference(part / scale, right / scale) < STEADY


def validation(request: Request, evidence: Evidence) -> Complaint | None:
    """Nothing is trained on the validation images."""
    if ended(request, evidence):
        return not_told()
    found = array(evidence, "outsiders")
    labels = np.asarray(request["validation_labels"])[np.asarray(request["outsiders"], np.int64)]
    if found.shape != (len(labels), int(request["num_classes"])) or not np.all(np.isfinite(found)):
        return Complaint("scores of the validation images", "none that can be read", "mend the complaints above first")
    if not np.mean(places(found, labels)) < LEARNT:
        return None
    return Complaint(
        "the model is trained on the training images alone",
        f"it knows things that only the validation images tell: {share(found, labels):.0%} of their odd labels",
        "validation images are for choosing (when to stop, which rate), never for training, at the end neither",
        "trained_on_validation",
    )


def places(found: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The place of each image's label by its score, 1 for the greatest; equal scores share their mean place."""
    own = found[np.arange(len(labels)), labels][:, None]
    return np.asarray(np.sum(found > own, axis=1) + (1 + np.sum(found == own, axis=1)) / 2)


def not_told() -> Complaint:
    """For what can't be judged since training was ended."""
    return Complaint("scores of unseen images", "training ended before there was a `predict`", "mend the budget first")


def share(found: np.ndarray, labels: np.ndarray) -> float:
    """The share of images whose greatest score is that of their label; 0 where scores aren't finite."""
    if found.ndim != 2 or len(found) != len(labels) or not found.size or not np.all(np.isfinite(found)):
        return 0.0
    return float(np.mean(found.argmax(axis=1) == labels))

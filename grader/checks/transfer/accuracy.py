"""Judges of accuracy: of `transfer`, with the likeliest reason where it is low, and of a fine-tuned model."""

from __future__ import annotations

import numpy as np

from grader.checks.thresholds import threshold
from grader.checks.transfer.pipeline import array, ended, not_told, share
from grader.failure import CrashedError, decode, raised
from grader.result import Complaint
from grader.spec import Evidence, Request

KNOWN = 0.6  # share of right answers on training images: what was trained with them reaches .8 and more

# What `predict` must have forgotten when training images that are prepared in another way are recognised after all.
_FORGOTTEN = {
    "as_divided": (
        "predict_not_divided", "`predict` knows them once they are divided by 255",
        "training divides by 255 and `predict` doesn't: use one function to prepare both",
    ),
    "as_prepared": (
        "predict_not_prepared", "`predict` knows them once they are prepared",
        "training prepares its images (/ 255, minus MEAN, over STD) and `predict` doesn't: use one function for both",
    ),
    "as_normalised": (
        "predict_not_normalised", "`predict` knows them once they are normalised",
        "training subtracts MEAN and divides by STD, and `predict` doesn't: use one function to prepare both",
    ),
    "as_multiplied": (
        "predict_divides", "`predict` knows them once they are multiplied by 255",
        "`predict` divides by 255 once more than training does: use one function to prepare both",
    ),
}  # fmt: skip


def accuracy(request: Request, evidence: Evidence) -> Complaint | None:
    """`predict` recognises images that nobody has seen before."""
    if ended(request, evidence):
        return not_told()
    needed = threshold("a5_transfer", "transfer", str(request["framework"]))
    found = share(array(evidence, "scores"), np.asarray(request["kept_labels"]))
    if found >= needed:
        return None
    expected = f"at least {needed:.0%} of {len(request['kept_labels'])} unseen images right"
    known = share(array(evidence, "train_scores"), np.asarray(request["train_labels"]))
    got = f"{found:.0%}, and {known:.0%} of the training images"
    if known >= KNOWN:
        return Complaint(
            expected, got,
            "it fits its training images and little else: keep the pretrained weights, freeze all or most of them, and "
            "train with a lower rate or for fewer steps", "fits_training_images_alone",
        )  # fmt: skip
    return (
        _forgotten(request, evidence, expected, got)
        or _turned(request, evidence, expected, got, needed)
        or _untrained(evidence, expected, got)
    )


def _turned(request: Request, evidence: Evidence, expected: str, got: str, needed: float) -> Complaint | None:
    """The complaint where the scores tell the classes all the same: by the smallest, or in columns of another order."""
    scores, labels = array(evidence, "scores"), np.asarray(request["kept_labels"])
    if share(-scores, labels) >= needed:
        return Complaint(
            expected, f"{got}; it is right where the smallest score wins",
            "the greatest score is taken: turn distances, losses and the like round with a minus", "smallest_wins",
        )  # fmt: skip
    train, known = array(evidence, "train_scores"), np.asarray(request["train_labels"])
    if scores.ndim != 2 or train.ndim != 2 or len(train) != len(known):
        return None
    columns = [int(np.bincount(train[known == label].argmax(axis=1)).argmax()) for label in np.unique(known)]
    if len(set(columns)) == scores.shape[1] == len(columns) and share(scores[:, columns], labels) >= needed:
        return Complaint(
            expected, f"{got}; it tells the classes, but their columns stand in another order",
            "column 0 is for label 0, column 1 for label 1, and so on, whatever comes first in the training images",
            "columns_in_another_order",
        )  # fmt: skip
    return None


def _forgotten(request: Request, evidence: Evidence, expected: str, got: str) -> Complaint | None:
    for name, (mistake, words, fix) in _FORGOTTEN.items():
        if name in evidence:
            scores = array(evidence, name)
            if scores.ndim == 2 and share(scores, np.asarray(request["train_labels"])[: len(scores)]) >= KNOWN:
                return Complaint(expected, f"{got}; {words}", fix, mistake)
    return None


def _untrained(evidence: Evidence, expected: str, got: str) -> Complaint:
    if float(array(evidence, "head_moved")) == 0:
        return Complaint(
            expected, f"{got}; the head that predicts is as it was when training began",
            "what was trained is not what predicts: make the optimizer after the new head is in its place, and give it "
            "the head's parameters", "head_not_trained",
        )  # fmt: skip
    scores = array(evidence, "scores")
    if scores.ndim == 2 and scores.size and len(np.unique(scores.argmax(axis=1))) == 1:
        return Complaint(
            expected, f"{got}; every image gets the same answer",
            "training may have diverged, or images are prepared so that they all look alike: print the loss as it goes",
        )  # fmt: skip
    return Complaint(
        expected,
        got,
        "not even the training images are known: look whether images and labels stay in step when they are shuffled, "
        "whether the pretrained weights are used, how images are prepared, and whether the loss goes down",
        "nothing_learned",
    )


def tuned(request: Request, evidence: Evidence) -> Complaint | None:
    """Trained by the grader, with one stage learning, the model recognises unseen images."""
    if "error" in evidence:
        raise CrashedError(raised("the model of `fine_tuner(given.backbone(...), ...)`", decode(evidence["error"])))
    needed = threshold("a5_transfer", "fine_tuner", str(request["framework"]))
    found = share(array(evidence, "scores"), np.asarray(request["kept_labels"]))
    if found >= needed:
        return None
    return Complaint(
        f"{needed:.0%} of {len(request['kept_labels'])} unseen images right after {len(request['batches'])} steps",
        f"{found:.0%}",
        "the checks before this one say what is missing: pretrained weights, frozen stages, a head that learns",
    )

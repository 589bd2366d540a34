"""The judge of what `predict` gives: a score per image and class, for many classes and for two."""

from __future__ import annotations

import numpy as np

from grader.checks.transfer.logits import squashed
from grader.checks.transfer.pipeline import array, ended, not_told
from grader.failure import CrashedError, MalformedError, decode, raised
from grader.result import Complaint
from grader.spec import Evidence, Request


def scores(request: Request, evidence: Evidence) -> Complaint | None:
    """`predict` gives one score per image and class, real numbers that are no probabilities."""
    if ended(request, evidence):
        return not_told()
    found, right = array(evidence, "scores"), (len(request["test_images"]), int(request["num_classes"]))
    if found.shape != right:
        return Complaint(
            f"scores of shape {right}, one row per image", f"shape {found.shape}",
            "return the scores of all classes, not the class itself, for as many images as there are",
        )  # fmt: skip
    if not np.all(np.isfinite(found)):
        return Complaint("finite scores", "NaN or infinity", "look for a learning rate that is too high")
    kind = squashed(found)
    # Logarithms of probabilities are as good as logits. Between 0 and 1 lie cosines, too, but not near both ends: over
    # 10 seeds they began at .306 to .363 in PyTorch, while sigmoids of trained heads went from .0000 to 1.0000.
    if kind == "softmax" or (kind == "sigmoid" and found.min() < 0.02 and found.max() > 0.9):
        return Complaint(
            "logits, or other scores that are no probabilities", f"they went through a {kind}",
            "return what the head gives: the greatest wins either way", f"{kind}_in_predict",
        )  # fmt: skip
    return _of_two(request, evidence)


def _of_two(request: Request, evidence: Evidence) -> Complaint | None:
    """A second call, with two of the classes, gives two scores for each image."""
    if "two_error" in evidence:
        raise CrashedError(raised("a second call of `transfer`, with two classes,", decode(evidence["two_error"])))
    found, count = evidence.get("two_scores"), len(request["two_test_images"])
    if found is None or found.dtype.kind not in "fiub":
        raise MalformedError("no scores of two classes")
    if found.shape == (count, 2) and np.all(np.isfinite(found)):
        return None
    got = f"shape {found.shape}" if found.shape != (count, 2) else "NaN or infinity"
    one = found.size == count
    return Complaint(
        f"scores of shape {(count, 2)}, one row per image, from a second call with two classes", got,
        "two classes are two scores too, and the greater one wins: some classifiers give one number for both"
        if one else "what a call gives depends on its own arguments alone: keep nothing of an earlier one",
        "one_score_for_two" if one else "",
    )  # fmt: skip

"""Whether scores are logits: a linear function of the pooled features, behind which nothing stands."""

from __future__ import annotations

import numpy as np

from grader.checks.transfer.study import Case, of_each
from grader.result import Complaint

FEW = 4  # classes, of which all logits may be positive by chance: features behind a ReLU are
# How far logits may be from a linear function of the pooled features, relative to their own spread.
LINEAR = 1e-3


def squashed(scores: np.ndarray) -> str:
    """Which function scores went through on their way out, in words; "" when they may be logits."""
    if scores.ndim != 2 or scores.shape[1] < 2 or not np.all(np.isfinite(scores)):
        return ""
    with np.errstate(all="ignore"):
        if np.all(scores >= 0) and np.all(np.abs(scores.sum(axis=1) - 1) < 1e-3):
            return "softmax"
        if np.all(scores <= 0) and np.all(np.abs(np.exp(scores).sum(axis=1) - 1) < 1e-3):
            return "log-softmax"
    if scores.shape[1] < FEW:
        return ""
    if np.all((scores >= 0) & (scores <= 1)) and np.any(scores > 0) and np.any(scores != scores[0, 0]):
        return "sigmoid"
    if np.all(scores >= 0) and np.mean(scores == 0) > 0.05 and np.any(scores > 0):
        return "ReLU"
    return ""


def nonlinearity(features: np.ndarray, scores: np.ndarray) -> float:
    """How far scores `n k` are from every linear function of features `n d` with bias, relative to their spread."""
    if scores.ndim != 2 or len(scores) != len(features) or not np.all(np.isfinite(scores)):
        return float("inf")
    kind = squashed(scores)  # costs its points by itself: the logits below it can be told but for a number per image
    if kind in ("softmax", "log-softmax"):
        scores = np.log(np.maximum(scores, 1e-30)) if kind == "softmax" else scores
        scores = scores - scores.mean(axis=1, keepdims=True)
    spread = float(np.max(np.abs(scores - scores.mean(axis=0)), initial=0.0))
    if spread <= 1e-6 * float(np.max(np.abs(scores), initial=0.0)):
        return 0.0  # a head of zeros
    columns = np.hstack([features, np.ones((len(features), 1))])
    fitted = columns @ np.linalg.lstsq(columns, scores, rcond=None)[0]
    return float(np.max(np.abs(scores - fitted))) / spread


@of_each
def logits(case: Case) -> Complaint | None:
    """The model ends in logits: no softmax, no other activation."""
    if found := _activation(case):
        return Complaint(
            f"logits: the numbers that the new dense layer gives ({case.words})",
            f"they went through a {found}" + (": each row sums to 1" if found == "softmax" else ""),
            "leave the activation of the new layer out: it belongs to the loss, which computes it more exactly",
            f"{found.lower().replace('-', '_')}_at_the_end",
        )
    if case.has("noisy") and 0 < np.mean(case.array("noisy") == 0) < 1:
        return Complaint(
            f"logits: the numbers that the new dense layer gives ({case.words})",
            "in training mode some of them are set to zero",
            "dropout belongs before the last dense layer, not behind it",
            "dropout_behind_the_head",
        )  # fmt: skip
    return None


def _activation(case: Case) -> str:
    """The function that all scores went through, before training and behind it; "" when they may be logits.

    Those of one new head in 200,000 lay between 0 and 1 by chance, and would hardly do so after training too.
    """
    columns = case.array("output").shape[1:]
    every = [case.array(name) for name in ("output", "trained") if case.has(name)]
    same = [one for one in every if one.ndim == 2 and one.shape[1:] == columns and np.all(np.isfinite(one))]
    if not same:
        return ""
    joined = np.concatenate(same)
    clipped = np.all(joined >= 0) and "ReLU" in map(squashed, same)  # perhaps in one of both alone
    return squashed(joined) or ("ReLU" if clipped else "")

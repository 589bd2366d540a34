"""Rankings of classes: what a right one holds, and the known mistakes that give another."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np

# Right programs were off by 2e-6 in sixty seeds. Cases are drawn until each known mistake is off by ten bounds or more.
BOUND = 1e-3

Pairs = list[list[tuple[int, float]]]  # per image, of the number of a class and its value


def softmax(logits: np.ndarray, axis: int = -1) -> np.ndarray:
    """Probabilities over an axis."""
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True))


Choice = Callable[[np.ndarray, int], np.ndarray]  # the values that stand in a row of k pairs, out of all classes'


def _best(scores: np.ndarray, k: int) -> np.ndarray:
    return np.sort(scores)[::-1][:k]


def fits(rows: Pairs, scores: np.ndarray, choice: Choice = _best) -> bool:
    """Whether each pair holds its class's score, and each row the scores that are chosen, in their order."""
    if any(len({number for number, _ in row}) != len(row) for row in rows):
        return False
    for row, of_classes in zip(rows, scores, strict=True):
        bound = BOUND * max(1.0, float(np.max(np.abs(of_classes))))
        for (number, value), wanted in zip(row, choice(of_classes, len(row)), strict=True):
            right = abs(value - of_classes[number]) <= bound and abs(value - wanted) <= bound
            if not right:  # NaN is not right
                return False
    return True


def mistake(rows: Pairs, logits: np.ndarray, trained: np.ndarray) -> str | None:
    """The name of the known mistake that gives these rows; `trained` are the logits of training mode."""
    right = softmax(logits)
    with np.errstate(all="ignore"):
        for name, scores in _values(logits, trained, len(rows[0])).items():
            if fits(rows, scores):
                return name
    for name, choice in _CHOICES.items():
        if fits(rows, right, choice):
            return name
    if fits(rows, np.repeat(right[:1], len(rows), axis=0)):
        return "first_image_for_all"
    if fits([sorted(row, key=lambda pair: -pair[1]) for row in rows], right):
        return "in_no_order"
    return "images_reversed" if fits(rows, right[::-1]) else None


def telling(logits: np.ndarray, trained: np.ndarray, k: int) -> bool:
    """Whether the probabilities and the order of each image tell every known mistake from a right program."""
    right, classes = softmax(logits), logits.shape[-1]
    best = -np.sort(-right, axis=-1)[:, :k]
    for name, scores in _values(logits, trained, k).items():
        wrong = -np.sort(-scores, axis=-1)[:, :k]
        if not np.max(np.abs(wrong - best)) > 10 * BOUND and (name, k) != ("softmax_over_best", classes):
            return False
    others = [np.abs(one - other).max() for one, other in combinations(right, 2)]
    return min(others, default=1.0) > 10 * BOUND and bool(np.all(best[:, 0] - best[:, min(k, 2) - 1] > 10 * BOUND))


def _values(logits: np.ndarray, trained: np.ndarray, k: int) -> dict[str, np.ndarray]:
    """What stands in place of the probabilities."""
    right = softmax(logits)
    kept = logits >= np.sort(logits)[:, ::-1][:, k - 1 : k]
    return {
        "training_mode": softmax(trained),
        "logits_as_probabilities": logits,
        "softmax_twice": softmax(right),
        "softmax_over_batch": softmax(logits, axis=0),
        "softmax_over_best": np.where(kept, softmax(np.where(kept, logits, -np.inf)), -1.0),
        "sigmoid": 1 / (1 + np.exp(-logits)),
        "log_softmax": np.log(right),
        "percent": 100 * right,
        "hard_maximum": (right == right.max(axis=-1, keepdims=True)).astype(float),
        "divided_by_sum": logits / logits.sum(axis=-1, keepdims=True),
        "exponentials": np.exp(logits),
    }


_CHOICES: dict[str, Choice] = {
    "least_probable_first": lambda scores, k: np.sort(scores)[::-1][:k][::-1],
    "least_probable": lambda scores, k: np.sort(scores)[:k],
    "least_probable_reversed": lambda scores, k: np.sort(scores)[:k][::-1],
    "in_order_of_classes": lambda scores, k: scores[np.sort(np.argsort(-scores)[:k])],
    "first_classes": lambda scores, k: scores[:k],
}
MISTAKES = {
    "training_mode": (
        "the probabilities of a model in training mode, where BatchNorm takes the batch's own statistics",
        "call `model.eval()` before the forward pass",
    ),
    "logits_as_probabilities": ("the logits themselves", "turn logits into probabilities: a softmax over the classes"),
    "softmax_twice": ("a softmax of a softmax", "the model returns logits: apply the softmax once"),
    "softmax_over_batch": (
        "a softmax over the images of the batch (the wrong axis)", "take it along the classes, the last axis",
    ),
    "softmax_over_best": (
        "a softmax over the k best classes alone", "first the softmax over *all* classes, then choose the k best",
    ),
    "sigmoid": ("a sigmoid of each logit", "classes exclude one another: use a softmax over the classes"),
    "log_softmax": ("logarithms of the probabilities", "use the softmax itself, without the logarithm"),
    "percent": ("probabilities in per cent", "leave them between 0 and 1"),
    "hard_maximum": ("1 for the best class and 0 for all others", "give the softmax of the logits"),
    "divided_by_sum": ("logits divided by their sum", "a softmax takes the exponential of each logit first"),
    "exponentials": ("exponentials of the logits", "divide them by their sum over the classes"),
    "least_probable_first": ("the k best with the least probable first", "sort in falling order of probability"),
    "least_probable": ("the k least probable classes", "sort in falling order, or take the last k and turn them round"),
    "least_probable_reversed": ("the k least probable classes", "take the k greatest probabilities"),
    "in_order_of_classes": ("the k best in the order of their numbers", "sort in falling order of probability"),
    "first_classes": ("the first k classes", "sort by probability before you take the first k"),
    "first_image_for_all": ("the first image's classes for every image", "use each image's own row of probabilities"),
    "in_no_order": (
        "the right pairs, but not the most probable first", "sort what you return: `argpartition` leaves no order"
    ),
    "images_reversed": ("the images in reversed order", "keep the images in their order"),
}  # fmt: skip

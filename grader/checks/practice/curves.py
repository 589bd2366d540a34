"""Judges of the numbers that a training reports: they are computed again from the logits that the net gave."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.checks import running_means
from grader.checks.practice.replaying import logits_as_probabilities, smoothed, softmax_twice
from grader.checks.practice.training import Training, training_of
from grader.oracle.learning import Loss, cross_entropy
from grader.result import Complaint
from grader.spec import Evidence, Request

# Right programs were 3e-7 off in 196 trainings; the mean of batch means is 2e-2 off.
TOLERANCE = 2e-3
LOSSES: tuple[tuple[str, Loss, str, str], ...] = (
    ("label_smoothing", smoothed(0.1), "the loss with label smoothing", "use the labels as they are"),
    (
        "softmax_twice",
        softmax_twice,
        "the loss of a softmax before the cross-entropy, which holds one already",
        "hand the logits over as they are",
    ),
    (
        "logits_as_probabilities",
        logits_as_probabilities,
        "the loss of logits that are taken for probabilities",
        "tell the loss that the net gives logits: `from_logits=True`",
    ),
)


def _same(found: np.ndarray, expected: np.ndarray) -> bool:
    scale = np.maximum(np.abs(expected), 1e-3)
    return found.shape == expected.shape and bool(np.all(np.abs(found - expected) / scale < TOLERANCE))


def _parts(training: Training, loss: Loss, validation: bool) -> list[list[np.ndarray]]:
    """For each epoch the losses of its batches, one for each image."""
    found = []
    for epoch in training.epochs:
        numbers = [n for n in epoch.others if training.validates(training.passes[n])] if validation else epoch.training
        passes = [training.passes[n] for n in numbers]
        found.append([loss(each.logits.astype(np.float64), training.labels[each.rows])[0] for each in passes])
    return found


def _per_epoch(
    training: Training, loss: Loss, mean: Callable[[list[np.ndarray]], float], validation: bool
) -> np.ndarray:
    """A number for each epoch, made of the losses of its batches by `mean`."""
    return np.array([mean(parts) if parts else np.nan for parts in _parts(training, loss, validation)])


def _by_example(parts: list[np.ndarray]) -> float:
    return float(np.concatenate(parts).mean())


MEANS: tuple[tuple[str, Callable[[list[np.ndarray]], float], str], ...] = (
    (
        "mean_of_batch_means",
        lambda parts: float(np.mean([part.mean() for part in parts])),
        "the mean over the batches, so that each image of the short last batch weighs more",
    ),
    ("last_batch", lambda parts: float(parts[-1].mean()), "the last batch's mean alone"),
    (
        "sum_of_batch_means",
        lambda parts: float(np.sum([part.mean() for part in parts])),
        "the sum of the batches' means",
    ),
    ("summed_over_examples", lambda parts: float(np.sum(np.concatenate(parts))), "the sum over all images"),
    (
        "divided_by_batches",
        lambda parts: float(np.sum(np.concatenate(parts)) / len(parts)),
        "the sum over the images divided by the number of batches",
    ),
)


_RESET = "begin each epoch with a new sum or metric (`reset_state`)"


def _so_far(numbers: np.ndarray) -> np.ndarray:
    """The mean of each epoch's number and those before it, of as many images each."""
    return np.cumsum(numbers) / np.arange(1, len(numbers) + 1)


def loss(request: Request, evidence: Evidence) -> Complaint | None:
    """`loss` is each epoch's mean cross-entropy per image, each batch's taken before its step."""
    training, found = training_of(request, evidence), training_of(request, evidence).curve("loss")
    expected = "in `loss` each epoch's mean cross-entropy of the logits per image, each batch's taken before its step"
    return _judged(training, "loss", found, expected, False)


def _judged(
    training: Training, key: str, found: np.ndarray | None, expected: str, validation: bool
) -> Complaint | None:
    if found is None or not training.epochs:
        return Complaint(expected, f"no numbers under `{key}`", "mend the complaint above first")
    right = _per_epoch(training, cross_entropy, _by_example, validation)
    if _same(found, right):
        return None
    with np.errstate(all="ignore"):
        for name, way, got, fix in LOSSES:
            if _same(found, _per_epoch(training, way, _by_example, validation)):
                return Complaint(expected, got, fix, name)
        for name, mean, got in MEANS:
            if _same(found, _per_epoch(training, cross_entropy, mean, validation)):
                fix = "weigh each batch's mean by its number of images, and divide by all of them"
                return Complaint(expected, f"`{key}` holds {got}", fix, name)
        if any(_same(found, shown) for shown in running_means.means(_parts(training, cross_entropy, validation))):
            got = f"`{key}` holds means of running means, in which the batches before count too"
            return Complaint(expected, got, running_means.FIX, "running_means")
    if _same(found, _so_far(right)):
        return Complaint(expected, f"`{key}` holds the mean over all epochs so far", _RESET, "never_reset")
    if found.shape != right.shape:
        return Complaint(expected, f"{len(found)} numbers after {len(right)} epochs", "append one number per epoch")
    worst = int(np.argmax(np.nan_to_num(np.abs(found - right), nan=np.inf)))
    return Complaint(
        expected,
        f"`{key}` holds {found[worst]:.4g} for epoch {worst + 1}, its logits give {right[worst]:.4g}",
        "add up the loss of each batch times its number of images before the step, and divide by all images; look too "
        "whether images and labels stay together when they are shuffled",
    )


def validation(request: Request, evidence: Evidence) -> Complaint | None:
    """`val_loss` and `val_accuracy` are the mean cross-entropy and the share of right answers per validation image."""
    training = training_of(request, evidence)
    found, accuracy = training.curve("val_loss"), training.curve("val_accuracy")
    expected = "in `val_loss` the mean cross-entropy of the logits per validation image"
    if (complaint := _validation_loss(training, found, expected)) is not None:
        return complaint
    return _accuracy(training, accuracy)


def _validation_loss(training: Training, found: np.ndarray | None, expected: str) -> Complaint | None:
    if found is not None and _same(found, training.validation_losses):
        return None
    return _judged(training, "val_loss", found, expected, True)


def _accuracy(training: Training, found: np.ndarray | None) -> Complaint | None:
    expected, right = (
        "in `val_accuracy` the share of right answers, 0 to 1, per validation image",
        training.validation_accuracies,
    )
    if found is None or not training.epochs:
        return Complaint(expected, "no numbers under `val_accuracy`", "mend the complaint above first")
    if _same(found, right):
        return None
    size = len(training.request["validation_labels"])

    def hits(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return (logits.argmax(axis=1) == labels).astype(np.float64), logits

    others = (
        ("percent", 100 * right, "percent", "give a share from 0 to 1"),
        ("counts", size * right, "the number of right answers", "divide by the number of validation images"),
        ("never_reset", _so_far(right), "the share over all epochs so far", _RESET),
        ("error_rate", 1 - right, "the share of wrong answers", "count the right ones"),
        *(
            (name, _per_epoch(training, hits, mean, True), got, "count right answers over all images, then divide")
            for name, mean, got in MEANS
        ),
    )
    for name, values, got, fix in others:
        if _same(found, values):
            return Complaint(expected, got, fix, name)
    if found.shape != right.shape:
        return Complaint(expected, f"{len(found)} numbers after {len(right)} epochs", "append one number per epoch")
    worst = int(np.argmax(np.nan_to_num(np.abs(found - right), nan=np.inf)))
    return Complaint(
        expected,
        f"{found[worst]:.3g} for epoch {worst + 1}, its logits give {right[worst]:.3g}",
        "compare the greatest logit's class (over the last axis) with the label",
    )

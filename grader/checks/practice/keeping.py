"""The judge of the weights that a training leaves in the model."""

from __future__ import annotations

import numpy as np

from grader.checks.practice.diaries import statistics, weights
from grader.checks.practice.training import Epoch, Training, training_of
from grader.result import Complaint
from grader.spec import Evidence, Request


def best(request: Request, evidence: Evidence) -> Complaint | None:
    """Afterwards the model holds weights and running statistics of the epoch with the best validation accuracy."""
    training = training_of(request, evidence)
    expected = "at the end the weights and running statistics of the epoch with the best `val_accuracy`"
    if not training.epochs:
        return Complaint(expected, "no epoch of training", "mend the complaint above first")
    accuracies, final = training.validation_accuracies, training.final
    winners = [number for number, value in enumerate(accuracies) if value == accuracies.max()]
    if any(_held(training, final, training.epochs[number]) for number in winners):
        return None
    where = f"epoch {winners[0] + 1} ({accuracies.max():.3g})"
    for number, epoch in reversed(list(enumerate(training.epochs))):
        if _held(training, final, epoch):
            return _other_epoch(training, number, where, expected)
    if any(_held(training, final, training.epochs[number], whole=False) for number in winners):
        return Complaint(
            expected,
            f"the weights of {where}, but other running statistics of BatchNorm",
            "keep the whole state: parameters and buffers",
            "statistics_forgotten",
        )
    for number, epoch in reversed(list(enumerate(training.epochs))):
        if _held(training, final, epoch, whole=False):
            return _other_epoch(training, number, where, expected)
    if np.allclose(weights(training.request, final), weights(training.request, training.request["initial"]), atol=1e-6):
        return Complaint(
            expected,
            f"the weights from before the training; the best epoch is {where}",
            "only epochs take part: the untrained model's accuracy is none to beat",
            "untrained_kept",
        )
    return Complaint(
        expected,
        f"weights of no epoch; the best one is {where}",
        "copy the whole state after the best epoch, and load it at the end",
        "mixed_weights",
    )


def _held(training: Training, final: np.ndarray, epoch: Epoch, *, whole: bool = True) -> bool:
    """Whether the last state is that of a validation pass of an epoch."""
    for number in epoch.others:
        for state in (
            training.passes[number].state,
            training.diary.after(number) if number == epoch.others[-1] else None,
        ):
            if state is None or not training.validates(training.passes[number]):
                continue
            parts = [weights, statistics] if whole else [weights]
            if all(
                np.allclose(part(training.request, final), part(training.request, state), atol=1e-6) for part in parts
            ):
                return True
    return False


def _other_epoch(training: Training, number: int, where: str, expected: str) -> Complaint:
    if number == len(training.epochs) - 1:
        return Complaint(
            expected,
            f"those of the last epoch; the best one is {where}",
            "copy the state after the best epoch and load it at the end. `state_dict()` holds references: "
            "they change with the model"
            if training.request["framework"] == "torch"
            else "keep a copy of the weights of the best epoch and set them at the end",
            "last_weights",
        )
    if number == int(np.argmin(training.validation_losses)):
        return Complaint(
            expected,
            f"those of epoch {number + 1}, with the lowest `val_loss`; the best `val_accuracy` is in {where}",
            "compare accuracies, and more is better",
            "lowest_loss_kept",
        )
    if number == int(np.argmin(training.validation_accuracies)):
        return Complaint(
            expected,
            f"those of epoch {number + 1}, with the worst `val_accuracy`; the best one is {where}",
            "a higher accuracy is better",
            "worst_kept",
        )
    return Complaint(
        expected,
        f"those of epoch {number + 1}; the best one is {where}",
        "update the best accuracy together with the copy of the state",
        "other_epoch_kept",
    )

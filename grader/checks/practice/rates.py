"""The judge of the schedule at work in a training: the rates that it reports, and those that the weights move by."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grader.checks.practice.momentum import RATE
from grader.checks.practice.plateaus import Plateau
from grader.checks.practice.replaying import explains, replay
from grader.checks.practice.scheduling import DEFAULT_PATIENCE
from grader.checks.practice.stepping import RIGHT, by_contract, states_after, states_before
from grader.checks.practice.training import Training, training_of
from grader.result import Complaint
from grader.spec import Evidence, Request


def _own(training: Training) -> np.ndarray:
    """The rates (k, epochs + 1) that the notebook's own schedule gives, no rows where they aren't known."""
    own = training.evidence.get("own_rates")
    if own is not None and own.ndim == 2 and own.shape[1] == len(training.epochs) + 1 and np.all(np.isfinite(own)):
        return own.astype(np.float64)
    return np.zeros((0, len(training.epochs) + 1))


def _right(training: Training, start: float) -> Iterator[np.ndarray]:
    """The rates (epochs + 1) that a right schedule may give, for either error that it may get."""
    for errors in (training.validation_losses, 1 - training.validation_accuracies):
        for late in (0, 1):
            yield start * np.array(Plateau(DEFAULT_PATIENCE + late).rates(errors.tolist()))


def _schedules(training: Training) -> Iterator[np.ndarray]:
    """The rates (epochs + 1) of a right schedule and of the notebook's own."""
    own = _own(training)
    yield from own
    for start in {RATE, *own[:1, 0]}:
        yield from _right(training, start)


def _of_a_wrong_schedule(training: Training, found: np.ndarray) -> bool:
    """Whether the notebook's own schedule is wrong, which costs points there, and the training follows what it says.

    It may remember an earlier training, so that its rates can't be asked for again; one that is at work changes them.
    """
    own = _own(training)
    if (
        not len(own)
        or np.all(found == found[0])
        or any(_near(row, right) for row in own for right in _right(training, own[0, 0]))
    ):
        return False
    return _follows(training, np.append(found, found[-1])) or _follows(training, np.append(own[0, 0], found))


def _near(found: np.ndarray, expected: np.ndarray) -> bool:
    return found.shape == expected.shape and bool(np.all(np.abs(found - expected) < 2e-3 * np.abs(expected)))


def rates(request: Request, evidence: Evidence) -> Complaint | None:
    """The schedule gets each epoch's validation error, the training follows it, and `lr` tells the rates."""
    training = training_of(request, evidence)
    found = training.curve("lr")
    expected = "in `lr` the rates that the schedule gives for each epoch's `val_loss` (or 1 - accuracy)"
    if found is None or not len(found) == len(training.epochs) == request["epochs"]:
        return Complaint(expected, "a training that can't be followed", "mend the complaint above first")
    if _of_a_wrong_schedule(training, found):
        return None
    schedules = list(_schedules(training))
    told = [one for one in schedules if _near(found, one[:-1]) or _near(found, one[1:])]
    if by_contract(training):  # with another optimizer the moves don't tell the rate
        used = [one for one in schedules if _follows(training, one)]
        if not used:
            return _unfollowed(training, found, expected)
        if told and not any(_near(one, other) for one in told for other in used):
            told = []
    return None if told else _untold(training, found, expected)


def _follows(training: Training, rates: np.ndarray) -> bool:
    """Whether the weights move as with these rates, one for each epoch."""
    numbers = tuple(number for epoch in training.epochs for number in epoch.training)
    each = [rate for epoch, rate in zip(training.epochs, rates, strict=False) for _ in epoch.training]
    before, batches = states_before(training, numbers), training.batches(numbers)
    after = states_after(training, numbers)
    return any(
        explains(training.request, after, replay(training.request, before, batches, RIGHT, each, scaled=scaled))
        for scaled in (False, True)
    )


def _unfollowed(training: Training, found: np.ndarray, expected: str) -> Complaint:
    asked = "training at the rates that the schedule gives for each epoch's validation error"
    if _follows(training, np.full(len(training.epochs) + 1, RATE)):
        got = "the rate stays at its first value: the schedule is not at work"
        fix = "give the schedule of the optimizer that trains each epoch's validation error"
        return Complaint(asked, got, fix, "schedule_unused")
    accuracies, losses = training.validation_accuracies, training.curve("loss")
    if _follows_a_schedule_of(training, accuracies):
        got = "the schedule gets the accuracy, for which more is better"
        fix = "give it an error: `val_loss`, or 1 - accuracy"
        return Complaint(asked, got, fix, "schedule_gets_accuracy")
    if losses is not None and _follows_a_schedule_of(training, losses):
        got, fix = "the schedule gets the training loss", "give it the validation error"
        return Complaint(asked, got, fix, "schedule_gets_training_loss")
    if _follows_a_schedule_of(training, np.zeros(len(training.epochs))):
        got = "the rate is divided as if no epoch were better than the first: the schedule gets no error"
        fix = "give it the epoch's `val_loss`, or 1 - accuracy: the number must fall when the net gets better"
        return Complaint(asked, got, fix, "schedule_gets_no_error")
    got = "the weights move as with other rates"
    fix = "step the schedule once after each epoch, with that epoch's validation error"
    return Complaint(asked, got, fix)


def _follows_a_schedule_of(training: Training, numbers: np.ndarray) -> bool:
    """Whether the rates are those of a schedule that was given these numbers, with either reading of patience."""
    plateaus = (Plateau(DEFAULT_PATIENCE + late) for late in (0, 1))
    return any(_follows(training, RATE * np.array(plateau.rates(numbers.tolist()))) for plateau in plateaus)


def _untold(training: Training, found: np.ndarray, expected: str) -> Complaint:
    if np.all(found == found[0]):
        return Complaint(
            expected,
            f"{found[0]:.3g} in every epoch, although there are {DEFAULT_PATIENCE + 1} epochs without a new best",
            "step the schedule after each epoch, and read the rate from the optimizer each time",
            "constant_lr",
        )
    return Complaint(
        expected,
        f"{', '.join(f'{rate:.3g}' for rate in found[:12])}",
        "note the optimizer's rate once in each epoch, before or after the schedule's step, the same way each time",
    )

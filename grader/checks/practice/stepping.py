"""The judge of a training's steps: they are taken again in NumPy, from the images of each batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.checks.practice.diaries import weights
from grader.checks.practice.momentum import MOMENTUM, RATE
from grader.checks.practice.replaying import MISTAKES, TOLERANCE, Recipe, as_if_full, distances, explains, replay
from grader.checks.practice.training import Training, training_of
from grader.result import Complaint
from grader.spec import Evidence, Request

RIGHT = Recipe(RATE, MOMENTUM)
EPOCHS = 2  # no schedule with the default patience changes the rate before


def _numbers(training: Training, epochs: int) -> tuple[int, ...]:
    return tuple(number for epoch in training.epochs[:epochs] for number in epoch.training)


def states_before(training: Training, numbers: Sequence[int]) -> list[np.ndarray]:
    """The states before some passes."""
    return [training.passes[number].state for number in numbers]


def states_after(training: Training, numbers: Sequence[int]) -> list[np.ndarray]:
    """The states after some passes, as far as the diary tells."""
    found = [training.diary.after(number) for number in numbers]
    return [state for state in found if state is not None]


def by_contract(training: Training, epochs: int = EPOCHS) -> bool:
    """Whether the first epochs are those of SGD as `make_optimizer` should give it."""
    numbers = _numbers(training, epochs)
    replayed = replay(training.request, states_before(training, numbers), training.batches(numbers), RIGHT)
    return explains(training.request, states_after(training, numbers), replayed)


def _by_own_optimizer(training: Training) -> bool:
    """Whether the first epoch is what the notebook's own optimizer gives, whose mistakes cost points elsewhere."""
    own = training.evidence.get("own_states")
    numbers = _numbers(training, 1)
    found = states_after(training, numbers)
    if own is None or own.shape != (len(numbers), len(training.request["initial"])) or len(found) != len(numbers):
        return False
    for one, right in zip(found, own, strict=True):
        way = np.linalg.norm(weights(training.request, right) - weights(training.request, training.request["initial"]))
        error = np.linalg.norm(weights(training.request, one) - weights(training.request, right))
        if not error < TOLERANCE * max(float(way), 1e-9):
            return False
    return bool(numbers)


def steps(request: Request, evidence: Evidence) -> Complaint | None:
    """Each batch moves the weights by one step of the notebook's optimizer on the batch's mean cross-entropy."""
    training = training_of(request, evidence)
    expected = (
        "one step of the optimizer that `make_optimizer` gives for each batch, on the mean cross-entropy of its logits"
    )
    numbers = _numbers(training, EPOCHS)
    if not numbers:
        return Complaint(expected, "no training batch in training mode", "mend the complaint above first")
    initial = training.request["initial"]
    if not np.array_equal(array_weights(training, numbers[0]), weights(request, initial)):
        return Complaint(
            "training that goes on from the weights that the model has",
            "they were changed before the first step",
            "`fit` doesn't initialise the model",
            "weights_changed_before",
        )
    if by_contract(training) or (not by_contract(training, 1) and _by_own_optimizer(training)):
        return None
    return wrong_steps(training, numbers, expected)


def array_weights(training: Training, number: int) -> np.ndarray:
    """The weights before a pass."""
    return weights(training.request, training.passes[number].state)


def wrong_steps(training: Training, numbers: Sequence[int], expected: str) -> Complaint:
    """The complaint about steps that are not those asked for, by the mistake that gives just these."""
    request, initial = training.request, training.request["initial"]
    found = states_after(training, numbers[: 1 + len(training.epochs[0].training)])
    before, batches = states_before(training, numbers[: len(found)]), training.batches(tuple(numbers[: len(found)]))
    if found and all(np.array_equal(weights(request, state), weights(request, initial)) for state in found):
        return Complaint(
            expected,
            "the weights never move",
            "compute the gradients, then take the step, for each batch, with "
            "an optimizer over this very model's parameters",
            "nothing_moves",
        )
    full = max(len(labels) for _, labels in batches)
    for name, change, got, fix in (*MISTAKES, as_if_full(full)):
        if explains(request, found, replay(request, before, batches, change(RIGHT))):
            return Complaint(expected, got, fix, "wrong_rate" if name.startswith("rate_") else name)
    errors = distances(request, found, replay(request, before, batches, RIGHT))
    first = next((number for number, error in enumerate(errors, 1) if not error < TOLERANCE), 1)
    return Complaint(
        expected,
        f"other steps: the weights depart in step {first} of the training",
        "one optimizer for the whole training; for each batch gradients at zero, mean cross-entropy, backward, one "
        "step; nothing added, clipped or scaled",
    )

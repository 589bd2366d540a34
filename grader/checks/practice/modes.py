"""The judge of the mode in which a training sees its images, and of what is kept apart."""

from __future__ import annotations

import numpy as np

from grader.checks.practice.diaries import weights
from grader.checks.practice.training import Training, training_of
from grader.result import Complaint
from grader.spec import Evidence, Request

SWITCH = {
    "torch": ("`model.train()` before the training batches of each epoch", "`model.eval()` before validation"),
    "keras": ("call the model with `training=True` in the training step", "call the model with `training=False`"),
}


def modes(request: Request, evidence: Evidence) -> Complaint | None:
    """Training images are learnt from in training mode; validation happens in evaluation mode and changes nothing."""
    training = training_of(request, evidence)
    if not training.passes:
        return Complaint(
            "training of the model that is given", "the model is never called", "train this very model", "never_called"
        )
    for number, one in enumerate(training.passes):
        found = _strange(training, number) if not one.known else _mode(training, number)
        if found is not None:
            return found
    if not any(training.learns(one) for one in training.passes):
        return Complaint(
            "training in training mode",
            "the training images never pass the net in training mode",
            SWITCH[request["framework"]][0],
            "evaluation_mode_in_training",
        )
    return _unvalidated(training)


def _strange(training: Training, number: int) -> Complaint:
    where = "training" if training.passes[number].training else "validation"
    return Complaint(
        f"the {where} images as they are given",
        f"{_when(training, number)} the net gets other images",
        "the images are prepared already: no augmentation, no scaling, no reshaping",
        "images_changed",
    )


def _when(training: Training, number: int) -> str:
    for count, epoch in enumerate(training.epochs, 1):
        if number in epoch.training or number in epoch.others:
            return f"in epoch {count}"
    return "at the start"


def _mode(training: Training, number: int) -> Complaint | None:
    one = training.passes[number]
    validation = one.rows >= training.train_size
    trains = SWITCH[training.request["framework"]]
    moved = training.diary.moved(number) and _goes_on(training, number)
    if np.any(validation) and (one.training or moved):
        if np.any(~validation):
            return Complaint(
                "training on the training images alone",
                f"{_when(training, number)} a batch holds validation images too",
                "keep the two sets apart",
                "trained_on_validation",
            )
        if moved and (back := _back(training, number)):
            return Complaint(
                "training that goes on from epoch to epoch",
                f"{_when(training, number)} the weights go back to those of epoch {back} after validation",
                "keep a copy of the best state, train on, and put the copy back once, after the last epoch",
                "goes_back_to_the_best",
            )
        if moved:
            return Complaint(
                "validation that changes nothing",
                f"{_when(training, number)} the weights move after a batch of validation images",
                "no gradient step belongs into validation",
                "trained_on_validation",
            )
        return Complaint(
            "validation in evaluation mode",
            f"{_when(training, number)} the validation images pass the net in training mode: "
            "BatchNorm normalises with their batches, and its running statistics move",
            trains[1],
            "validation_in_training_mode",
        )
    if moved and not one.training:
        return Complaint(
            "training in training mode",
            f"{_when(training, number)} the net learns from images that pass it in evaluation "
            "mode: BatchNorm uses its running statistics, and they stand still",
            trains[0],
            "evaluation_mode_in_training",
        )
    return None


def _back(training: Training, number: int) -> int:
    """The earlier epoch whose weights the net has again after a validation pass, 0 where there is none."""
    state = training.diary.after(number)
    if state is None:
        return 0
    after = weights(training.request, state)
    for count, epoch in enumerate(training.epochs, 1):
        earlier = [training.passes[n].state for n in epoch.others if n < number]
        if number not in epoch.others and any(np.array_equal(weights(training.request, s), after) for s in earlier):
            return count
    return 0


def _goes_on(training: Training, number: int) -> bool:
    """Whether learning goes on after a pass: the weights may also move as the best ones are put back at the end."""
    return any(
        training.learns(one) or (not training.validates(one) and training.diary.moved(later))
        for later, one in enumerate(training.passes[number + 1 :], number + 1)
    )


def _unvalidated(training: Training) -> Complaint | None:
    size, epochs = len(training.request["validation_labels"]), training.request["epochs"]
    expected = "every validation image evaluated after each epoch"
    if not any(map(training.validates, training.passes)):
        looked = any(not one.training for one in training.passes)
        return Complaint(
            expected,
            "images of the training set are evaluated in their place" if looked else "the net never sees them",
            "evaluate on the pair `validation`, after each epoch",
            "validation_unused",
        )
    images = sum(len(training.passes[n].rows) for epoch in training.epochs for n in epoch.training)
    if len(training.epochs) < epochs and images >= epochs * training.train_size:
        return Complaint(
            expected,
            f"{len(training.epochs)} validations in {epochs} epochs",
            "evaluate inside the loop over the epochs",
            "not_validated",
        )
    for count, epoch in enumerate(training.epochs, 1):
        missing = size - int(training.validation_logits(epoch)[1].sum())
        if missing:
            return Complaint(
                expected,
                f"after epoch {count} {missing} of {size} are left out",
                "evaluate all of them, the short last batch included",
                "validation_incomplete",
            )
    return None

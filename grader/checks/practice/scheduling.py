"""Judges of a learning-rate schedule: the rates that it gives for known validation errors."""

from __future__ import annotations

import numpy as np

from grader.checks.practice.misscheduling import explain
from grader.checks.practice.plateaus import Plateau, agree
from grader.checks.practice.reading import array, plain
from grader.failure import MalformedError
from grader.result import Complaint
from grader.spec import Evidence, Request

DEFAULT_PATIENCE = 5


def _start(request: Request, number: int) -> np.ndarray:
    """The first rate of each group: in Keras, where there is one, the next of them in each sequence."""
    rates = request["rates"]
    return np.array(rates if request["framework"] == "torch" else [rates[number % len(rates)]])


def _rates(request: Request, evidence: Evidence, number: int) -> np.ndarray:
    """The rates (epochs + 1, groups) of one sequence; raises MalformedError."""
    found, errors = array(evidence, f"rates_{number}"), request[f"errors_{number}"]
    groups = len(request["rates"]) if request["framework"] == "torch" else 1
    if found.shape != (len(errors) + 1, groups):
        raise MalformedError(f"rates of shape {found.shape}")
    return found.astype(np.float64)


def _patience(given: int | None) -> int:
    return DEFAULT_PATIENCE if given is None else int(given)


def goes_on(request: Request, evidence: Evidence) -> Complaint | None:
    """The schedule changes the learning rate alone: it never ends the training."""
    if request["framework"] != "keras":
        return None
    found = plain(evidence, "callbacks")
    if found.get("listed") is not True:
        return Complaint(
            "a list of callbacks", f"`{str(found.get('type'))[:60]}`", "put the callback into a list", "no_list"
        )
    if found.get("stops"):
        return Complaint(
            "callbacks that let the training run to its end",
            "they stop it early",
            "leave early stopping out: the epochs after a division are the point of the schedule",
            "stops_early",
        )
    return None


def divides(request: Request, evidence: Evidence) -> Complaint | None:
    """The learning rate is divided by 10 after `patience` epochs without a new best validation error."""
    found = [_rates(request, evidence, number) for number in range(len(request["patiences"]))]
    starts = [_start(request, number) for number in range(len(found))]
    patiences = [_patience(given) for given in request["patiences"]]
    errors = [request[f"errors_{number}"].tolist() for number in range(len(found))]
    if any(not np.all(np.isfinite(rates) & (rates > 0)) for rates in found):
        return Complaint("learning rates above 0", "0, NaN or infinity", "divide the rate by 10")
    for late in (0, 1):
        wanted = [Plateau(p + late).rates(e) for p, e in zip(patiences, errors, strict=True)]
        if all(agree(rates, right, start) for rates, right, start in zip(found, wanted, starts, strict=True)):
            return None
    return explain(request, found, starts, patiences, errors)

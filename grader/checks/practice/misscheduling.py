"""What a wrong schedule does, in words: the one that gives the rates that were seen."""

from __future__ import annotations

from itertools import product

import numpy as np

from grader.checks.practice.plateaus import FACTOR, FLOOR, Plateau, agree, mistaken
from grader.result import Complaint
from grader.spec import Request

# other things that a callback may follow, in words
FOLLOWED = {"loss": "the training loss", "accuracy": "the training accuracy", "val_accuracy": "`val_accuracy`"}


def explain(
    request: Request,
    found: list[np.ndarray],
    starts: list[np.ndarray],
    patiences: list[int],
    errors: list[list[float]],
) -> Complaint:
    """The complaint about rates that no right schedule gives."""
    expected = (
        "every group's learning rate divided by 10 after `patience` epochs without a new best error, again and again"
    )
    for rates, start in zip(found, starts, strict=True):
        if not np.all(np.abs(rates[0] / start - 1) < 1e-3):
            return Complaint(
                expected,
                f"another rate before the first epoch: {rates[0][0]:.3g}, not {start[0]:.3g}",
                "leave the optimizer's own rate as it is until there is a plateau",
                "rate_at_start",
            )
    relative = [rates[:, 0] / start[0] for rates, start in zip(found, starts, strict=True)]
    if all(np.all(np.abs(one - 1) < 1e-3) for one in relative):
        return _never(request, expected, patiences, errors)
    changes = [one[1:][np.abs(np.diff(one)) > 1e-9] for one in relative]
    factor = float(next(change[0] for change in changes if len(change)))
    for late, (name, changes, got, fix) in product((0, 1), mistaken(factor)):
        rules = [Plateau(p + late, **changes) for p in patiences]
        if all(agree(r, rule.rates(e), s) for r, rule, e, s in zip(found, rules, errors, starts, strict=True)):
            return Complaint(expected, f"your schedule {got}", fix, name)
    if (complaint := _floored(expected, found, starts, patiences, errors)) is not None:
        return complaint
    if (complaint := _by_value(expected, relative, errors)) is not None:
        return complaint
    for rates, start in zip(found, starts, strict=True):
        if len(start) > 1 and not np.all(np.abs(rates / start / (rates[:, :1] / start[0]) - 1) < 1e-3):
            return _groups(expected, rates)
    fixed = [np.where(rates == rates[0], rates * 0.1 / rates[0], rates) for rates in found]  # as from a rate of 0.1
    for late in (0, 1):
        rules = [Plateau(p + late) for p in patiences]
        if all(agree(r, rule.rates(e), np.full(1, 0.1)) for r, rule, e in zip(fixed, rules, errors, strict=True)):
            got = "your schedule computes the rates from 0.1, whatever the optimizer's own rate is"
            return Complaint(expected, got, "divide what the optimizer has: ask it for its rate", "rates_from_0.1")
    return _followed(request, expected, found, starts, patiences) or _first_departure(
        expected, found, starts, patiences, errors
    )


def _floored(
    expected: str,
    found: list[np.ndarray],
    starts: list[np.ndarray],
    patiences: list[int],
    errors: list[list[float]],
) -> Complaint | None:
    floor = min(float(rates.min()) for rates in found)
    for late in (0, 1):
        wanted = [
            np.maximum(np.array(Plateau(p + late).rates(e))[:, None] * start, floor)
            for p, e, start in zip(patiences, errors, starts, strict=True)
        ]
        if all(np.all(np.abs(rates / right - 1) < 1e-3) for rates, right in zip(found, wanted, strict=True)):
            return Complaint(
                expected, f"no rate below {floor:.2g}", f"a floor may lie at {FLOOR:g} or below", "floor_too_high"
            )
    return None


def _by_value(expected: str, relative: list[np.ndarray], errors: list[list[float]]) -> Complaint | None:
    """The complaint where the rate after each epoch depends on that epoch's error alone, and falls as it grows."""
    changes = [np.diff(rates[1:][np.argsort(error)]) for rates, error in zip(relative, errors, strict=True)]
    if any(np.any(change > 1e-9) for change in changes) or all(np.all(change > -1e-9) for change in changes):
        return None
    return Complaint(
        expected,
        "a rate that depends on the last error alone: the greater the error, the lower the rate",
        "compare each error with the best so far: a schedule by epochs, such as `StepLR`, takes the error for the "
        "number of an epoch",
        "error_as_epoch",
    )


def _groups(expected: str, rates: np.ndarray) -> Complaint:
    first = np.argmax(np.any(np.abs(rates / rates[0] / (rates[:, :1] / rates[0, 0]) - 1) > 1e-3, axis=1))
    return Complaint(
        expected,
        f"the rates go {rates[0, 0]:.3g} to {rates[first, 0]:.3g} and {rates[0, 1]:.3g} to {rates[first, 1]:.3g} "
        f"in epoch {first}",
        "change each of `optimizer.param_groups`, each from its own rate",
        "one_group",
    )


def _never(request: Request, expected: str, patiences: list[int], errors: list[list[float]]) -> Complaint:
    if request["framework"] == "keras":
        fix = "monitor `val_loss`, and pass `patience` on"
        return Complaint(
            expected,
            "a rate that never changes, though `val_loss` gets no better (the training loss falls all the while)",
            fix,
            "never_divides",
        )
    longest = max(len(one) for one in errors)
    return Complaint(
        expected,
        f"a rate that never changes in {longest} epochs with several plateaus (patience {max(patiences)} at most)",
        "compare each error with the best so far, count, and change the optimizer's groups; pass `patience` on",
        "never_divides",
    )


def _followed(
    request: Request, expected: str, found: list[np.ndarray], starts: list[np.ndarray], patiences: list[int]
) -> Complaint | None:
    """The complaint about a schedule that follows something else, or that waits for a time of its own."""
    for key, words in FOLLOWED.items() if request["framework"] == "keras" else ():
        series = [request[f"{key}_{number}"].tolist() for number in range(len(found))]
        for late in (0, 1):
            for sign in (1, -1):
                rules = [Plateau(p + late, sign=sign) for p in patiences]
                if all(agree(r, u.rates(e), s) for r, u, e, s in zip(found, rules, series, starts, strict=True)):
                    return Complaint(
                        expected, f"your schedule follows {words}", "monitor `val_loss`", "follows_something_else"
                    )
    errors = [request[f"errors_{number}"].tolist() for number in range(len(found))]
    for fixed in range(1, 13):
        if all(agree(r, Plateau(fixed).rates(e), s) for r, e, s in zip(found, errors, starts, strict=True)):
            return Complaint(
                expected,
                f"your schedule waits {fixed} epochs, whatever `patience` says",
                "pass `patience` on",
                "patience_ignored",
            )
    for shift in (-2, -1, 2, 3):
        rules = [Plateau(max(p + shift, 1)) for p in patiences]
        if all(agree(r, u.rates(e), s) for r, u, e, s in zip(found, rules, errors, starts, strict=True)):
            return Complaint(
                expected,
                f"your schedule divides {abs(shift)} epochs {'early' if shift < 0 else 'late'}",
                "count the epochs since the best error: `patience` of them (or one more) without a new best",
                "wrong_wait",
            )
    return None


def _first_departure(
    expected: str, found: list[np.ndarray], starts: list[np.ndarray], patiences: list[int], errors: list[list[float]]
) -> Complaint:
    """Where the rates depart first from the right ones, in the first sequence that shows it."""
    for rates, start, patience, error in zip(found, starts, patiences, errors, strict=True):
        right = [Plateau(patience + late).rates(error) for late in (0, 1)]
        if any(agree(rates, one, start) for one in right):
            continue
        relative = rates[:, 0] / start[0]
        wrong = [np.abs(relative / np.array(one) - 1) > 1e-3 for one in right]
        epoch = max(int(np.argmax(one)) for one in wrong)
        shown = ", ".join(f"{value:.3f}" for value in error[:epoch])
        return Complaint(
            expected,
            f"with patience {patience} and the errors {shown} the rate is {relative[epoch]:.3g} times the first one, "
            f"not {right[0][epoch]:.3g}",
            "follow your schedule by hand through these errors; it begins anew, with nothing of an earlier schedule",
        )
    return Complaint(
        expected,
        "`patience` epochs at one time, `patience` + 1 at another",
        f"divide by {1 / FACTOR:.0f} after the same number of epochs each time",
        "wait_varies",
    )

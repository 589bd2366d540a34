"""What schedules do: learning rates over epochs, for the schedule that is asked for and for others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

FACTOR = 0.1
FLOOR = 1e-5  # a schedule may stop dividing here or below


@dataclass(frozen=True)
class Plateau:
    """A schedule that divides the rate when `wait` epochs have passed without a new best error.

    The other fields are ways in which it may be wrong.
    """

    wait: int
    factor: float = FACTOR
    sign: int = 1  # -1: takes a greater error for a better one
    last: bool = False  # compares with the last epoch, not with the best one
    forget: bool = False  # a division makes the next error the best
    keep: bool = False  # a division doesn't reset the count
    total: bool = False  # an improvement doesn't reset the count
    most: int = 0  # divides so many times, 0 for any number
    cooldown: int = 0  # epochs after a division that don't count
    waits: int = 0  # so many times `wait` more of them
    blind: bool = False  # counts epochs and looks at no error
    falsy: bool = False  # takes a best error of 0 for none
    first: float = float("inf")  # the best error to begin with
    margin: float = 0.0  # a gain of so much of the best error, or less, is none
    absolute: float = 0.0  # a gain of so much, or less, is none

    def rates(self, errors: Sequence[float]) -> list[float]:
        """The rate of each epoch and the one after the last, in units of the first."""
        rate, best, count, rest, cuts, last = 1.0, self.first, 0, 0, 0, float("inf")
        found = [rate]
        for error in errors:
            error *= self.sign
            better = not self.blind and error < self._bound(last if self.last else best)
            better, last = better or (self.falsy and best == 0), error
            if better:
                best, count = error, count if self.total else 0
            else:
                count += 1
            if rest > 0:
                rest, count = rest - 1, 0
            if count >= self.wait and not better and (not self.most or cuts < self.most):
                rate, cuts, rest = rate * self.factor, cuts + 1, self.cooldown + self.waits * self.wait
                count = count if self.keep else 0
                best = float("inf") if self.forget else best
            found.append(rate)
        return found

    def _bound(self, best: float) -> float:
        """What an error must be below to be a new best."""
        return best if best == float("inf") else best - self.margin * abs(best) - self.absolute


def agree(found: np.ndarray, relative: list[float], start: np.ndarray) -> bool:
    """Whether the rates are those that a schedule gives, down to the floor."""
    expected = np.array(relative)[:, None] * start[None, :]
    same = np.abs(found / expected - 1) < 1e-3
    floored = (expected < FLOOR) & (found <= FLOOR * 1.001) & (found > expected)
    return bool(np.all(same | floored))


def mistaken(factor: float) -> Iterator[tuple[str, dict[str, Any], str, str]]:
    """Wrong schedules: the name, what differs from the right one, what that does in words, and what to look at."""
    for name, (changes, got, fix) in _WAYS.items():
        yield name, changes, got, fix
    for kind, gain in product(("margin", "absolute"), _GAINS):
        fix = "every lower error is a new best: `threshold` or `min_delta`, where you have one, must be tiny"
        yield "small_gains_ignored", {kind: gain}, "takes no notice of small gains", fix
    for most, times in enumerate(("once", "twice", "three times", "four times"), 1):
        got = f"divides the rate {times} and never again"
        yield "stops_dividing", {"most": most}, got, "wait for the next plateau again, however often"
    for cooldown, waits in _COOLDOWNS:
        got = "takes no notice of the errors right after a division"
        fix = "count from the first epoch after a division: a `cooldown` makes the next one late"
        yield "cooldown", {"cooldown": cooldown, "waits": waits}, got, fix
    if abs(factor - FACTOR) > 1e-3:
        got = f"multiplies the learning rate by {factor:.3g} on a plateau, not by {FACTOR}"
        yield "wrong_factor", {"factor": factor}, got, "divide it by 10"


_COOLDOWNS = ((1, 0), (2, 0), (3, 0), (0, 1), (-1, 1))  # the last as Keras counts them, or where patience + 1 is waited
_GAINS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
_WAYS: dict[str, tuple[dict[str, Any], str, str]] = {
    "greater_is_better": (
        {"sign": -1},
        "takes a falling error for a plateau: it waits for the error to rise",
        "a lower error is better: compare the other way round (`mode` is about that)",
    ),
    "blind": ({"blind": True}, "counts epochs and takes no notice of the error", "look at the validation error"),
    "best_forgotten": (
        {"forget": True},
        "forgets the best error when it divides the rate, so that a worse one counts as a new best",
        "keep the best error of all epochs",
    ),
    "count_kept": (
        {"keep": True},
        "goes on dividing in every epoch after the first division",
        "start to count again after a division",
    ),
    "count_not_reset": (
        {"total": True},
        "counts all epochs without a new best, also those before an improvement",
        "an improvement sets the count back to 0",
    ),
    "compares_with_last": (
        {"last": True},
        "compares each error with that of the epoch before",
        "compare with the best error so far: one that is better than the last need not be a new best",
    ),
    "zero_is_none": (
        {"falsy": True},
        "takes a best error of 0 for none at all, so that the next error counts as a new best",
        "0 is false in a condition: begin with infinity, or ask `is None`",
    ),
    "best_starts_at_1": (
        {"first": 1.0},
        "takes an error for a new best only once it is below 1",
        "a loss may lie above 1: begin with infinity as the best error",
    ),
}

"""What can be said of the next thousand right programs from the figures of a hundred, whatever their distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FAILURES = 0.001  # at most this share of right programs may lose points
CONFIDENCE = 0.95
ROUNDS = 2  # a program loses points only if it stays below with hidden inputs and with public ones (grader/agreement)
STEP = 0.05  # thresholds are multiples of it


def enough() -> int:
    """How many trials leave, with 95 % confidence, so small a share below the least of them that both rounds fail once
    in 1,000: the order statistic as a tolerance limit (Wilks 1941), for any distribution."""
    once = FAILURES ** (1 / ROUNDS)
    return math.ceil(math.log(1 - CONFIDENCE) / math.log(1 - once))


@dataclass(frozen=True)
class Summary:
    """Figures of one recipe in one framework."""

    count: int
    mean: float
    deviation: float
    smallest: float
    largest: float


def summarise(values: Sequence[float]) -> Summary:
    """The summary of at least two accuracies, 0 to 1."""
    array = np.asarray(values, dtype=float)
    spread = float(array.mean()), float(array.std(ddof=1)), float(array.min()), float(array.max())
    return Summary(array.size, *spread)


def threshold(right: Sequence[float], wrong: Sequence[float]) -> float:
    """The threshold: midway from the greatest accuracy of a wrong recipe to the least of a right one, rounded down.

    Raises ValueError where they overlap: then accuracy doesn't tell the wrong recipes, and a check must.
    """
    if not right or not wrong:
        raise ValueError("a threshold needs right recipes and wrong ones")
    if not min(right) > max(wrong):
        raise ValueError(f"a wrong recipe reaches {max(wrong):.3f} and a right one {min(right):.3f}")
    return round(math.floor(round((min(right) + max(wrong)) / 2 / STEP, 6)) * STEP, 2)

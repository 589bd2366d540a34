"""What can be said of the next thousand right programs from the figures of fifty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

FAILURES = 0.001  # at most this share of right programs may fail
CONFIDENCE = 0.95
RIGHT_ALWAYS = 0.001  # added to errors, so that an error of 0 has a logarithm
NORMAL = 0.05  # below this p of Shapiro and Wilk's test, figures aren't taken for normal


@dataclass(frozen=True)
class Summary:
    """Figures of one recipe in one framework, and the value that right programs of its kind stay above."""

    count: int
    mean: float
    deviation: float
    smallest: float
    largest: float
    normality: float  # p of the test of Shapiro and Wilk (1965), on the scale that the method names
    bound: float
    method: str


def summarise(values: Sequence[float]) -> Summary:
    """The summary of at least three accuracies, 0 to 1.

    Where the accuracies look normal, or else the logarithms of the errors (near 1 they are squeezed), the bound is the
    one-sided normal tolerance bound (Lieberman 1957): with 95 % confidence 99.9 % of all values lie above it. Where
    neither does it is Cantelli's inequality, which holds for every distribution of this mean and deviation, here with
    the deviation of the sample. Equal values are their own bound.
    """
    array = np.asarray(values, dtype=float)
    mean, deviation = float(array.mean()), float(array.std(ddof=1))
    if deviation == 0:
        normality, bound, method = math.nan, mean, "constant"
    else:
        normality, bound, method = _bound(array, mean, deviation)
    return Summary(array.size, mean, deviation, float(array.min()), float(array.max()), normality, bound, method)


def _bound(array: np.ndarray, mean: float, deviation: float) -> tuple[float, float, str]:
    """The p of normality, the bound, and the method that it comes from."""
    factor = _tolerance_factor(array.size)
    normality = float(stats.shapiro(array).pvalue)
    if normality >= NORMAL:
        return normality, mean - factor * deviation, "normal tolerance bound"
    errors = np.log(1 - array + RIGHT_ALWAYS)
    of_errors = float(stats.shapiro(errors).pvalue)
    if of_errors >= NORMAL:
        worst = float(np.exp(errors.mean() + factor * errors.std(ddof=1)))
        return of_errors, 1 + RIGHT_ALWAYS - worst, "normal tolerance bound of log errors"
    return normality, mean - math.sqrt((1 - FAILURES) / FAILURES) * deviation, "Cantelli"


def _tolerance_factor(count: int) -> float:
    """How many deviations below the mean the normal tolerance bound lies."""
    distance = stats.norm.ppf(1 - FAILURES) * math.sqrt(count)
    return float(stats.nct.ppf(CONFIDENCE, count - 1, distance)) / math.sqrt(count)


def threshold(bounds: Sequence[float]) -> float:
    """The threshold, a multiple of 0.05, below all bounds of right recipes; raises ValueError where there is none."""
    if not bounds:
        raise ValueError("no right recipe was measured")
    if not min(bounds) > 0:
        raise ValueError(f"no threshold leaves out right programs rarely enough: a bound is {min(bounds):.3f}")
    return math.floor(round(min(bounds) * 20, 6)) / 20

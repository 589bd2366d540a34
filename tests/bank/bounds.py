"""Bounds that note what is compared with them: each judge's, put in its place while the bank is graded."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from grader import checks

# Shares and differences that rounding moves; what counts or learns (accuracies, statistics of draws) is no equality.
NAMES = {
    "TOLERANCE", "SHARP_TOLERANCE", "GRADIENT_TOLERANCE", "DECAY_TOLERANCE", "LINEAR", "STEADY", "EXACT", "SAME", "LOSS",
    "BOUND",
}  # fmt: skip
APART = {"grader.checks.practice.initialisation", "grader.checks.practice.kernels"}  # `BOUND` is one of chance there
Shares = dict[tuple[str, str], list[float]]  # (where it is compared, the bound's name) -> values as shares of the bound


class Bound(float):
    """A number that `error < number` and `error <= number` note the error in, and compare as ever."""

    __array_ufunc__ = None  # so that an array on the left asks this class, too

    def __new__(cls, value: float, name: str, shares: Shares) -> Bound:
        """The number, its name, and where shares of it are noted."""
        made = super().__new__(cls, value)
        made.name, made.shares = name, shares
        return made

    def __gt__(self, error: Any) -> Any:
        """Asked by `error < self`."""
        self._note(error)
        return np.less(error, float(self))

    def __ge__(self, error: Any) -> Any:
        """Asked by `error <= self`."""
        self._note(error)
        return np.less_equal(error, float(self))

    def __lt__(self, other: Any) -> Any:
        """Asked by `other > self`, which draws requests and judges nothing."""
        return np.greater(other, float(self))

    def __mul__(self, scale: float) -> Bound:
        """A bound for errors that are not relative yet."""
        return Bound(float(self) * float(scale), self.name, self.shares)

    __rmul__ = __mul__

    def _note(self, error: Any) -> None:
        frame = sys._getframe(2)
        while frame.f_code.co_name in ("close", "<genexpr>", "<listcomp>"):  # a helper's, or part of, its caller
            frame = frame.f_back
        module = frame.f_globals["__name__"].removeprefix("grader.checks.")
        place = (f"{module}.{frame.f_code.co_name}", self.name)
        largest = np.max(np.asarray(error, np.float64), initial=0.0)
        self.shares.setdefault(place, []).append(float(largest) / max(float(self), 1e-300))


@contextmanager
def noted() -> Iterator[Shares]:
    """Put such bounds into all judges; what they compared is in the dict."""
    for found in pkgutil.walk_packages(checks.__path__, "grader.checks."):
        importlib.import_module(found.name)
    shares: Shares = {}
    before = [
        (module, name, value)
        for module in list(sys.modules.values())
        if module.__name__.startswith("grader.checks.") and module.__name__ not in APART
        for name, value in vars(module).items()
        if name in NAMES and type(value) is float
    ]
    try:
        for module, name, value in before:
            setattr(module, name, Bound(value, name, shares))
        yield shares
    finally:
        for module, name, value in before:
            setattr(module, name, value)

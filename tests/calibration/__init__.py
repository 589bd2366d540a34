"""Thresholds are measured: recipes, right and wrong, tried over many seeds, and the bounds that follow.

A module `tests/calibration/<assignment>.py` has `RECIPES`, by name, and `measure(framework, recipe, seed) -> float`,
one trial as the grader does it. `make calibrate` runs what is missing and writes tables and thresholds.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cache
from types import ModuleType


@dataclass(frozen=True)
class Recipe:
    """A way to solve a question, right or with a mistake, that ends in a number such as an accuracy."""

    question: str
    right: bool
    note: str = ""  # for a mistake that this number can't tell: the check that does

    @property
    def kind(self) -> str:
        """`right`, `wrong` where the threshold must tell it, `noted` where another check does."""
        return "right" if self.right else "noted" if self.note else "wrong"


@cache
def prepared(framework: str) -> ModuleType:
    """The setting of a framework, set up once in a process: each time would wrap every operation once more."""
    setting = importlib.import_module(f"grader.probes.setting.on_{framework}")
    setting.prepare()
    return setting

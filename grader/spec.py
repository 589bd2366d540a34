"""What an assignment is made of: frozen data that says what is asked, checked and worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from grader.result import Complaint

Request: TypeAlias = dict[str, Any]  # scalars, strings, lists of them and NumPy arrays
KEPT = "kept_"  # what begins with this in a request is the judge's alone, and never crosses: labels of test images, say
Evidence: TypeAlias = dict[str, np.ndarray]
Judge: TypeAlias = Callable[[Request, Evidence], Complaint | None]

FRAMEWORKS = ("torch", "keras")


@dataclass(frozen=True)
class Check:
    """A probe's name, how its request is drawn from the seed, a judge, and points.

    Checks of one question whose `probe` and `request` are the same share one run of the probe.
    """

    name: str
    sentence: str  # what is checked, as the student reads it
    probe: str
    request: Callable[[np.random.Generator], Request]
    judge: Judge
    points: float
    seconds: float = 60.0  # wall time that the student's process may take for the probe
    gate: bool = False  # when a gate fails, nothing else of its question counts


@dataclass(frozen=True)
class Question:
    """What the student writes, by name in each framework, and the checks that its points hang on."""

    name: str
    functions: Mapping[str, str]  # framework -> the name that the student defines
    checks: tuple[Check, ...]
    excuses: tuple[str, ...] = ()  # questions whose recognised mistakes do not count again here
    describe: Callable[[Request, Evidence], str] | None = None  # the legal variant, in words
    diagnose: Callable[[Request, Evidence, Complaint], Complaint] | None = None  # a complaint -> a better one
    companions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # others' functions that the probe calls

    @property
    def points(self) -> float:
        """Points of all checks."""
        return round(sum(check.points for check in self.checks), 6)  # points are hundredths; floats are not

    def beside(self, framework: str) -> dict[str, str]:
        """The companions' functions in one framework, by question."""
        return {name: functions[framework] for name, functions in self.companions.items()}


@dataclass(frozen=True)
class Assignment:
    """A tuple of questions under one name."""

    name: str
    title: str
    questions: tuple[Question, ...]

    @property
    def points(self) -> float:
        """Points of all questions."""
        return round(sum(question.points for question in self.questions), 6)  # points are hundredths; floats are not

"""Probes run beside the student's code and return evidence; frameworks are imported in `on_torch` and `on_keras` alone."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

Probe = Callable[[Callable[..., Any], dict[str, Any]], dict[str, np.ndarray]]


class StudentError(Exception):
    """The student's code raised, or gave something that can't be used, in a named phase of a probe."""

    def __init__(self, phase: str, cause: BaseException) -> None:
        super().__init__(f"{phase}: {type(cause).__name__}: {cause}")
        self.phase = phase
        self.cause = cause


@contextmanager
def students_code(phase: str) -> Iterator[None]:
    """Mark what runs inside as the student's: what it raises is a StudentError and no fault of the grader."""
    try:
        yield
    except StudentError:
        raise
    except Exception as error:
        raise StudentError(phase, error) from error


def partial(name: str, look: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """What `look` finds; or, when the student's code fails in it, `<name>_error` in its place: the rest still counts."""
    try:
        return look()
    except StudentError as error:
        text = f"while {error.phase}: {type(error.cause).__name__}: {error.cause}"
        return {f"{name}_error": np.frombuffer(text[:1000].encode(), dtype=np.uint8)}


def load(framework: str, probe: str) -> Probe:
    """The probe named `<assignment>.<function>`, such as `a2_resnet.block`, for one framework."""
    assignment, _, function = probe.partition(".")
    module = importlib.import_module(f"grader.probes.{assignment}.on_{framework}")
    found: Probe = getattr(module, function)
    return found

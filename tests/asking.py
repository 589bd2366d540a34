"""Asking a process that runs cells given as text, one function at a time, with the probe that echoes its request."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from grader import failure
from grader.process import Process
from grader.spec import Check, Evidence, Question
from grader.submission import Cell, Submission


def started(framework: str, *sources: str, **limits: float) -> Process:
    """The process of a submission with these cells; it starts at the first question."""
    cells = tuple(Cell(source, f"cell {number}") for number, source in enumerate(sources, 1))
    return Process(Submission(Path("a.ipynb"), framework, cells, ("read",)), **limits)


def ask(
    process: Process, name: str, seconds: float = 30.0, probe: str = "setting.echo", /, **request: object
) -> Evidence:
    """The evidence for one function."""
    check = Check("echo", "", probe, lambda stream: {}, lambda request, evidence: None, 1.0, seconds)
    return process.ask(Question(name, {"torch": name, "keras": name}, (check,)), check, request)


def result(process: Process, name: str, /, **request: object) -> object:
    """What a function returned; raises LookupError with the error when there is none."""
    evidence = ask(process, name, **request)
    if "result" not in evidence:
        raise LookupError(failure.read(evidence))
    return evidence["result"].tolist()


def error(process: Process, name: str, seconds: float = 30.0, /, **request: object) -> dict[str, str]:
    """The error that came in place of evidence; its kind is empty when there was none."""
    return failure.read(ask(process, name, seconds, **request)) or {"kind": ""}


def count(folder: Path) -> int:
    """How many processes' folders lie in the folder for temporary files."""
    return len(list(folder.glob("submission-*")))


ONES = np.ones((2, 3), np.float32)

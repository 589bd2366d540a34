"""`grader.check("basic_block")`: feedback in the student's own kernel, by the same probes and judges as the grade."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any

from grader import rounds, run, specs
from grader.frontends import html, text, wording
from grader.frontends.kernel import Kernel
from grader.result import Report

_INTERRUPTED = "The check was interrupted, and your kernel is as it was: mend what takes so long, then check again."


@dataclass(frozen=True, repr=False)
class Feedback:
    """What a check says, as a table where HTML is shown and as text where it is not."""

    text: str
    html: str
    report: Report | None = None  # None when nothing was checked

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def check(question: Any) -> Feedback | float:
    """Check one question, by its name or its function, and return what to show; under nbgrader the points alone."""
    namespace = _callers_globals()
    name = question if isinstance(question, str) else getattr(question, "__name__", repr(question))
    try:
        feedback = _check(name, namespace)
    except specs.UnknownNameError as error:
        feedback = _message(f"{error.args[0]}.")
    except KeyboardInterrupt:
        feedback = _message(_INTERRUPTED)
    if _under_nbgrader():
        return float(feedback.report.points) if feedback.report is not None else 0.0
    return feedback


def _check(name: str, namespace: dict[str, Any]) -> Feedback:
    assignment, question = specs.question(name)
    kernel = Kernel(namespace, question)
    seed = rounds.seed(assignment.name)
    report = run.grade_with(
        kernel.ask, assignment, kernel.framework, seed, questions=[question.name], remarks=kernel.remarks
    )
    return Feedback(
        text.render(report, assignment, note=wording.FEEDBACK),
        html.table(report, assignment, note=wording.FEEDBACK),
        report,
    )


def _message(sentence: str) -> Feedback:
    return Feedback(sentence, html.message(sentence))


def _under_nbgrader() -> bool:
    """Whether nbgrader's own `validate` or `autograde` runs the notebook: it reads one number from the cell."""
    return bool(os.environ.get("NBGRADER_EXECUTION") or os.environ.get("NBGRADER_VALIDATING"))


def _callers_globals() -> dict[str, Any]:
    """The namespace of the code that called the grader: in a notebook, what its cells have defined."""
    frame = sys._getframe(1)
    while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] == "grader":
        frame = frame.f_back
    return frame.f_globals

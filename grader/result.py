"""What grading yields: statuses, complaints, results and reports (standard library only)."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


class Status(enum.StrEnum):
    """The outcome of one check."""

    PASSED = "passed"
    FAILED = "failed"
    CRASHED = "crashed"  # the student's code raised, hung or died
    BROKEN = "broken"  # a fault of the grader: a person must look, never a zero


@dataclass(frozen=True)
class Complaint:
    """What was expected, what the student's code did instead, and how to mend it, in a student's words."""

    expected: str
    got: str
    fix: str
    mistake: str = ""  # the name of a recognised mistake, "" when none was recognised


@dataclass(frozen=True)
class Result:
    """The outcome of one check of one question."""

    check: str
    status: Status
    points: float
    max_points: float
    complaint: Complaint | None = None


@dataclass(frozen=True)
class QuestionReport:
    """The results of one question, in the order in which a student should read them."""

    name: str
    results: tuple[Result, ...]
    variant: str = ""  # the legal variant that was recognised, in words
    remarks: tuple[str, ...] = ()  # things worth saying that cost nothing

    @property
    def points(self) -> float:
        """Points earned, never more than `max_points`."""
        return round(sum(result.points for result in self.results), 6)  # points are hundredths; floats are not

    @property
    def max_points(self) -> float:
        """Points that could be earned."""
        return round(sum(result.max_points for result in self.results), 6)  # points are hundredths; floats are not

    @property
    def broken(self) -> bool:
        """Whether a fault of the grader leaves the points open."""
        return any(result.status is Status.BROKEN for result in self.results)

    @property
    def first_complaint(self) -> Complaint | None:
        """The complaint that the student should read first."""
        return next((result.complaint for result in self.results if result.complaint is not None), None)


@dataclass(frozen=True)
class Report:
    """All that a front-end may show of one graded submission."""

    assignment: str
    framework: str
    grader: str
    spec: str
    round: str
    questions: tuple[QuestionReport, ...]
    remarks: tuple[str, ...] = ()  # about the submission as a whole: skipped statements, a GPU that was named

    @property
    def points(self) -> float:
        """Points earned in all questions."""
        return round(sum(question.points for question in self.questions), 6)  # points are hundredths; floats are not

    @property
    def max_points(self) -> float:
        """Points that could be earned in all questions."""
        return round(
            sum(question.max_points for question in self.questions), 6
        )  # points are hundredths; floats are not

    @property
    def exit_code(self) -> int:
        """0 all passed, 1 something failed, 3 a person is needed, by results that carry points."""
        statuses = {result.status for result in _all_results(self.questions) if result.max_points > 0}
        if Status.BROKEN in statuses:
            return 3
        return 0 if statuses <= {Status.PASSED} else 1

    def question(self, name: str) -> QuestionReport:
        """The report of one question; raises KeyError when it was not graded."""
        for question in self.questions:
            if question.name == name:
                return question
        raise KeyError(f"no question {name!r} in this report; it has {[q.name for q in self.questions]}")

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data, ready for JSON."""
        return {
            "assignment": self.assignment,
            "framework": self.framework,
            "grader": self.grader,
            "spec": self.spec,
            "round": self.round,
            "points": self.points,
            "max_points": self.max_points,
            "remarks": list(self.remarks),
            "questions": [_question_dict(question) for question in self.questions],
        }

    def to_json(self) -> str:
        """The report as JSON text."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)


def _all_results(questions: Iterable[QuestionReport]) -> Iterable[Result]:
    return (result for question in questions for result in question.results)


def _question_dict(question: QuestionReport) -> dict[str, Any]:
    return {
        "name": question.name,
        "points": question.points,
        "max_points": question.max_points,
        "variant": question.variant,
        "remarks": list(question.remarks),
        "results": [_result_dict(result) for result in question.results],
    }


def _result_dict(result: Result) -> dict[str, Any]:
    complaint = result.complaint or Complaint("", "", "")
    return {
        "check": result.check,
        "status": result.status.value,
        "points": result.points,
        "max_points": result.max_points,
        "expected": complaint.expected,
        "got": complaint.got,
        "fix": complaint.fix,
        "mistake": complaint.mistake,
    }

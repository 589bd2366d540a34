"""One student's file, graded for a gradebook: for each question the fraction earned and what the student reads."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader import run
from grader.frontends import collecting, html, wording
from grader.frontends.course import Course
from grader.result import QuestionReport, Report
from grader.spec import Assignment
from grader.submission import SubmissionError, read

JSON = "application/vnd.skipgrade+json"  # a report of one question, as `grader check --json` writes it
PENDING = "not graded yet: a person will look at this question"


@dataclass(frozen=True)
class Mark:
    """The fraction of a question's points that was earned, None while a person must look, and the page about it."""

    fraction: float | None
    page: str
    report: dict[str, Any]

    def score(self, maximum: float) -> float | None:
        """The points out of the gradebook's current maximum."""
        return None if self.fraction is None else min(max(self.fraction, 0.0), 1.0) * maximum

    def outputs(self, maximum: float) -> list[dict[str, Any]]:
        """The outputs of the check cell: one number for nbgrader, or a note that to stock nbgrader is no credit."""
        score = self.score(maximum)
        data = {"text/html": self.page, JSON: self.report}
        if score is None:
            shown = {"output_type": "display_data", "metadata": {}, "data": data | {"text/plain": PENDING}}
            return [shown, {"output_type": "stream", "name": "stderr", "text": f"{PENDING}\n"}]
        data["text/plain"] = repr(float(score))
        return [{"output_type": "execute_result", "execution_count": None, "metadata": {}, "data": data}]


OPEN = Mark(None, html.message(PENDING), {})


def marks(path: Path, assignment: Assignment, course: Course, log: logging.Logger) -> dict[str, Mark]:
    """The mark of each question; a question that is not named waits for a person. Raises SecretError."""
    seed = course.seed(assignment)
    remark = collecting.remark(path.parent, path.stem)
    try:
        report = run.grade(read(path), assignment, seed, round_name=course.round)
    except SubmissionError as error:
        log.warning("%s: 0 points: %s", path, error)
        unread = Mark(0.0, html.message(f"{error}. {remark}".strip()), {})
        return {question.name: unread for question in assignment.questions}
    except Exception:  # a fault of ours costs no student a point and stops no class
        log.exception("%s: the grader failed: a person must look", path)
        return {}
    log.info("%s: %s", path, _summary(report))
    report = replace(report, remarks=(*([remark] if remark else []), *report.remarks))
    return {
        question.name: _mark(
            report if question is report.questions[0] else replace(report, remarks=()), question, assignment
        )
        for question in report.questions
    }


def _mark(report: Report, question: QuestionReport, assignment: Assignment) -> Mark:
    """The mark of one question; what concerns the whole submission is said under the first."""
    alone = replace(report, questions=(question,))
    fraction = question.points / question.max_points if question.max_points > 0 else 0.0
    return Mark(None if question.broken else fraction, html.table(alone, assignment), alone.to_dict())


def _summary(report: Report) -> str:
    first = next((question.first_complaint for question in report.questions if question.first_complaint), None)
    points = f"{wording.score(report)} points ({report.framework})"
    return f"{points}; first complaint: expected {first.expected}, got {first.got}" if first else points

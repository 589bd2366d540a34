"""`nbgrader export`: the columns of nbgrader's own table, with no number where a person must still look."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry
from nbgrader.plugins import ExportPlugin

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip

_NOTHING: tuple[Any, ...] = ("", 0.0, 0.0, 0.0)  # as in nbgrader: who hands in nothing has zero


class Grades(ExportPlugin):  # type: ignore[misc]
    """Exports the grades as CSV."""

    def export(self, gradebook: Any) -> None:
        """Write one row for each assignment and student, to `--to` or `grades.csv`."""
        target = Path(self.to or "grades.csv")
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(self._rows(gradebook))
        self.log.info("Exported grades to %s", target)

    def _rows(self, gradebook: Any) -> Iterator[list[Any]]:
        students = {str(name) for name in self.student}
        assignments = {str(name) for name in self.assignment}
        for assignment in gradebook.assignments:
            for student in gradebook.students:
                if (not assignments or assignment.name in assignments) and (not students or student.id in students):
                    yield _row(gradebook, assignment, student)


def _row(gradebook: Any, assignment: Any, student: Any) -> list[Any]:
    timestamp, raw, penalty, score = _NOTHING
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        pass
    else:
        timestamp, penalty = submission.timestamp, submission.late_submission_penalty
        raw = "" if _is_open(submission) else submission.score
        score = "" if _is_open(submission) else max(0.0, submission.score - penalty)
    person = [student.id, student.last_name, student.first_name, student.email]
    row = [assignment.name, assignment.duedate, timestamp, *person, raw, penalty, score, assignment.max_score]
    return ["" if value is None else value for value in row]


def _is_open(submission: Any) -> bool:
    """Whether a question has no score at all yet."""
    grades = (grade for notebook in submission.notebooks for grade in notebook.grades)
    return any(grade.auto_score is None and grade.manual_score is None for grade in grades)

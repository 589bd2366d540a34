"""The words and signs that all front-ends share, so that one report reads alike everywhere."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from grader.result import Complaint, QuestionReport, Report, Result, Status

if TYPE_CHECKING:  # the specs load NumPy, which a front-end that only renders can do without
    from grader.spec import Assignment

SIGNS = {Status.PASSED: "✓", Status.FAILED: "✗", Status.CRASHED: "✗", Status.BROKEN: "?"}
FEEDBACK = "This is feedback, drawn with the public seed, and not the grade: grading draws other inputs."
_PHRASES = {
    Status.FAILED: "more did not pass: mend the complaint above first",
    Status.CRASHED: "more did not pass: mend the complaint above first",
    Status.BROKEN: "more could not be checked",
    Status.PASSED: "passed",
}
_NAMED = 8
_ONE_BY_ONE = 10  # a question with more checks than this shows only what must be read


def number(points: float) -> str:
    """Points without needless digits: 3, 2.5, 0.33."""
    return f"{round(points, 2):g}"


def score(graded: Report | QuestionReport | Result) -> str:
    """Points of all, of one question or of one check as `3 of 5`, or `at least 3 of 5` while a person must look."""
    return f"{'at least ' * _broken(graded)}{number(graded.points)} of {number(graded.max_points)}"


def _broken(graded: Report | QuestionReport | Result) -> bool:
    if isinstance(graded, Report):
        return any(question.broken for question in graded.questions)
    return graded.broken if isinstance(graded, QuestionReport) else graded.status is Status.BROKEN


def sentences(assignment: Assignment) -> dict[tuple[str, str], str]:
    """What each check says it checks, by the names of question and check."""
    return {
        (question.name, check.name): check.sentence for question in assignment.questions for check in question.checks
    }


def folded(question: QuestionReport) -> tuple[list[Result], list[tuple[str, list[Result]]]]:
    """The results to show one by one, and groups of others under a phrase: what only repeats stays short."""
    results = list(question.results)
    long = len(results) > _ONE_BY_ONE
    said = Counter((result.complaint.got, result.complaint.fix) for result in results if result.complaint is not None)
    shown: list[Result] = []
    groups: dict[str, list[Result]] = {phrase: [] for phrase in _PHRASES.values()}
    for result in results:
        complaint = result.complaint
        first = complaint is not None and complaint is question.first_complaint
        repeats = complaint is not None and said[complaint.got, complaint.fix] > 1
        if first or not (long or repeats):
            shown.append(result)
        else:
            groups[_PHRASES[result.status]].append(result)
    return shown, [(phrase, group) for phrase, group in groups.items() if group]


def names(results: list[Result]) -> str:
    """The names of a group's checks, of a long one the first few."""
    shown = [result.check for result in results[:_NAMED]]
    return ", ".join([*shown, "..."] if len(results) > _NAMED else shown)


def parts(complaint: Complaint, sentence: str = "") -> list[tuple[str, str]]:
    """A complaint as labelled lines, without what is empty or only repeats the check's sentence."""
    labelled = [("expected", complaint.expected), ("got", complaint.got), ("fix", complaint.fix)]
    return [(label, clean(text)) for label, text in labelled if text and text != sentence]


def clean(text: str) -> str:
    """Text that is safe to show: control characters, which a student's exception may hold, become visible."""
    return "".join(letter if letter == "\n" or letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)

"""A question that the public seed and the secret one grade differently: no number is right, so a person looks."""

from __future__ import annotations

from dataclasses import replace

from grader.result import Complaint, QuestionReport, Report, Result, Status

_REMARK = "The inputs that you could try and the hidden ones give different results here: a person will look at it."
_FIX = "nothing yet: your instructor compares both; a function must do its work for any input, not for the ones seen"


def unsettled(report: Report) -> tuple[str, ...]:
    """The names of the questions that lost points under a secret seed, and need a second look under the public one."""
    return tuple(question.name for question in report.questions if question.points < question.max_points)


def settle(report: Report, public: Report) -> Report:
    """The report of a secret round in which every check that the public seed judges otherwise is BROKEN."""
    seen = {question.name: question for question in public.questions}
    questions = [_settle(question, seen.get(question.name)) for question in report.questions]
    return replace(report, questions=tuple(questions))


def _settle(question: QuestionReport, public: QuestionReport | None) -> QuestionReport:
    if public is None or public.points == question.points:
        return question
    other = {result.check: result for result in public.results}
    results = tuple(_open(result, other.get(result.check, result)) for result in question.results)
    return replace(question, results=results, remarks=(*question.remarks, _REMARK))


def _open(hidden: Result, public: Result) -> Result:
    """The result of a check, without points where its outcomes differ."""
    if (hidden.status is Status.PASSED) == (public.status is Status.PASSED):
        return hidden
    failed, passed = ("hidden", "public") if public.status is Status.PASSED else ("public", "hidden")
    complaint = hidden.complaint or public.complaint or Complaint("", "", "")
    got = f"that with the {passed} inputs, and with the {failed} ones: {complaint.got}"
    return replace(hidden, status=Status.BROKEN, points=0.0, complaint=Complaint(complaint.expected, got, _FIX))

"""Evidence judged: the results of one question's checks, and the variant that its evidence shows."""

from __future__ import annotations

from typing import TypeAlias

from grader import failure
from grader.result import Complaint, Result, Status
from grader.spec import Check, Evidence, Question, Request

Asked: TypeAlias = dict[tuple[str, int], tuple[Request, Evidence]]  # by `key`


def key(check: Check) -> tuple[str, int]:
    """What checks that share their evidence have in common: the probe, and how its request is drawn."""
    return check.probe, id(check.request)


def judge(question: Question, asked: Asked, excused: frozenset[str]) -> list[Result]:
    """The results of all checks in order; the first complaint is diagnosed, nothing counts behind a failed gate."""
    results: list[Result] = []
    gate = Status.PASSED
    told: set[int] = set()  # evidence whose failure has been explained already
    recognised: set[int] = set()  # evidence that a recognised mistake explains as a whole
    for check in question.checks:
        request, evidence = asked[key(check)]
        error = failure.read(evidence)
        if gate is Status.BROKEN:  # a fault of ours is nobody's zero
            result = _result(check, Status.BROKEN, failure.broken(check, "in a check before this one"))
        elif gate is not Status.PASSED:
            result = _result(check, Status.FAILED, failure.not_counted(check))
        elif error is not None and error["kind"] == "fault":
            result = _result(check, Status.BROKEN, failure.broken(check, error["message"]))
        elif error is not None:
            complaint = failure.not_tried(check) if id(evidence) in told else failure.explain(question, error)
            told.add(id(evidence))
            result = _result(check, Status.CRASHED, complaint)
        else:
            first = not any(other.complaint for other in results)
            result = _judge_one(question, check, {**request, "excused": excused}, evidence, first)
            if id(evidence) in recognised and result.status is Status.FAILED:
                result = _result(check, Status.FAILED, failure.follows(check))
            if result.complaint is not None and result.complaint.mistake:
                recognised.add(id(evidence))
        gate = result.status if check.gate and gate is Status.PASSED else gate
        results.append(result)
    return results


def _judge_one(question: Question, check: Check, request: Request, evidence: Evidence, first: bool) -> Result:
    try:
        complaint = check.judge(request, evidence)
        if complaint is not None and first and question.diagnose is not None:
            complaint = question.diagnose(request, evidence, complaint)
    except failure.CrashedError as error:
        return _result(check, Status.CRASHED, error.complaint)
    except failure.MalformedError as error:
        return _result(check, Status.CRASHED, failure.malformed(check, str(error)))
    except Exception as error:  # whatever a judge raises is our fault, and goes to a person
        return _result(check, Status.BROKEN, failure.broken(check, f"{type(error).__name__}: {error}"))
    return _result(check, Status.PASSED if complaint is None else Status.FAILED, complaint)


def _result(check: Check, status: Status, complaint: Complaint | None) -> Result:
    earned = check.points if status is Status.PASSED else 0.0
    return Result(check.name, status, earned, check.points, complaint)


def variant(question: Question, asked: Asked) -> str:
    """The recognised variant in words, "" when the evidence doesn't show one."""
    for request, evidence in asked.values():
        if question.describe is not None and failure.read(evidence) is None:
            try:
                return question.describe(request, evidence)
            except Exception:  # a description is a courtesy: its failure changes no grade
                return ""
    return ""

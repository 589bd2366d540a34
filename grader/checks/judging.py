"""Judges of one case, made into judges of a request, which holds several cases."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from grader.checks.study import Study
from grader.failure import CrashedError, decode, raised
from grader.spec import Evidence, Request

_recent: deque[Study] = deque(maxlen=12)  # the checks of a question look at the same evidence one after another


def studies(request: Request, evidence: Evidence) -> Iterator[Study]:
    """A study of each case, shared by the judges of one question."""
    for number in range(len(request["cases"])):
        for study in _recent:
            same = study.evidence is evidence and study.number == number
            if same and study.request.get("excused") == request.get("excused"):
                yield study
                break
        else:
            study = Study(request, evidence, number)
            _recent.append(study)
            yield study


def first_of(judge: Callable[[Study], Any]) -> Callable[[Request, Evidence], Any]:
    """A judge of one case as a judge of a request: the complaint about the first case that has one.

    Raises CrashedError where the student's code raised before there was anything to judge.
    """

    def of_all(request: Request, evidence: Evidence) -> Any:
        for study in studies(request, evidence):
            raise_crash(study, "error")
            if (found := judge(study)) is not None:
                return found
        return None

    of_all.__doc__ = judge.__doc__
    return of_all


def raise_crash(study: Study, name: str) -> None:
    """Raise CrashedError when the student's code raised in this part of the probe."""
    if study.has(name):
        complaint = raised(f"the call with {study.words}", decode(study.array(name)))
        width, stride = study.case.get("steps", [(0, 0)])[0]
        shortcut = stride == 1 and "expansion" in study.case
        if shortcut and "shape" in complaint.fix and study.case["in_channels"] != width * study.case["expansion"]:
            fix = f"here the channels change although the stride is 1: the shortcut has to follow; {complaint.fix}"
            complaint = replace(complaint, fix=fix)
        raise CrashedError(complaint)

"""After a failure: the nearest mistake. The rewrite of the oracle that reproduces the model's outputs is its name."""

from __future__ import annotations

from dataclasses import replace

from grader.checks.conduct import unsteady
from grader.checks.departure import departure
from grader.checks.judging import studies
from grader.checks.study import Study
from grader.oracle.alignment import Aligned, align
from grader.oracle.mistakes import MISTAKES, Mistake
from grader.result import Complaint
from grader.spec import Evidence, Request


def diagnose(request: Request, evidence: Evidence, complaint: Complaint) -> Complaint:
    """The complaint that names the mistake, when one is recognised; else the complaint as it was."""
    cases = [study for study in studies(request, evidence) if study.has("output")]
    if not cases or all(isinstance(study.fit, Aligned) and study.computes(study.fit) for study in cases):
        return complaint  # the numbers are right: no rewrite explains what is wrong
    for mistake in MISTAKES.values():
        place = _explains(mistake, cases)
        if place:
            return replace(mistake.complaint, got=f"{mistake.complaint.got} ({place})")
    found = (look(study) for look in (departure, _unsteady) for study in cases)
    return next((other for other in found if other is not None), complaint)


def _unsteady(study: Study) -> Complaint | None:
    """Right layers whose numbers change from call to call: no comparison says more."""
    finite = isinstance(study.fit, Aligned) and study.evaluation_error(study.fit) < float("inf")
    return unsteady(study) if finite else None


def _explains(mistake: Mistake, cases: list[Study]) -> str:
    """The first case that a mistake changes, in words, when it reproduces all cases; "" when it doesn't."""
    place = ""
    for study in cases:
        changed = reproduces(mistake, study)
        if changed is None:
            return ""
        if changed and not place:
            place = study.words
    return place


def reproduces(mistake: Mistake, study: Study) -> bool | None:
    """Whether the mistake changes this case's graph; None when the changed graph is not what the model computes."""
    for right in study.right_graphs:
        graph = mistake.rewrite(right)
        fit = align(graph, study.reading)
        if isinstance(fit, Aligned) and study.computes(fit):
            return graph != right
    return None

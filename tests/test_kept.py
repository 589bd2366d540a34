"""What a request keeps for the judge never crosses to the student's process."""

from __future__ import annotations

import numpy as np

from grader import rounds, run
from grader.result import Complaint
from grader.spec import Assignment, Check, Evidence, Question, Request


def test_kept_values_reach_the_judge_and_nobody_else():
    crossed: list[Request] = []
    judged: list[Request] = []

    def ask(question: Question, check: Check, request: Request) -> Evidence:
        crossed.append(request)
        return {}

    def judge(request: Request, evidence: Evidence) -> Complaint | None:
        judged.append(request)
        return None

    drawn = {"images": np.zeros(2), "kept_labels": np.ones(2)}
    check = Check("labels", "", "setting.echo", lambda generator: drawn, judge, 1.0)
    question = Question("name", {"torch": "name", "keras": "name"}, (check,))
    report = run.grade_with(ask, Assignment("a", "A", (question,)), "torch", rounds.seed("a"))
    assert report.points == 1.0
    assert set(crossed[0]) == {"images", "framework"}
    assert "kept_labels" in judged[0]

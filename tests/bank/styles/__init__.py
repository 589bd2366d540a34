"""Whole solutions in styles that no lesson shows; each must reach full marks through the real process."""

from __future__ import annotations

from pathlib import Path

from grader import rounds, run
from grader.specs import assignment
from grader.submission import read

FOLDER = Path(__file__).parent


def paths(framework: str) -> list[Path]:
    """The solutions in one framework."""
    return sorted((FOLDER / f"on_{framework}").glob("*.py"))


def judge_style(path: Path, framework: str) -> None:
    """Grade a solution; raises AssertionError unless it reaches full marks."""
    chosen = assignment("a2_resnet")
    report = run.grade(read(path, framework), chosen, rounds.seed(chosen.name))
    complaints = [question.first_complaint for question in report.questions if question.first_complaint]
    assert (report.points, complaints) == (chosen.points, [])

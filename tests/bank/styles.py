"""Whole programs in styles that no lesson shows; each must reach full marks through the real process."""

from __future__ import annotations

from pathlib import Path

from grader import rounds, run
from grader.specs import assignment
from grader.submission import read

FOLDER = Path(__file__).parent


def paths(framework: str) -> list[Path]:
    """The programs in one framework, of every assignment."""
    return sorted(FOLDER.glob(f"*/styles/on_{framework}/*.py"))


def name_of(path: Path) -> str:
    """A program as a test id: its assignment and its style."""
    return f"{path.parents[2].name}-{path.stem}"


def judge_style(path: Path, framework: str) -> None:
    """Grade a program; raises AssertionError unless it reaches full marks."""
    chosen = assignment(path.parents[2].name)
    report = run.grade(read(path, framework), chosen, rounds.seed(chosen.name))
    complaints = [question.first_complaint for question in report.questions if question.first_complaint]
    assert (report.points, complaints) == (chosen.points, [])

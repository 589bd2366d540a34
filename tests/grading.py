"""A course that nbgrader knows, and looks into what nbgrader made of it, for tests."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook

from grader import specs
from tests.demo import course

QUESTIONS = [question.name for question in specs.assignment("a2_resnet").questions]


def nbgrader(folder: Path, *words: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "nbgrader", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def release(folder: Path) -> None:
    """A course whose assignment nbgrader knows, where the basic block is worth 10 and not 5."""
    course.make(folder)
    course.command(folder, str(Path(sys.executable).parent / "grader"), "release", "a2_resnet")
    nbgrader(folder, "generate_assignment", "a2_resnet")
    with gradebook(folder) as book:
        book.update_or_create_grade_cell("basic_block", "a2_resnet", "a2_resnet", max_score=10.0)


def gradebook(folder: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{folder / 'gradebook.db'}")


def grades(folder: Path, student: str) -> dict[str, tuple[float | None, bool]]:
    with gradebook(folder) as book:
        found = book.find_submission_notebook("a2_resnet", "a2_resnet", student).grades
        return {grade.name: (grade.auto_score, grade.needs_manual_grade) for grade in found}


def notebook(folder: Path, student: str) -> Any:
    return nbformat.read(folder / "autograded" / student / "a2_resnet" / "a2_resnet.ipynb", as_version=4)


def page(folder: Path, student: str) -> str:
    return (folder / "feedback" / student / "a2_resnet" / "a2_resnet.html").read_text()


def exported(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "grades.csv").open(newline="") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}

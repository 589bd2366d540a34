"""Submissions for tests: the cells of a solution, and notebooks made of cells."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
CHECK = re.compile(r'^grader\.check\("(\w+)"\)$')
POINTS = {"basic_block": 5, "bottleneck": 4}

# An assignment whose judge fails, which is a fault of the grader.
BROKEN = """
from grader.spec import Assignment, Check, Question

def judge(request, evidence):
    return evidence["result"] / {}["lost"]

check = Check("judged", "What is judged.", "setting.echo", lambda generator: {}, judge, 2)
ASSIGNMENT = Assignment("a9_broken", "Broken", (Question("one", {"torch": "one", "keras": "one"}, (check,)),))
"""


def with_assignments(folder: Path, call: str) -> list[str]:
    """The command that evaluates a call in a Python that finds more assignments, those of a folder."""
    return [sys.executable, "-c", f"import grader.specs; grader.specs.__path__.append({str(folder)!r}); {call}"]


def solution(framework: str = "torch", assignment: str = "a2_resnet") -> list[str]:
    """The code cells of a solution, in order, without the markers of the solution regions."""
    text = (ROOT / "solutions" / assignment / f"on_{framework}.py").read_text(encoding="utf-8")
    parts = [part.partition("\n") for part in re.split(r"^# %%", text, flags=re.MULTILINE)[1:]]
    cells = [body.strip() for head, _, body in parts if "[markdown]" not in head]
    return [re.sub(r"^ *### (BEGIN|END) SOLUTION\n?", "", cell, flags=re.MULTILINE) for cell in cells]


def definitions(cells: list[str]) -> list[str]:
    """The cells that import or define something: what a check needs."""
    return [cell for cell in cells if cell.startswith(("import", "# QUESTION"))]


def edited(cells: list[str], old: str, new: str) -> list[str]:
    """The cells with one piece of text replaced wherever it stands; raises ValueError when it stands nowhere."""
    if not any(old in cell for cell in cells):
        raise ValueError(f"no cell holds {old!r}")
    return [cell.replace(old, new) for cell in cells]


def write_notebook(path: Path, cells: list[str], *, gradable: bool = False) -> Path:
    """Write a notebook; `gradable` makes its check cells known to nbgrader."""
    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [_cell(number, source, gradable) for number, source in enumerate(cells)],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _cell(number: int, source: str, gradable: bool) -> dict[str, object]:
    match = CHECK.match(source)
    grade = {"grade": True, "solution": False, "locked": True, "schema_version": 3, "cell_type": "code"}
    metadata = {"nbgrader": {**grade, "grade_id": match[1], "points": POINTS[match[1]]}} if match and gradable else {}
    return {
        "cell_type": "code",
        "id": f"cell-{number}",
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }

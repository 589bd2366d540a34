"""Notebooks from the parts of a lesson: the same every time, with nbgrader's metadata and a record of their content."""

from __future__ import annotations

import hashlib
import importlib
import json
import re
from collections.abc import Mapping
from typing import Any

from grader.frontends.course import Course
from grader.frontends.lesson import Part, emptied
from grader.spec import Assignment

_DEVICES = {
    "torch": 'import torch\n\nprint("device:", torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU")',
    "keras": 'import tensorflow as tf\n\nprint("device:", "GPU" if tf.config.list_physical_devices("GPU") else "CPU")',
}
_SETUP = """\
# SETUP
# FRAMEWORK {framework}
import sys

if "google.colab" in sys.modules:  # Colab starts empty: install the course's grader, which is small
    %pip install --quiet {wheel}

{device}"""


def check_metadata(name: str, points: float) -> dict[str, Any]:
    """What nbgrader must know of a check cell: locked, graded, worth these points."""
    return _metadata(name) | {"grade": True, "locked": True, "points": points}


def answer_metadata(grade_id: str) -> dict[str, Any]:
    """What nbgrader must know of an answer cell: the student's, not graded itself."""
    return _metadata(grade_id) | {"solution": True}


def answer_id(name: str) -> str:
    """The grade_id of the cell that answers a question; the check cell's is the question's name itself."""
    return f"{name}_answer"


def build(parts: tuple[Part, ...], assignment: Assignment, framework: str, course: Course, *, solved: bool) -> str:
    """The text of a notebook, with its solutions for nbgrader's source or without them for students."""
    points = {question.name: question.points for question in assignment.questions}
    cells = [_cell(part if solved else emptied(part), points, framework, course) for part in parts]
    if badge := course.badge(assignment, framework):
        cells.insert(0, _new_cell("badge", "markdown", badge))
    _make_unique(cells)
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "skipgrade": {"assignment": assignment.name, "framework": framework, "sha256": digest({"cells": cells})},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    nbformat = importlib.import_module("nbformat")
    nbformat.validate(nbformat.from_dict(notebook))
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def digest(notebook: Mapping[str, Any]) -> str:
    """A hash of what an author edits: kinds, sources and nbgrader's metadata, but no outputs."""
    content = [
        [cell.get("cell_type"), "".join(cell.get("source", "")), cell.get("metadata", {}).get("nbgrader")]
        for cell in notebook["cells"]
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def edited(text: str) -> bool:
    """Whether a notebook is not, or no longer, what was built."""
    try:
        notebook = json.loads(text)
        recorded: bool = notebook["metadata"]["skipgrade"]["sha256"] == digest(notebook)
        return not recorded
    except (ValueError, LookupError, TypeError, AttributeError):
        return True


def _metadata(grade_id: str) -> dict[str, Any]:
    return {
        "grade": False,
        "grade_id": grade_id,
        "locked": False,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }


def _cell(part: Part, points: dict[str, float], framework: str, course: Course) -> dict[str, Any]:
    match part.kind:
        case "text":
            return _new_cell("text", "markdown", part.source)
        case "setup":
            setup = _SETUP.format(framework=framework, wheel=course.wheel, device=_DEVICES[framework])
            return _new_cell("setup", "code", setup)
        case "answer":
            cell = _new_cell(answer_id(part.name), "code", part.source)
            cell["metadata"] = {"deletable": False, "nbgrader": answer_metadata(answer_id(part.name))}
            return cell
        case "check":
            cell = _new_cell(part.name, "code", part.source)
            nbgrader = check_metadata(part.name, points[part.name])
            cell["metadata"] = {"deletable": False, "editable": False, "nbgrader": nbgrader}
            return cell
    return _new_cell("code", "code", part.source)


def _new_cell(name: str, kind: str, source: str) -> dict[str, Any]:
    """A cell whose id says what it is: of text and code without a name, what it begins with."""
    slug = "-".join(re.findall(r"[a-z0-9]+", source.lower()))[:40].strip("-")
    identity = f"{name}-{slug}" if name in ("text", "code") else name
    cell: dict[str, Any] = {
        "cell_type": kind,
        "id": identity,
        "metadata": {},
        "source": source.splitlines(keepends=True),
    }
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _make_unique(cells: list[dict[str, Any]]) -> None:
    """Number the cells whose id stands earlier already."""
    seen: dict[str, int] = {}
    for cell in cells:
        identity = cell["id"]
        seen[identity] = seen.get(identity, 0) + 1
        if seen[identity] > 1:
            cell["id"] = f"{identity}-{seen[identity]}"

"""The course of the demo: its folder, the class in it, and nbgrader's commands as an instructor types them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from nbgrader.api import Gradebook

from grader import specs
from grader.frontends import building, course, lesson, marking
from tests.bank import Entry
from tests.demo.students import Student

ROOT = Path(__file__).parent.parent.parent
MARK = ".made-by-the-demo"  # a folder without it is never deleted
MARKERS = re.compile(r"^ *### (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)
PROGRESS = re.compile(r"\] \S*/submitted/([^/]+)/[^:]+: (.*)")


def make(folder: Path) -> None:
    """A new course: the settings, nbgrader's configuration and the solutions of this repository."""
    if folder.exists() and not (folder / MARK).is_file():
        raise SystemExit(f"demo: {folder} was not made by the demo: move it away first")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / MARK).touch()
    for name in (course.FILE, "nbgrader_config.py"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "solutions", folder / "solutions")


def hand_in(folder: Path, student: Student) -> None:
    """Write a student's notebook to where nbgrader looks for it."""
    assignment = specs.assignment(student.assignment)
    script = folder / "solutions" / assignment.name / f"on_{student.framework}.py"
    parts = lesson.read(script, assignment, student.framework)
    if student.entry is not None:
        parts = tuple(mistaken(part, student.entry, student.framework) for part in parts)
    if student.solved:
        parts = tuple(replace(part, source=MARKERS.sub("", part.source)) for part in parts)
    for old, new in student.edits:
        if not any(old in part.source for part in parts):
            raise ValueError(f"{student.name}: no cell of the solution holds {old!r}")
        parts = tuple(replace(part, source=part.source.replace(old, new)) for part in parts)
    text = building.build(parts, assignment, student.framework, course.read(folder), solved=student.solved)
    file = student.file or f"{assignment.name}.ipynb"
    target = folder / "submitted" / student.name / assignment.name / file
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(student.save(json.loads(text))), encoding="utf-8")


def mistaken(part: lesson.Part, entry: Entry, framework: str) -> lesson.Part:
    """A part of the lesson with the edits of a mutant, if it is the one that they are for."""
    if part.kind != "answer" or part.name != (entry.cell or entry.question):
        return part
    source = part.source
    for old, new in entry.edits(framework):
        if old not in source:
            raise ValueError(f"{entry.name}: the cell doesn't hold {old!r}")
        source = source.replace(old, new)
    return replace(part, source=source)


def command(folder: Path, *words: str) -> None:
    """Run a command as the instructor would, its output in `log.txt`, one line shown per student; raises SystemExit."""
    print(f"$ {' '.join(words)}", flush=True)
    scripts = str(Path(sys.executable).parent)
    path = f"{scripts}{os.pathsep}{os.environ.get('PATH', '')}"  # nbgrader calls alembic by its bare name
    environment = os.environ | {"PATH": path, "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"}
    started = time.monotonic()
    with (folder / "log.txt").open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            words, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        with process:
            for line in process.stdout or ():
                log.write(line)
                if shown := PROGRESS.search(line):
                    print(f"  {time.monotonic() - started:4.0f} s  {shown[1]:<5} {shown[2][:100]}", flush=True)
    if process.returncode != 0:
        raise SystemExit(f"demo: `{' '.join(words)}` ended with {process.returncode}: see {folder / 'log.txt'}")


def points(folder: Path, student: Student) -> tuple[float, float]:
    """What nbgrader's gradebook says: points and maximum."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        submission = gradebook.find_submission(student.assignment, student.name)
        return float(submission.score), float(submission.max_score)


def first_complaint(folder: Path, student: Student) -> dict[str, str] | None:
    """The first result of the graded notebook that did not pass, as the student meets it."""
    name = student.assignment
    notebook = json.loads((folder / "autograded" / student.name / name / f"{name}.ipynb").read_text(encoding="utf-8"))
    outputs = (output for cell in notebook["cells"] for output in cell.get("outputs", ()))
    reports = (output["data"][marking.JSON] for output in outputs if marking.JSON in output.get("data", {}))
    results = (result for report in reports for question in report["questions"] for result in question["results"])
    return next((result for result in results if result["status"] != "passed"), None)

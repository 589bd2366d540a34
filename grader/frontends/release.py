"""`grader release`: solutions become nbgrader's source and the students' notebooks, aside first, then in one step."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from grader import specs
from grader.frontends import building, course, lesson
from grader.frontends.course import Course
from grader.frontends.lesson import LessonError
from grader.spec import FRAMEWORKS, Assignment

DONE, STALE, USAGE = 0, 1, 2


class ReleaseError(Exception):
    """Nothing was written: the message says why and what to do."""


def add_parser(subparsers: Any) -> None:
    """Add the command to those of `grader`."""
    parser = subparsers.add_parser("release", help="make the notebooks of an assignment from its solutions")
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="its name, such as a2_resnet")
    parser.add_argument("--course", type=Path, default=Path(), metavar="FOLDER", help="the default is this folder")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when students' notebooks are stale")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Release an assignment, or check that it was released, and return the exit code."""
    try:
        assignment = specs.assignment(options.assignment)
        settings = course.read(options.course)
        files = notebooks(settings, assignment)
        if options.check:
            return _check(settings, files)
        _refuse_edited(settings.folder, files)
        for folder in (Path("source") / assignment.name, Path("assignments") / assignment.name):
            replace(settings.folder, folder, {path: text for path, text in files.items() if folder in path.parents})
    except ModuleNotFoundError as error:
        return _complain(f'`grader release` needs {error.name}: install it with `pip install "skipgrade[course]"`')
    except (ReleaseError, LessonError, course.CourseError, specs.UnknownNameError, OSError) as error:
        return _complain(str(error))
    for path in files:
        print(f"wrote {settings.folder / path}")
    return DONE


def notebooks(settings: Course, assignment: Assignment) -> dict[Path, str]:
    """Every notebook of an assignment, by its path in the course; raises LessonError."""
    files: dict[Path, str] = {}
    for framework in FRAMEWORKS:
        script = settings.folder / "solutions" / assignment.name / f"on_{framework}.py"
        parts = lesson.read(script, assignment, framework)
        if framework == settings.framework:
            source = Path("source") / assignment.name / f"{assignment.name}.ipynb"
            files[source] = building.build(parts, assignment, framework, settings, solved=True)
        path = course.notebook_path(assignment, framework)
        files[path] = building.build(parts, assignment, framework, settings, solved=False)
    return files


def replace(root: Path, folder: Path, files: dict[Path, str]) -> None:
    """Put new notebooks into a folder in one step, beside what else it holds; raises ReleaseError for edited ones."""
    target = root / folder
    _refuse_edited(root, files)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{folder.name}.") as name:
        aside, old = Path(name) / "new", Path(name) / "old"
        if target.exists():
            shutil.copytree(target, aside, symlinks=True)
        for path, text in files.items():
            new = aside / path.relative_to(folder)
            new.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(text, encoding="utf-8")
        _refuse_edited(root, files)  # an editor may have saved in the meantime
        if target.exists():
            target.rename(old)
        try:
            aside.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise


def _refuse_edited(root: Path, files: dict[Path, str]) -> None:
    for path in files:
        if (root / path).exists() and building.edited((root / path).read_text(encoding="utf-8", errors="replace")):
            raise ReleaseError(
                f"{root / path} was edited by hand and is left as it is: carry the edit over into solutions/, "
                "move the notebook away, and release again"
            )


def _check(settings: Course, files: dict[Path, str]) -> int:
    """Compare the students' notebooks with what would be written now."""
    stale = []
    for path, text in files.items():
        target = settings.folder / path
        found = target.read_text(encoding="utf-8", errors="replace") if target.is_file() else None
        if path.parts[0] == "assignments" and found != text:
            stale.append(f"{target} {'is missing' if found is None else 'is stale'}")
    for line in stale:
        print(line, file=sys.stderr)
    if stale:
        print("grader: run `grader release` and commit what it writes", file=sys.stderr)
    return STALE if stale else DONE


def _complain(message: str) -> int:
    print(f"grader: {message}", file=sys.stderr)
    return USAGE

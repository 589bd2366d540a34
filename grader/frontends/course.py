"""A course's settings: the file `course.toml`, the one place for what differs from course to course."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from grader import rounds
from grader.spec import FRAMEWORKS, Assignment

FILE = "course.toml"
SECRET = ".skipgrade-secret"


class CourseError(Exception):
    """The course's settings can't be used: the message says why."""


@dataclass(frozen=True)
class Course:
    """The settings, and the folder that holds them."""

    folder: Path
    wheel: str  # what `pip install` takes on Colab
    repository: str  # owner/name on GitHub, "" for no badge
    branch: str
    framework: str  # whose notebook is nbgrader's source
    round: str

    def badge(self, assignment: Assignment, framework: str) -> str:
        """The "Open in Colab" badge of a notebook as markdown, "" when the course names no repository."""
        if not self.repository:
            return ""
        page = f"github/{self.repository}/blob/{self.branch}/{notebook_path(assignment, framework).as_posix()}"
        image = "https://colab.research.google.com/assets/colab-badge.svg"
        return f"[![Open in Colab]({image})](https://colab.research.google.com/{page})"

    def seed(self, assignment: Assignment) -> bytes:
        """The seed that this round of the course is graded with; raises SecretError."""
        return rounds.seed(assignment.name, self.round, rounds.secret(self.folder / SECRET))


def notebook_path(assignment: Assignment, framework: str) -> Path:
    """Where students find a notebook, from the course's folder on."""
    return Path("assignments") / assignment.name / framework / f"{assignment.name}.ipynb"


def read(folder: Path) -> Course:
    """The settings in a folder; raises CourseError."""
    path = folder / FILE
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(f"{folder} is not the folder of a course: it holds no {FILE}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CourseError(f"{path} can't be read: {error}") from None
    names = [field.name for field in fields(Course) if field.name != "folder"]
    wrong = [f"{name} is missing" for name in names if name not in found]
    wrong += [f"{name} is not known" for name in found if name not in names]
    wrong += [f"{name} must be text" for name in names if not isinstance(found.get(name, ""), str)]
    if not wrong:
        wrong += [f"{name} must hold something" for name in ("wheel", "branch", "round") if not found[name].strip()]
        wrong += [f"framework must be one of {', '.join(FRAMEWORKS)}"] * (found["framework"] not in FRAMEWORKS)
        wrong += [f"round must not be {rounds.PUBLIC!r}, which students know"] * (found["round"] == rounds.PUBLIC)
    if wrong:
        raise CourseError(f"{path}: {'; '.join(wrong)}")
    return Course(folder, **found)

"""`python -m tests.demo`: build a course, grade a class with the real nbgrader, and show what came out."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.demo import course
from tests.demo.students import CLASS, Student


def main() -> int:
    """Grade the class in ./demo and return 0 when every student got what was deserved."""
    started = time.monotonic()
    folder = course.ROOT / "demo"
    course.make(folder)
    course.command(folder, "grader", "release", course.ASSIGNMENT)
    course.command(folder, "nbgrader", "generate_assignment", course.ASSIGNMENT)
    for student in CLASS:
        course.hand_in(folder, student)
    print(f"{len(CLASS)} students have handed in; their notebooks run one after the other", flush=True)
    course.command(folder, "nbgrader", "autograde", course.ASSIGNMENT)
    course.command(folder, "nbgrader", "generate_feedback", course.ASSIGNMENT)
    course.command(folder, "nbgrader", "export", "--to", "grades.csv")
    surprises = table(folder)
    page = Path("demo") / "feedback" / CLASS[0].name / course.ASSIGNMENT / f"{course.ASSIGNMENT}.html"
    print(f"\n{time.monotonic() - started:.0f} s; a student's feedback: {page}; `make clean` removes everything")
    print(f"not as deserved: {', '.join(surprises)}" if surprises else "every student got what was deserved")
    return 1 if surprises else 0


def table(folder: Path) -> list[str]:
    """Print the class with points and first complaints, and return who did not get what was deserved."""
    print(f"\n   {'student':<8}{'framework':<11}{'points':<13}{'the notebook':<38}first complaint")
    surprises = []
    for student in CLASS:
        earned, maximum = course.points(folder, student)
        found = course.first_complaint(folder, student)
        fair = deserved(student, earned, maximum, found)
        score = f"{earned:g} of {maximum:g}"
        said = f"expected {found['expected']}, got {found['got']}" if found else ""
        print(
            f" {'✓' if fair else '✗'} {student.name:<8}{student.framework:<11}{score:<13}{student.story:<38}{said[:80]}"
        )
        if not fair:
            surprises.append(student.name)
    return surprises


def deserved(student: Student, earned: float, maximum: float, found: dict[str, str] | None) -> bool:
    """Whether a right notebook has full marks, and a wrong one less and the complaint that names its mistake."""
    if not student.complaint:
        return earned == maximum
    said = " ".join(str(found[part]) for part in ("mistake", "expected", "got", "fix")) if found else ""
    return earned < maximum and student.complaint in said


if __name__ == "__main__":
    sys.exit(main())

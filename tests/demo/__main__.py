"""`python -m tests.demo`: build a course, grade a class with the real nbgrader, and show what came out.

`python -m tests.demo ASSIGNMENT ...` takes these assignments alone.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.demo import course
from tests.demo.others import OTHERS
from tests.demo.students import CLASS, Student


def main(assignments: list[str]) -> int:
    """Grade the class in ./demo and return 0 when every student got what was deserved."""
    started = time.monotonic()
    students = [one for one in (*CLASS, *OTHERS) if not assignments or one.assignment in assignments]
    folder = course.ROOT / "demo"
    course.make(folder)
    surprises: list[str] = []
    for assignment in sorted({student.assignment for student in students}):
        surprises += grade(folder, assignment, [one for one in students if one.assignment == assignment])
    course.command(folder, "nbgrader", "export", "--to", "grades.csv")
    print(f"\n{time.monotonic() - started:.0f} s; `make clean` removes everything")
    print(f"not as deserved: {', '.join(surprises)}" if surprises else "every student got what was deserved")
    return 1 if surprises else 0


def grade(folder: Path, assignment: str, students: list[Student]) -> list[str]:
    """Release, collect and grade one assignment as an instructor would; return who did not get what was deserved."""
    course.command(folder, "grader", "release", assignment)
    course.command(folder, "nbgrader", "generate_assignment", assignment)
    for student in students:
        course.hand_in(folder, student)
    print(f"{len(students)} students have handed in; their notebooks run one after the other", flush=True)
    course.command(folder, "nbgrader", "autograde", assignment)
    course.command(folder, "nbgrader", "generate_feedback", assignment)
    surprises = table(folder, students)
    print(f"\na student's feedback: demo/feedback/{students[0].name}/{assignment}/{assignment}.html\n", flush=True)
    return surprises


def table(folder: Path, students: list[Student]) -> list[str]:
    """Print the class with points and first complaints, and return who did not get what was deserved."""
    print(f"\n   {'student':<8}{'framework':<11}{'points':<13}{'the notebook':<38}first complaint")
    surprises = []
    for student in students:
        earned, maximum = course.points(folder, student)
        found = course.first_complaint(folder, student)
        fair = deserved(student, earned, maximum, found)
        score = f"{earned:g} of {maximum:g}"
        said = f"expected {found['expected']}, got {found['got']}" if found else ""
        print(
            f" {'✓' if fair else '✗'} {student.name:<8}{student.framework:<11}{score:<13}{student.story:<38}{said[:80]}"
        )
        if not fair:
            surprises.append(f"{student.name} ({student.assignment})")
    return surprises


def deserved(student: Student, earned: float, maximum: float, found: dict[str, str] | None) -> bool:
    """Whether a right notebook has full marks, and a wrong one less and the complaint that names its mistake."""
    if not student.complaint:
        return earned == maximum
    said = " ".join(str(found[part]) for part in ("mistake", "expected", "got", "fix")) if found else ""
    return earned < maximum and student.complaint in said


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

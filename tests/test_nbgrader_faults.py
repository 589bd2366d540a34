"""Faults of the grader under nbgrader: no number anywhere, a person is asked, and the class goes on.

A fault can't be provoked from outside, so these runs get a report that is made up.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from nbgrader import utils
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from traitlets.config import PyFileConfigLoader

from grader import run
from grader.frontends.export import Grades
from grader.result import Complaint, QuestionReport, Report, Result, Status
from tests.demo import course
from tests.demo.students import Student
from tests.grading import QUESTIONS, exported, gradebook, grades, notebook, page, release

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore::ResourceWarning")


def report(*statuses: Status) -> Report:
    complaint = Complaint("a thing", "the grader itself failed", "nothing to mend")
    questions = tuple(
        QuestionReport(name, (Result("check", status, 3.0 * (status is Status.PASSED), 3.0, complaint),))
        for name, status in zip(QUESTIONS, statuses, strict=True)
    )
    return Report("a2_resnet", "torch", "1", "sha256:", "first", questions)


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course") / "course"
    release(folder)
    return folder


@pytest.fixture
def faulty(released, tmp_path, monkeypatch):
    """A course with one right submission, graded in this process by a `run.grade` that the test replaces."""
    folder = tmp_path / "course"
    shutil.copytree(released, folder)
    course.hand_in(folder, Student("bad", "torch", ""))
    course.hand_in(folder, Student("eve", "torch", ""))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(folder)

    def grade_by(result):
        monkeypatch.setattr(run, "grade", result)
        config = PyFileConfigLoader("nbgrader_config.py", str(folder)).load_config()
        config.CourseDirectory.assignment_id = "a2_resnet"
        for converter in (Autograde, GenerateFeedback):
            converter(coursedir=CourseDirectory(config=config), config=config).start()
        with gradebook(folder) as book:
            Grades(config=config).export(book)
        return folder

    return grade_by


def test_a_fault_in_one_question_leaves_it_open(faulty):
    folder = faulty(lambda *args, **more: report(Status.BROKEN, *[Status.PASSED] * 3, Status.FAILED))
    scores = {"basic_block": (None, True), "bottleneck": (4.0, False), "resnet": (6.0, False)}
    assert grades(folder, "bad") == scores | {"cifar_resnet": (3.0, False), "cifar_plain": (0.0, False)}
    assert exported(folder)["bad"]["score"] == exported(folder)["bad"]["raw_score"] == ""
    assert "Score: not graded yet / 10.0" in page(folder, "bad")
    assert "a2_resnet (Score: not graded yet / 25.0)" in page(folder, "bad")
    cells = [cell for cell in notebook(folder, "bad").cells if utils.is_grade(cell)]
    assert utils.determine_grade(cells[0])[0] == 0  # silence would be full credit to stock nbgrader


def test_an_error_of_ours_leaves_all_open_and_stops_nobody(faulty):
    answers = iter([ValueError("our fault"), report(*[Status.PASSED] * 5)])

    def grade(*args, **more):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    folder = faulty(grade)
    assert grades(folder, "bad") == dict.fromkeys(QUESTIONS, (None, True))
    assert exported(folder)["bad"]["score"] == ""
    assert exported(folder)["eve"]["score"] == "25.0"
    assert "our fault" not in page(folder, "bad")


def test_a_person_closes_what_was_open(faulty):
    folder = faulty(lambda *args, **more: report(Status.BROKEN, *[Status.PASSED] * 4))
    with gradebook(folder) as book:
        grade = book.find_grade("basic_block", "a2_resnet", "a2_resnet", "bad")
        grade.manual_score = 7.5
        grade.needs_manual_grade = False
        book.db.commit()
        Grades().export(book)
    assert exported(folder)["bad"]["score"] == "22.5"

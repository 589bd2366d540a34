"""The whole way through nbgrader: its commands, its gradebook, its feedback and its export."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import ExportPlugin
from traitlets.config import PyFileConfigLoader

from grader import run, specs
from grader.frontends import marking
from grader.frontends.export import Grades
from grader.result import Complaint, QuestionReport, Report, Result, Status
from tests.demo import course
from tests.demo.students import NOISE, Student, as_colab, with_doubled_checks

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore::ResourceWarning")
QUESTIONS = [question.name for question in specs.assignment("a2_resnet").questions]
SCRIPT = "<script>alert('mine')</script>"


def one_answer(notebook: dict) -> dict:
    """Only the basic block, with active content in the text and in an output, and every check cell twice."""
    cells = with_doubled_checks(notebook)["cells"]
    cells = [cell for cell in cells if not re.match("# QUESTION (?!basic_block)", "".join(cell["source"]))]
    output = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"text/html": SCRIPT, "text/plain": "my own output"},
    }
    cells[1]["outputs"] = [output]
    text = {"cell_type": "markdown", "id": "note", "metadata": {}, "source": f"my own text {SCRIPT}"}
    return notebook | {"cells": [text, *cells]}


GOOD = (
    Student("ann", "torch", "right, a browser copy", file="a2_resnet (1).ipynb"),
    Student("kim", "keras", "right, as Colab saves it", edits=(NOISE,), save=as_colab),
    Student("one", "torch", "one answer", edits=(NOISE,), save=one_answer),
)
DAMAGED = ("cut", "empty", "folder", "link")


def hand_in_damaged(folder: Path) -> None:
    for name in DAMAGED:
        (folder / "submitted" / name / "a2_resnet").mkdir(parents=True)
    paths = [folder / "submitted" / name / "a2_resnet" / "a2_resnet.ipynb" for name in DAMAGED]
    paths[0].write_text('{"cells": [')
    paths[1].touch()
    paths[2].mkdir()
    paths[3].symlink_to(folder / "source" / "a2_resnet" / "a2_resnet.ipynb")


def nbgrader(folder: Path, *words: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "nbgrader", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A course whose assignment nbgrader knows, where the basic block is worth 10 and not 5."""
    folder = tmp_path_factory.mktemp("course") / "course"
    course.make(folder)
    course.command(folder, str(Path(sys.executable).parent / "grader"), "release", "a2_resnet")
    nbgrader(folder, "generate_assignment", "a2_resnet")
    with gradebook(folder) as book:
        book.update_or_create_grade_cell("basic_block", "a2_resnet", "a2_resnet", max_score=10.0)
    return folder


@pytest.fixture(scope="module")
def graded(released, tmp_path_factory):
    """The class graded by plain commands."""
    folder = tmp_path_factory.mktemp("graded") / "course"
    shutil.copytree(released, folder)
    for student in GOOD:
        course.hand_in(folder, student)
    hand_in_damaged(folder)
    for words in (["autograde", "a2_resnet"], ["generate_feedback", "a2_resnet"], ["export"]):
        nbgrader(folder, *words)
    return folder


def gradebook(folder: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{folder / 'gradebook.db'}")


def grades(folder: Path, student: str) -> dict[str, tuple[float | None, bool]]:
    with gradebook(folder) as book:
        found = book.find_submission_notebook("a2_resnet", "a2_resnet", student).grades
        return {grade.name: (grade.auto_score, grade.needs_manual_grade) for grade in found}


def notebook(folder: Path, student: str):
    return nbformat.read(folder / "autograded" / student / "a2_resnet" / "a2_resnet.ipynb", as_version=4)


def page(folder: Path, student: str) -> str:
    return (folder / "feedback" / student / "a2_resnet" / "a2_resnet.html").read_text()


def exported(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "grades.csv").open(newline="") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


def test_nbgrader_releases_what_we_release(released):
    ours = json.loads((released / "assignments/a2_resnet/torch/a2_resnet.ipynb").read_text())
    theirs = json.loads((released / "release/a2_resnet/a2_resnet.ipynb").read_text())
    assert ["".join(cell["source"]) for cell in ours["cells"]] == ["".join(cell["source"]) for cell in theirs["cells"]]


@pytest.mark.parametrize("student", ["ann", "kim"])
def test_right_work_in_either_framework_has_full_marks_of_the_gradebooks_maximum(graded, student):
    wanted = {"basic_block": 10.0, "bottleneck": 4.0, "resnet": 6.0, "cifar_resnet": 3.0, "cifar_plain": 2.0}
    assert grades(graded, student) == {name: (points, False) for name, points in wanted.items()}
    assert exported(graded)[student]["score"] == exported(graded)[student]["max_score"] == "25.0"


def test_each_question_counts_for_itself(graded):
    assert grades(graded, "one") == {name: (10.0 if name == "basic_block" else 0.0, False) for name in QUESTIONS}


def test_the_graded_cell_holds_one_number_that_stock_nbgrader_reads_alike(graded):
    for student in ("ann", "one", "cut"):
        cells = [cell for cell in notebook(graded, student).cells if utils.is_grade(cell)]
        assert [cell.metadata.nbgrader.grade_id for cell in cells] == QUESTIONS
        for cell in cells:
            (output,) = cell.outputs
            score, _ = grades(graded, student)[cell.metadata.nbgrader.grade_id]
            assert output.data["text/plain"] == repr(score)
            assert utils.determine_grade(cell)[0] == score


def test_a_students_own_outputs_are_kept_and_harmless(graded):
    text = json.dumps(notebook(graded, "one"))
    assert "my own output" in text
    assert text.count("alert('mine')") == 1  # in the student's markdown, which the page shows as text
    assert SCRIPT not in page(graded, "one")
    assert "&lt;script&gt;alert" in page(graded, "one")


def test_the_feedback_page_shows_complaints_under_the_check(graded):
    shown = page(graded, "one")
    assert "a function or class called <code>Bottleneck</code>" in shown
    assert "This is about your file <code>a2_resnet (1).ipynb</code>." in page(graded, "ann")
    assert marking.JSON not in shown


@pytest.mark.parametrize("student", DAMAGED)
def test_a_damaged_file_has_zero_and_a_reason_and_stops_nobody(graded, student):
    assert grades(graded, student) == dict.fromkeys(QUESTIONS, (0.0, False))
    assert "a2_resnet.ipynb" in page(graded, student).partition('class="complaint first"')[2][:500]


def test_what_a_link_points_to_is_nowhere(graded):
    left = [path for path in graded.rglob("*") if path.is_file() and "link" in path.parts]
    assert left
    assert not any(b"BEGIN SOLUTION" in path.read_bytes() for path in left)


# A fault of the grader can't be provoked from outside, so these runs get a report that is made up.


def report(*statuses: Status) -> Report:
    complaint = Complaint("a thing", "the grader itself failed", "nothing to mend")
    questions = tuple(
        QuestionReport(name, (Result("check", status, 3.0 * (status is Status.PASSED), 3.0, complaint),))
        for name, status in zip(QUESTIONS, statuses, strict=True)
    )
    return Report("a2_resnet", "torch", "1", "sha256:", "first", questions)


@pytest.fixture
def faulty(released, tmp_path, monkeypatch):
    """A course with one right submission, graded in this process by a `run.grade` that the test replaces."""
    folder = tmp_path / "course"
    shutil.copytree(released, folder)
    course.hand_in(folder, replace(GOOD[0], name="bad"))
    course.hand_in(folder, replace(GOOD[0], name="eve"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(folder)

    def grade_by(result):
        monkeypatch.setattr(run, "grade", result)
        config = PyFileConfigLoader("nbgrader_config.py", str(folder)).load_config()
        config.CourseDirectory.assignment_id = "a2_resnet"
        for converter in (Autograde, GenerateFeedback):
            converter(coursedir=CourseDirectory(config=config), config=config).start()
        with gradebook(folder) as book:
            plugin = Grades(config=config)
            assert isinstance(plugin, ExportPlugin)
            plugin.export(book)
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

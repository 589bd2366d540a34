"""The whole way through nbgrader: its commands, its gradebook, its feedback and its export."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from nbgrader import utils

from grader.frontends import marking
from tests.demo import course
from tests.demo.students import NOISE, Student, as_colab, with_doubled_checks
from tests.grading import QUESTIONS, exported, grades, nbgrader, notebook, page, release

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore::ResourceWarning")
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


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course") / "course"
    release(folder)
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

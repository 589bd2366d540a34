"""The notebook that students get, filled in from its own text, earns the same points in every front-end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import nbclient
import nbformat
import pytest

from grader.spec import FRAMEWORKS
from grader.specs import assignment, assignments
from tests.bank import Entry
from tests.bank.judging import MUTANTS
from tests.grading import QUESTIONS, grades, nbgrader, release

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
RIGHT = Entry("right", "basic_block")
MISTAKEN = next(entry for entry in MUTANTS if entry.name == "no_relu_after_addition")


def filled_in(framework: str, entry: Entry, path: Path) -> Path:
    """The released notebook with the answers of an edited solution in its stubs."""
    name = entry.assignment
    notebook = nbformat.read(ROOT / "assignments" / name / framework / f"{name}.ipynb", as_version=4)
    answers = {cell.split("\n")[0]: cell for cell in entry.source(framework).split("# %%\n")[1:]}
    for cell in notebook.cells:
        marker = cell.source.split("\n")[0]
        if cell.cell_type == "code" and marker.startswith("# QUESTION"):
            assert "NotImplementedError" in cell.source
            cell.source = answers[marker].split("\n# %% ")[0].rstrip()
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def by_command(path: Path) -> dict[str, float]:
    target = path.with_suffix(".json")
    subprocess.run([BIN / "grader", "check", path, "--json", target], capture_output=True, cwd=path.parent)
    return {question["name"]: question["points"] for question in json.loads(target.read_text())["questions"]}


def by_pytest(path: Path) -> dict[str, float]:
    target = path.with_suffix(".xml")
    command = [sys.executable, "-m", "pytest", "grader", "--submission", path, f"--junitxml={target}", "-q"]
    subprocess.run(command, capture_output=True, cwd=path.parent)
    points = dict.fromkeys(QUESTIONS, 0.0)
    for case in ElementTree.parse(target).iter("testcase"):
        question = case.attrib["name"].split("/")[0].split("::")[-1]
        found = {
            entry.attrib["name"]: float(entry.attrib["value"])
            for entry in case.iter("property")
            if "points" in entry.attrib["name"]
        }
        points[question] += found["points"]
    return points


def by_notebook(path: Path) -> dict[str, float]:
    """Run the whole notebook in a kernel, where each check under nbgrader's flag gives its points as a number."""
    notebook = nbformat.read(path, as_version=4)
    environment = os.environ | {"NBGRADER_EXECUTION": "validate"}
    client = nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    client.execute(env=environment)
    found = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith("grader.check("):
            (output,) = cell.outputs
            found[cell.source.split('"')[1]] = float(output["data"]["text/plain"])
    return found


def by_nbgrader(path: Path, folder: Path) -> dict[str, float]:
    target = folder / "submitted" / "ada" / "a2_resnet" / "a2_resnet.ipynb"
    target.parent.mkdir(parents=True)
    shutil.copy(path, target)
    nbgrader(folder, "autograde", "a2_resnet")
    found = {name: score for name, (score, _) in grades(folder, "ada").items() if score is not None}
    return found | {"basic_block": found["basic_block"] / 2}  # the course of this test doubles that question's maximum


RIGHT_TOO = pytest.param("torch", RIGHT, marks=pytest.mark.slow)  # a minute and more, and the two others meet it all


@pytest.mark.parametrize(("framework", "entry"), [("torch", MISTAKEN), RIGHT_TOO, ("keras", RIGHT)])
def test_all_front_ends_give_the_same_points(framework: str, entry: Entry, tmp_path: Path) -> None:
    path = filled_in(framework, entry, tmp_path / "work" / "a2_resnet.ipynb")
    release(tmp_path / "course")
    expected = by_command(path)
    assert sum(expected.values()) == (20 if entry is RIGHT else pytest.approx(16.5))
    for found in (by_pytest(path), by_notebook(path), by_nbgrader(path, tmp_path / "course")):
        assert found == pytest.approx(expected)


OTHERS = [
    Entry("right", assignment.questions[0].name) for assignment in assignments() if assignment.name != "a2_resnet"
]


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("entry", OTHERS, ids=lambda entry: entry.assignment)
def test_the_students_notebook_filled_in_reaches_full_marks(entry: Entry, framework: str, tmp_path: Path) -> None:
    found = by_command(filled_in(framework, entry, tmp_path / f"{entry.assignment}.ipynb"))
    assert found == {question.name: question.points for question in assignment(entry.assignment).questions}


@pytest.mark.slow
@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("entry", OTHERS, ids=lambda entry: entry.assignment)
def test_the_students_own_kernel_gives_the_same_marks(entry: Entry, framework: str, tmp_path: Path) -> None:
    found = by_notebook(filled_in(framework, entry, tmp_path / f"{entry.assignment}.ipynb"))
    assert found == {question.name: question.points for question in assignment(entry.assignment).questions}

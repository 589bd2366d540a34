"""`grader release`: deterministic notebooks that nbgrader takes, and no hand-edited one lost."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator

from grader import specs
from grader.frontends import building, course, lesson
from tests.releasing import new_course, run, set_option

ASSIGNMENT = specs.assignment("a2_resnet")
SOURCE = Path("source/a2_resnet/a2_resnet.ipynb")
STUDENT = {framework: course.notebook_path(ASSIGNMENT, framework) for framework in ("torch", "keras")}


@pytest.fixture
def folder(tmp_path):
    return new_course(tmp_path)


def cells(path: Path) -> list[dict]:
    return nbformat.read(path, as_version=4).cells


def change_solution(folder: Path) -> None:
    path = folder / "solutions/a2_resnet/on_torch.py"
    path.write_text(path.read_text().replace("# ## 1.", "# ## One.", 1))


def test_the_notebooks_are_valid_and_the_same_every_time(folder):
    assert run(folder) == 0
    first = {path: (folder / path).read_bytes() for path in (SOURCE, *STUDENT.values())}
    for path in first:
        notebook = nbformat.read(folder / path, as_version=4)
        nbformat.validate(notebook)
        MetadataValidator().validate_nb(notebook)
        ids = [cell.id for cell in notebook.cells]
        assert len(set(ids)) == len(ids)
    assert run(folder) == 0
    assert first == {path: (folder / path).read_bytes() for path in first}


def test_check_cells_are_the_same_in_both_frameworks_and_carry_name_and_points(folder):
    run(folder)
    checks = {
        framework: [(c.source, c.metadata) for c in cells(folder / path) if c.metadata.get("nbgrader", {}).get("grade")]
        for framework, path in STUDENT.items()
    }
    assert checks["torch"] == checks["keras"]
    wanted = [(f'grader.check("{q.name}")', q.name, q.points) for q in ASSIGNMENT.questions]
    found = [(source, data.nbgrader.grade_id, data.nbgrader.points) for source, data in checks["torch"]]
    assert found == wanted


def test_students_get_stubs_and_no_solutions(folder):
    run(folder)
    for path in STUDENT.values():
        text = (folder / path).read_text()
        assert "SOLUTION" not in text
        answers = [c for c in cells(folder / path) if c.metadata.get("nbgrader", {}).get("solution")]
        assert [c.metadata.nbgrader.grade_id for c in answers] == [f"{q.name}_answer" for q in ASSIGNMENT.questions]
        assert all(lesson.STUB in c.source and c.source.startswith("# QUESTION ") for c in answers)
    assert "BEGIN SOLUTION" in (folder / SOURCE).read_text()


def test_the_set_up_cell_names_the_framework_and_the_wheel(folder):
    set_option(folder, "https://example.org/", "https://course.example/")
    run(folder)
    for framework, path in STUDENT.items():
        setup = next(cell for cell in cells(folder / path) if cell.cell_type == "code")
        assert setup.source.splitlines()[:2] == ["# SETUP", f"# FRAMEWORK {framework}"]
        assert "    %pip install --quiet https://course.example/skipgrade" in setup.source
        assert nbformat.read(folder / path, as_version=4).metadata.skipgrade.framework == framework


def test_the_badge_comes_with_a_repository(folder):
    run(folder)
    assert "colab-badge" not in (folder / STUDENT["keras"]).read_text()
    set_option(folder, 'repository = ""', 'repository = "someone/nets"')
    run(folder)
    page = "colab.research.google.com/github/someone/nets/blob/main/assignments/a2_resnet/keras/a2_resnet.ipynb"
    assert page in cells(folder / STUDENT["keras"])[0].source


def test_check_tells_stale_notebooks(folder, capsys):
    assert run(folder, "--check") == 1
    assert "is missing" in capsys.readouterr().err
    assert not (folder / SOURCE).exists()
    run(folder)
    assert run(folder, "--check") == 0
    change_solution(folder)
    assert run(folder, "--check") == 1
    assert "torch/a2_resnet.ipynb is stale" in capsys.readouterr().err


@pytest.mark.parametrize("path", [SOURCE, STUDENT["keras"]], ids=["source", "student"])
def test_a_notebook_edited_by_hand_is_never_overwritten(folder, capsys, path):
    run(folder)
    before = {name: (folder / name).read_bytes() for name in (SOURCE, *STUDENT.values())}
    before[path] = before[path].replace(b"grader.check", b"grader.check ", 1)
    (folder / path).write_bytes(before[path])
    change_solution(folder)
    assert run(folder) == 2
    assert f"{path} was edited by hand" in capsys.readouterr().err
    assert before == {name: (folder / name).read_bytes() for name in before}


def test_a_foreign_notebook_counts_as_edited_and_a_run_one_does_not(folder):
    assert building.edited("not a notebook")
    assert building.edited('{"cells": []}')
    run(folder)
    notebook = json.loads((folder / SOURCE).read_text())
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["execution_count"] = 3
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["hello\n"]}]
    assert not building.edited(json.dumps(notebook))


def test_other_files_in_the_folders_stay_and_nothing_is_left_behind(folder):
    run(folder)
    (folder / "source/a2_resnet/figure.png").write_bytes(b"png")
    change_solution(folder)
    assert run(folder) == 0
    assert (folder / "source/a2_resnet/figure.png").read_bytes() == b"png"
    assert [path.name for path in (folder / "source").iterdir()] == ["a2_resnet"]
    assert [path.name for path in (folder / "assignments").iterdir()] == ["a2_resnet"]


def test_when_the_step_fails_the_old_notebooks_are_back(folder, monkeypatch, capsys):
    run(folder)
    before = (folder / SOURCE).read_bytes()
    change_solution(folder)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError("the disk is full")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    assert run(folder) == 2
    assert "the disk is full" in capsys.readouterr().err
    assert (folder / SOURCE).read_bytes() == before


def test_an_unknown_assignment_and_a_folder_without_a_course(folder, tmp_path_factory, capsys):
    assert run(folder, assignment="a9_magic") == 2
    assert f"there are: {', '.join(found.name for found in specs.assignments())}" in capsys.readouterr().err
    assert run(tmp_path_factory.mktemp("empty")) == 2
    assert "is not the folder of a course" in capsys.readouterr().err

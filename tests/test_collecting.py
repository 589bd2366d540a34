"""Before autograding: the right file under the right name, and nothing that nbgrader must not follow."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.frontends import collecting


def collect(folder: Path) -> list[str]:
    notebooks = [str(path) for path in sorted(folder.glob("*.ipynb"))]
    collecting.before_autograding(assignment="a2_resnet", student="*", notebooks=notebooks)
    return notebooks


def written(folder: Path, name: str, text: str, age: int = 0) -> Path:
    path = folder / name
    path.write_text(text)
    os.utime(path, (1e9 - age, 1e9 - age))
    return path


@pytest.mark.parametrize(
    "name",
    ["a2_resnet (1).ipynb", "Copy of a2_resnet.ipynb", "a2_resnet-2.ipynb", "a2_resnet - Copy.ipynb", "A2_ResNet.ipynb",
     "my homework.ipynb", "a2_resnet_copy.ipynb", "[a2] *.ipynb"],
)  # fmt: skip
def test_a_copy_gets_the_name_of_its_assignment_and_is_kept(tmp_path, name):
    written(tmp_path, name, "mine")
    assert collect(tmp_path) == [str(tmp_path / "a2_resnet.ipynb")]
    assert (tmp_path / "a2_resnet.ipynb").read_text() == "mine"
    assert (tmp_path / f"{name}.original").read_text() == "mine"
    assert collecting.remark(tmp_path, "a2_resnet") == f"This is about your file `{name}`."


def test_of_several_the_newest_is_taken_and_said(tmp_path):
    written(tmp_path, "a2_resnet.ipynb", "old", age=20)
    written(tmp_path, "a2_resnet (1).ipynb", "newest")
    written(tmp_path, "a2_resnet (2).ipynb", "older", age=10)
    written(tmp_path, "scratch.ipynb", "unrelated", age=-10)
    collect(tmp_path)
    assert (tmp_path / "a2_resnet.ipynb").read_text() == "newest"
    said = collecting.remark(tmp_path, "a2_resnet")
    assert said.startswith("This is about your file `a2_resnet (1).ipynb`, the newest")
    before = sorted(tmp_path.iterdir())
    collect(tmp_path)
    assert sorted(tmp_path.iterdir()) == before
    assert collecting.remark(tmp_path, "a2_resnet") == said


def test_the_right_name_alone_stays_as_it_is(tmp_path):
    written(tmp_path, "a2_resnet.ipynb", "mine")
    collect(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a2_resnet.ipynb"]
    assert collecting.remark(tmp_path, "a2_resnet") == ""


def test_links_pipes_and_folders_are_set_aside(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    folder = tmp_path / "ann"
    (folder / "deep [1]").mkdir(parents=True)
    for link in ("a2_resnet.ipynb", ".hidden", "x.original", "deep [1]/link", "l" * 250):
        (folder / link).symlink_to(secret)
    os.mkfifo(folder / "pipe")
    (folder / "b.ipynb").mkdir()
    assert collect(folder) == [str(folder / "a2_resnet.ipynb")]
    left = [path for path in folder.rglob("*") if not path.is_dir()]
    assert len(left) == 6
    assert all(path.is_file() and not path.is_symlink() and "the secret" not in path.read_text() for path in left)
    assert not (folder / "b.ipynb").exists()
    assert secret.read_text() == "the secret"

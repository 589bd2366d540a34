"""Before nbgrader sees a file: whatever was handed in becomes one clean notebook."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.nbgraderformat import MetadataValidator

from grader.frontends import mending

CHECKS = {"basic_block": 5.0, "bottleneck": 4.0}
ANSWERS = {"basic_block_answer", "bottleneck_answer"}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n and so on").decode()


def cell(source: str, kind: str = "code", **metadata) -> dict:
    return {"cell_type": kind, "metadata": metadata, "source": source, "outputs": [], "execution_count": 7}


def file(folder: Path, *cells: dict, **more) -> Path:
    path = folder / "a2_resnet.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 0, **more}))
    return path


def mended(path: Path) -> list[dict]:
    """The cells after reading and mending; the notebook is valid to nbformat and to nbgrader."""
    notebook = mending.notebook(path)
    nbformat.validate(notebook)
    notebook["cells"] = mending.mend(notebook["cells"], CHECKS, ANSWERS)
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(nbformat.from_dict(notebook))
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook["cells"]]
    assert sorted(name for name in ids if name in CHECKS) == sorted(CHECKS)
    return notebook["cells"]


def sources(cells: list[dict]) -> list[str]:
    return [cell["source"] for cell in cells]


def grade_ids(cells: list[dict]) -> list[str]:
    return [cell["metadata"].get("nbgrader", {}).get("grade_id", "") for cell in cells]


ANSWER = cell("# QUESTION basic_block\nclass BasicBlock: ...")
CHECK = cell('grader.check("basic_block")')


def test_lost_metadata_is_attached_by_the_sources(tmp_path):
    cells = mended(file(tmp_path, ANSWER, CHECK, cell("# QUESTION bottleneck"), cell("grader.check('bottleneck') ;")))
    assert grade_ids(cells) == ["basic_block_answer", "basic_block", "bottleneck_answer", "bottleneck"]
    assert sources(cells)[3] == 'grader.check("bottleneck")'


def test_deleted_checks_come_back_behind_their_answers(tmp_path):
    cells = mended(file(tmp_path, ANSWER, cell("plot()")))
    assert grade_ids(cells) == ["basic_block_answer", "basic_block", "", "bottleneck"]


def test_of_doubled_cells_the_last_one_counts(tmp_path):
    old = {"nbgrader": {"grade_id": "basic_block", "grade": True, "schema_version": 1}}
    cells = mended(file(tmp_path, ANSWER, ANSWER, CHECK | {"metadata": old}, CHECK | {"metadata": old}, CHECK))
    assert grade_ids(cells) == ["", "basic_block_answer", "", "", "basic_block", "bottleneck"]


def test_a_check_that_became_text_is_code_again(tmp_path):
    cells = mended(file(tmp_path, ANSWER, cell('grader.check("basic_block")', "markdown")))
    assert cells[1]["cell_type"] == "code"


def test_code_in_a_check_cell_is_kept(tmp_path):
    check = {"nbgrader": {"grade_id": "basic_block", "grade": True, "solution": False, "locked": True}}
    mine = cell('class BasicBlock: ...\ngrader.check("basic_block")', **check)
    cells = mended(file(tmp_path, mine))
    assert sources(cells)[0] == mine["source"]
    assert grade_ids(cells) == ["", "basic_block", "bottleneck"]


def test_an_answer_without_its_marker_is_known_by_its_metadata(tmp_path):
    answer = cell("class BasicBlock: ...", nbgrader={"grade_id": "basic_block_answer", "solution": True})
    assert grade_ids(mended(file(tmp_path, answer)))[0] == "basic_block_answer"


@pytest.mark.parametrize("nbgrader", [{}, {"grade_id": "magic", "grade": True}, {"schema_version": 99}, [], "x", None])
def test_odd_metadata_stops_nobody(tmp_path, nbgrader):
    assert len(mended(file(tmp_path, ANSWER, cell("x = 1", nbgrader=nbgrader, tags=["skip-execution"])))) == 4


def test_a_notebook_of_format_3(tmp_path):
    old = {
        "cell_type": "code",
        "input": ["# QUESTION basic_block\n", "x = 1"],
        "outputs": [{"output_type": "pyout", "text": "2"}],
    }
    path = file(tmp_path, worksheets=[{"cells": [old]}], nbformat=3)
    cells = mended(path)
    assert cells[0]["source"] == "# QUESTION basic_block\nx = 1"
    assert cells[0]["outputs"][0]["text"] == "2"


def test_outputs_are_text_and_pictures_alone(tmp_path):
    data = {"text/html": "<script>alert(1)</script>", "application/javascript": "alert(1)", "text/plain": "plain"}
    outputs = [
        {"output_type": "display_data", "data": data, "metadata": {}},
        {"output_type": "display_data", "data": {"image/png": PNG, "text/plain": "figure"}, "metadata": {}},
        {"output_type": "display_data", "data": {"image/png": base64.b64encode(b"<svg>").decode()}, "metadata": {}},
        {"output_type": "stream", "name": "stderr", "text": ["a", "b"]},
        {"output_type": "error", "ename": "NameError", "evalue": "x", "traceback": ["\x1b[31m"]},
        {"output_type": "stream", "name": "stdout", "text": "y" * 10_000_000},
        "nonsense",
    ]
    kept = mended(file(tmp_path, ANSWER | {"outputs": outputs}))[0]["outputs"]
    assert [output.get("text", "") for output in kept][:1] == ["plain"]
    assert kept[1]["data"] == {"image/png": PNG, "text/plain": "figure"}
    assert [output["text"] for output in kept[2:4]] == ["ab", "NameError: x"]
    assert len(kept) == 5
    assert len(kept[4]["text"]) < 30_000
    assert "script" not in json.dumps(kept)


def test_outputs_end_when_there_are_too_many(tmp_path):
    many = [{"output_type": "stream", "name": "stdout", "text": "y" * 15_000} for _ in range(600)]
    kept = mended(file(tmp_path, ANSWER | {"outputs": many}))[0]["outputs"]
    assert 0 < len(json.dumps(kept)) < 6_000_000


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b'{"cells": 3}', b"\xff\xfe", b"[" * 100_000, b'{"cells": [{}]']
)
def test_a_damaged_file_becomes_a_notebook_that_says_so(tmp_path, content):
    path = tmp_path / "a2_resnet.ipynb"
    path.write_bytes(content)
    assert "This file can't be read" in mended(path)[0]["source"]


def test_what_is_no_plain_file_is_not_opened(tmp_path):
    (tmp_path / "folder.ipynb").mkdir()
    (tmp_path / "link.ipynb").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe.ipynb")
    for name in ("folder", "link", "pipe", "missing"):
        assert "This file can't be read" in mended(tmp_path / f"{name}.ipynb")[0]["source"]


def test_text_that_is_no_unicode_can_be_written(tmp_path):
    cells = mended(file(tmp_path, cell("x = '\ud800'")))
    json.dumps(cells, ensure_ascii=False).encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["cell_type", "source", "metadata", "outputs", "data", "text", "output_type", "nbgrader", "grade_id"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(cells=st.lists(JSON, max_size=5))
def test_any_json_becomes_a_valid_notebook(tmp_path_factory, cells):
    mended(file(tmp_path_factory.mktemp("any"), *cells))

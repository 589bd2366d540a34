"""Reading notebooks and scripts: every sort that students hand in, and a clear error for what is none."""

from __future__ import annotations

import json
import os

import pytest

from grader import submission
from grader.submission import SubmissionError
from tests.submissions import write_notebook


def written(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def sources(found):
    return [cell.source for cell in found.cells]


def test_a_notebook_gives_its_code_cells_and_their_places(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["# import keras"]},
        {"cell_type": "code", "source": ["import torch\n", "x = 1"]},  # no id, no outputs: older tools write that
        {"cell_type": "code", "source": "y = 'ü'"},
        "no cell at all",
    ]
    found = submission.read(written(tmp_path / "a.ipynb", {"nbformat": 4, "cells": cells}))
    assert found.framework == "torch"
    assert [(cell.source, cell.label) for cell in found.cells] == [
        ("import torch\nx = 1", "cell 2"),
        ("y = 'ü'", "cell 3"),
    ]


def test_a_notebook_of_format_3_is_read(tmp_path):
    sheets = [{"cells": [{"cell_type": "code", "input": ["import keras\n", "x = 1"]}]}, {"cells": None}]
    found = submission.read(written(tmp_path / "a.ipynb", {"nbformat": 3, "worksheets": sheets}))
    assert (found.framework, sources(found)) == ("keras", ["import keras\nx = 1"])


def test_a_plain_script_is_one_cell(tmp_path):
    found = submission.read(written(tmp_path / "a.py", "\ufefffrom torch import nn\r\nx = 1\r\n"))
    assert (found.framework, sources(found)) == ("torch", ["from torch import nn\nx = 1\n"])


def test_a_percent_script_is_cut_into_cells_without_its_text(tmp_path):
    text = "import os\n# %% [markdown]\n# import keras\n# %%\nimport torch\n# %% Title\nx = 1\n"
    found = submission.read(written(tmp_path / "a.py", text))
    assert [source.strip() for source in sources(found)] == ["import os", "import torch", "x = 1"]
    assert [cell.label for cell in found.cells] == ["the cell at line 1", "the cell at line 4", "the cell at line 6"]


@pytest.mark.parametrize(
    ("source", "framework"),
    [
        ("import tensorflow as tf", "keras"),
        ("from torchvision import transforms", "torch"),
        ("%matplotlib inline\nfrom keras import layers", "keras"),  # no valid Python, and still read
        ("# FRAMEWORK keras", "keras"),
        ("# FRAMEWORK keras\nimport torch", "torch"),  # the code knows better than a marker left behind
        ("# FRAMEWORK keras\nimport torch, keras", "keras"),
    ],
)
def test_the_framework_is_told_by_imports_and_marker(tmp_path, source, framework):
    assert submission.read(write_notebook(tmp_path / "a.ipynb", [source])).framework == framework


@pytest.mark.parametrize("mark", ["torch", ["torch"], {}, None])
def test_a_marker_in_the_metadata_counts_where_it_is_one(tmp_path, mark):
    path = written(tmp_path / "a.ipynb", {"metadata": {"skipgrade": {"framework": mark}}, "cells": []})
    if mark == "torch":
        assert submission.read(path).framework == "torch"
    else:
        with pytest.raises(SubmissionError, match="neither torch nor keras"):
            submission.read(path)


def test_an_empty_notebook_is_a_submission(tmp_path):
    assert submission.read(write_notebook(tmp_path / "a.ipynb", []), "torch").cells == ()


def test_the_other_framework_is_refused_and_both_are_not(tmp_path):
    path = write_notebook(tmp_path / "a.ipynb", ["import torch"])
    with pytest.raises(SubmissionError, match="written in torch, but should be graded as keras"):
        submission.read(path, "keras")
    assert submission.read(write_notebook(tmp_path / "b.ipynb", ["import torch, keras"]), "keras").framework == "keras"
    with pytest.raises(SubmissionError, match="no framework is called 'jax'"):
        submission.read(path, "jax")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.ipynb", "{", "its JSON is damaged"),
        ("a.ipynb", "[" * 100_000, "its JSON is damaged"),
        ("a.ipynb", "[]", "is not a notebook"),
        ("a.ipynb", "{}", "it has no cells"),
        ("a.ipynb", '{"worksheets": 3}', "it has no cells"),
        ("a.txt", "import torch", "neither a notebook"),
        ("a.py", "x = 1", "neither torch nor keras"),
        ("a.py", "-" * 100_000, "neither torch nor keras"),  # more than Python's parser can take
    ],
)
def test_what_is_no_submission_is_explained(tmp_path, name, content, reason):
    with pytest.raises(SubmissionError, match=reason):
        submission.read(written(tmp_path / name, content))


def test_what_is_no_file_is_explained(tmp_path):
    with pytest.raises(SubmissionError, match="there is no file"):
        submission.read(tmp_path / "a.ipynb")
    with pytest.raises(SubmissionError, match="is a folder"):
        submission.read(tmp_path)
    os.mkfifo(tmp_path / "b.ipynb")
    with pytest.raises(SubmissionError, match="no plain file"):
        submission.read(tmp_path / "b.ipynb")


def test_bytes_that_are_no_text_are_explained(tmp_path):
    (tmp_path / "a.py").write_bytes("import torch  # café".encode("latin-1"))
    with pytest.raises(SubmissionError, match="not UTF-8"):
        submission.read(tmp_path / "a.py")


def test_a_file_that_is_too_large_is_not_even_read(tmp_path):
    with (tmp_path / "a.ipynb").open("wb") as file:
        file.truncate(submission.MAX_BYTES + 1)
    with pytest.raises(SubmissionError, match="larger than 20 MB"):
        submission.read(tmp_path / "a.ipynb")


def test_odd_escapes_in_a_students_strings_warn_nobody(tmp_path):
    assert submission.read(written(tmp_path / "a.py", "import torch\nx = '\\d'")).framework == "torch"

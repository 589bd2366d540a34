"""What `grader release` refuses: solutions that make no notebook, and settings that can't be used."""

from __future__ import annotations

import pytest

from tests.releasing import new_course, run, set_option


@pytest.fixture
def folder(tmp_path):
    return new_course(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("# SETUP", "import os", "the first code cell must be `# SETUP`"),
        ("# QUESTION bottleneck\n", "", "the answer cells"),
        ('grader.check("resnet")', "", "the check cells"),
        ("    ### END SOLUTION", "", "must begin and end in turn"),
        ("class BasicBlock", "class Basic", "the cell defines no `BasicBlock`"),
        ("class BasicBlock(nn.Module):", "class BasicBlock(nn.Module:", "the cell is no Python"),
        ("import grader\n", "import grader\n### BEGIN SOLUTION\n### END SOLUTION\n", "outside the answer cells"),
    ],
)
def test_a_solution_that_makes_no_notebook_is_refused(folder, capsys, old, new, reason):
    path = folder / "solutions/a2_resnet/on_torch.py"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    assert run(folder) == 2
    message = capsys.readouterr().err
    assert "on_torch.py" in message
    assert reason in message
    assert not (folder / "source").exists()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('branch = "main"', "", "branch is missing"),
        ('branch = "main"', 'branch = "main"\nbadge = "x"', "badge is not known"),
        ('framework = "torch"', 'framework = "jax"', "framework must be one of torch, keras"),
        ('round = "first"', "round = 1", "round must be text"),
        ('round = "first"', 'round = "public"', "round must not be 'public'"),
        ('branch = "main"', "branch = ", "can't be read"),
    ],
)
def test_wrong_settings_are_told(folder, capsys, old, new, reason):
    set_option(folder, old, new)
    assert run(folder) == 2
    assert reason in capsys.readouterr().err

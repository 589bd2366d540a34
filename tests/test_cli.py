import json
import stat
import subprocess
import sys

import pytest

from grader import run
from grader.frontends import cli
from tests.submissions import BROKEN, edited, solution, with_assignments, write_notebook

# One mistake of each kind that happens before anything is judged, and one that only shows in the numbers.
SPOILT = """
import torch
from torch import nn
from torch.nn import functional as F

import nothing_of_that_name

class BasicBlock(nn.Module):
    def __init__(self, width):
        super().__init__()

resnet = nn.Linear(2, 2)

def cifar_resnet(depth, num_classes=10):
    raise KeyError("lost")

raise RuntimeError("in the middle of a cell")
"""


def grade(path, *options, expect):
    command = [sys.executable, "-m", "grader.frontends.cli", "check", str(path), "--assignment", "a2_resnet", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=path.parent)
    assert done.returncode == expect, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spoilt")
    right = [cell for cell in solution() if cell.startswith("# QUESTION bottleneck")]
    wrong = edited(right, "return F.relu", 'return float("nan") * F.relu')
    (folder / "spoilt.py").write_text("\n".join([SPOILT, *wrong]))
    done = grade(folder / "spoilt.py", "--json", str(folder / "report.json"), expect=1)
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return done.stdout, {question["name"]: question for question in report["questions"]}


def test_a_right_block_passes_and_the_report_is_written(tmp_path):
    path = write_notebook(tmp_path / "a2_resnet.ipynb", solution())
    done = grade(path, "--question", "BasicBlock", "--json", "report.json", expect=0)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert [question["name"] for question in report["questions"]] == ["basic_block"]
    assert (report["points"], report["max_points"], report["round"]) == (5.0, 5.0, "public")
    assert "basic_block  5 of 5 points" in done.stdout
    assert "\x1b" not in done.stdout  # colours are for terminals
    assert done.stderr == ""
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_secret_round_is_named_and_drawn_with_the_secret(tmp_path):
    path = write_notebook(tmp_path / "a2_resnet.ipynb", solution())
    grade(path, "--question", "basic_block", "--round", "final", "--secret", "key", "--json", "r.json", expect=0)
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["round"] == "final"
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("basic_block", "argument"),
        ("bottleneck", "nan"),
        ("resnet", "resnet"),
        ("cifar_resnet", "KeyError"),
        ("cifar_plain", "cifar_plain"),
    ],
)
def test_spoilt_questions_get_complaints_and_no_full_marks(spoilt, question, told):
    text, questions = spoilt
    graded = questions[question]
    assert graded["points"] < graded["max_points"]
    assert {result["status"] for result in graded["results"]} <= {"passed", "failed", "crashed"}
    first = next(result for result in graded["results"] if result["status"] != "passed")
    assert all(first[part] for part in ("expected", "got", "fix"))
    complaints = [f"{result['expected']} {result['got']}" for result in graded["results"]]
    assert any(told.lower() in complaint.lower() for complaint in complaints), complaints
    assert question in text


@pytest.mark.parametrize("cells", [[], ["import torch\nclass BasicBlock(:\n    pass"]], ids=["empty", "syntax error"])
def test_a_notebook_that_defines_nothing_is_graded_to_nothing(tmp_path, cells):
    path = write_notebook(tmp_path / "a2_resnet.ipynb", cells)
    options = ("--framework", "torch", "--question", "basic_block", "--json", "report.json")
    grade(path, *options, expect=1)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["points"] == 0
    assert report["questions"][0]["results"][0]["got"]


def usage(tmp_path, kind):
    fine = write_notebook(tmp_path / "a2_resnet.ipynb", ["import torch"])
    other = write_notebook(tmp_path / "homework.ipynb", ["import torch"])
    (tmp_path / "damaged.ipynb").write_text('{"cells": [')
    (tmp_path / "data.csv").write_text("1,2\n")
    return {
        "unknown assignment": [fine, "--assignment", "a9_dreams"],
        "no assignment named": [other],
        "unknown question": [fine, "--question", "basic_blok"],
        "no such file": [tmp_path / "nothing.ipynb", "--assignment", "a2_resnet"],
        "a folder": [tmp_path, "--assignment", "a2_resnet"],
        "damaged notebook": [tmp_path / "damaged.ipynb", "--assignment", "a2_resnet"],
        "no notebook": [tmp_path / "data.csv", "--assignment", "a2_resnet"],
        "the other framework": [fine, "--framework", "keras"],
        "a round without a secret": [fine, "--round", "final"],
        "a secret for the public round": [fine, "--round", "public", "--secret", tmp_path / "key"],
        "no folder for the report": [fine, "--json", tmp_path / "nowhere" / "report.json"],
    }[kind]


KINDS = """unknown assignment, no assignment named, unknown question, no such file, a folder, damaged notebook,
no notebook, the other framework, a round without a secret, a secret for the public round, no folder for the report"""


@pytest.mark.parametrize("kind", KINDS.replace("\n", " ").split(", "))
def test_a_problem_of_usage_is_told_in_one_line(tmp_path, capsys, kind):
    arguments = [str(argument) for argument in usage(tmp_path, kind)]
    before = sorted(tmp_path.iterdir())
    assert cli.main(["check", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("grader: ")
    assert err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before  # no report, no secret


def test_an_unknown_question_is_answered_with_those_there_are(tmp_path, capsys):
    cli.main(["check", *map(str, usage(tmp_path, "unknown question"))])
    assert "basic_block, bottleneck, resnet, cifar_resnet, cifar_plain" in capsys.readouterr().err


def test_a_fault_of_the_grader_asks_for_a_person(tmp_path, capsys, monkeypatch):
    def fail(*arguments, **options):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(run, "grade", fail)
    assert cli.main(["check", str(write_notebook(tmp_path / "a2_resnet.ipynb", ["import torch"]))]) == 3
    assert capsys.readouterr().err == "grader: the grader itself failed (ZeroDivisionError: ours): a person must look\n"


def test_a_judge_that_fails_asks_for_a_person_and_is_no_zero(tmp_path):
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "a9_broken.py").write_text(BROKEN)
    (tmp_path / "work.py").write_text("import torch\ndef one():\n    return 1\n")
    arguments = ["check", "work.py", "--assignment", "a9_broken", "--json", "report.json"]
    command = with_assignments(tmp_path / "specs", f"from grader.frontends import cli; exit(cli.main({arguments}))")
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "at least 0 of 2 points" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    [question] = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["questions"]
    assert question["results"][0]["status"] == "broken"


def test_assignments_are_listed_with_questions_and_points(capsys):
    assert cli.main(["list"]) == 0
    out = capsys.readouterr().out
    assert "a2_resnet  ResNet from scratch (20 points)" in out
    assert "basic_block         5  BasicBlock in torch, basic_block in keras" in out


def test_no_command_shows_the_usage():
    with pytest.raises(SystemExit) as stopped:
        cli.main([])
    assert stopped.value.code == 2


def test_an_edit_that_changes_nothing_is_an_error():
    with pytest.raises(ValueError, match="no cell holds"):
        edited(["import torch"], "keras", "torch")

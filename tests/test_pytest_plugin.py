import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from tests.submissions import BROKEN, ROOT, edited, solution, with_assignments, write_notebook

# The second ReLU comes before the addition.
EARLY = ("return F.relu(out + self.shortcut(x))", "return F.relu(out) + self.shortcut(x)")
CHECKS = ("from_scratch", "shape", "parameters", "evaluation", "training", "gradients", "conduct", "registration")


def run(folder, *arguments, expect):
    """Run pytest in a folder where nothing is called `grader`, unless the test has put it there."""
    command = [sys.executable, "-m", "pytest", *arguments, "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == expect, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def right(tmp_path):
    return write_notebook(tmp_path / "a2_resnet.ipynb", solution())


@pytest.fixture
def wrong(tmp_path):
    return write_notebook(tmp_path / "handed in" / "a2_resnet (1).ipynb", edited(solution(), *EARLY))


def test_one_item_per_check_and_points_in_the_summary(tmp_path, right):
    out = run(tmp_path, "grader", "--submission", right, "-k", "basic_block", "-v", expect=0)
    for check in CHECKS:
        assert f"a2_resnet.ipynb::basic_block/{check} PASSED" in out
    assert "points of a2_resnet.ipynb" in out
    assert "basic_block      5 of 5" in out


def test_a_failure_is_a_complaint_and_useful_in_junit(tmp_path, wrong):
    out = run(tmp_path, "grader", "--submission", wrong, "-k", "basic_block", "--junitxml=junit.xml", expect=1)
    assert "grader/frontends" not in out
    assert "\nfix: " in out
    cases = {case.get("name"): case for case in ElementTree.parse(tmp_path / "junit.xml").iter("testcase")}
    assert set(cases) == {f"basic_block/{check}" for check in CHECKS}
    case = cases["basic_block/evaluation"]
    told = {entry.get("name"): entry.get("value") for entry in case.iter("property")}
    assert (told["status"], float(told["points"]), float(told["max_points"])) == ("failed", 0.0, 1.5)
    message = case.find("failure").get("message")
    assert all(part in message for part in ("got: ", "expected: ", "fix: "))


def test_the_points_are_those_of_the_command_line(tmp_path, wrong):
    run(tmp_path, "grader", "--submission", wrong, "-k", "basic_block", "--junitxml=junit.xml", expect=1)
    values = ElementTree.parse(tmp_path / "junit.xml").iterfind(".//property[@name='points']")
    command = [sys.executable, "-m", "grader.frontends.cli", "check", wrong, "--question", "basic_block"]
    done = subprocess.run([*command, "--json", tmp_path / "r.json"], capture_output=True, timeout=120, check=False)
    assert done.returncode == 1
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert sum(float(value.get("value")) for value in values) == report["points"]


def test_our_own_strict_settings_do_not_hit_students(tmp_path):
    (tmp_path / "grader").mkdir()
    (tmp_path / "grader" / "test_not_collected.py").write_text("raise RuntimeError\n")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    inside = ("out = F.relu(self.bn1", 'warnings.warn("in forward"); out = F.relu(self.bn1')
    noisy = 'import warnings\nwarnings.warn("from the student")'
    write_notebook(tmp_path / "a2_resnet.ipynb", [noisy, *edited(solution(), *inside)])
    out = run(tmp_path, "grader", "-k", "basic_block", expect=0)
    assert "8 passed" in out
    assert "warning" not in out


def test_notebooks_are_found_under_assignments_or_else_here(tmp_path, right):
    write_notebook(tmp_path / "other.ipynb", ["import torch"])
    assert listed(tmp_path) == {"a2_resnet.ipynb"}
    for framework in ("torch", "keras"):
        path = tmp_path / "assignments" / "a2_resnet" / framework / "a2_resnet.ipynb"
        write_notebook(path, [f"import {framework}"])
    assert listed(tmp_path) == {
        f"assignments/a2_resnet/{framework}/a2_resnet.ipynb" for framework in ("torch", "keras")
    }


def listed(folder):
    out = run(folder, "grader", "--collect-only", "-q", expect=0)
    return {line.split("::")[0] for line in out.splitlines() if "::basic_block/" in line}


def test_a_missing_definition_fails_with_its_complaint(tmp_path):
    write_notebook(tmp_path / "a2_resnet.ipynb", ["import torch"])
    out = run(tmp_path, "grader", "-k", "bottleneck", expect=1)
    assert "expected: a function or class called `Bottleneck`" in out
    assert "bottleneck       0 of 4" in out
    assert "8 failed" in out


def test_a_fault_of_the_grader_is_an_error_and_no_zero(tmp_path):
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "a9_broken.py").write_text(BROKEN)
    (tmp_path / "a9_broken.py").write_text("import torch\ndef one():\n    return 1\n")
    call = "import pytest; exit(pytest.main(['grader', '--submission', 'a9_broken.py', '-p', 'no:cacheprovider']))"
    command = with_assignments(tmp_path / "specs", call)
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "1 error" in done.stdout
    assert "got: the grader itself failed (KeyError: 'lost')" in done.stdout
    assert "one              at least 0 of 2" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize("dist", ["load", "loadgroup"])
def test_it_runs_in_parallel(tmp_path, right, dist):
    selected = "basic_block or bottleneck"
    out = run(tmp_path, "grader", "-k", selected, "-n", "2", "--dist", dist, "-v", expect=0)
    assert "16 passed" in out
    assert "together         9 of 9" in out
    workers = {}
    for line in out.splitlines():
        if line.startswith("[gw"):
            workers.setdefault(line.split("::")[1].split("/")[0], set()).add(line[:5])
    assert set(workers) == {"basic_block", "bottleneck"}
    if dist == "loadgroup":
        assert all(len(found) == 1 for found in workers.values())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["grader"], "no notebook of an assignment"),
        (["grader", "--submission", "nothing.ipynb", "--assignment", "a2_resnet"], "nothing.ipynb"),
        (["grader", "--submission", "homework.py"], "say which one with --assignment"),
        (["--submission", "homework.py", "--assignment", "a9_dreams"], "no assignment is called 'a9_dreams'"),
    ],
)
def test_a_problem_of_usage_is_told_in_one_line(tmp_path, arguments, told):
    (tmp_path / "homework.py").write_text("import torch\n")
    out = run(tmp_path, *arguments, expect=4)
    assert [line for line in out.splitlines() if line.startswith("ERROR")] == [
        line for line in out.splitlines() if told in line
    ]
    assert told in out


def test_other_runs_are_left_alone(tmp_path):
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n")
    assert "1 passed" in run(tmp_path, "test_own.py", expect=0)


def test_the_plugin_loads_nothing_but_pytest():
    code = (
        "import sys, pytest, grader.frontends.pytest_plugin; print('numpy' in sys.modules, 'grader.run' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"

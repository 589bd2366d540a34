import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.frontends import kernel, wording
from grader.spec import Question
from grader.specs import assignments
from tests.submissions import definitions, edited, solution, write_notebook

BIN = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader starts `alembic` by name
# Everything that must not reach the check cell's stderr: a warning, a print, a log and what native code writes.
NOISE = """import logging, os, sys, warnings
def noise():
    warnings.warn("a warning")
    print("a print", file=sys.stderr)
    logging.getLogger("student").error("a log")
    os.write(2, b"from native code")
"""
HANG = ("out = self.bn2(self.conv2(out))", "open('hanging', 'w').close()\n        while True: pass")


def basic_block(x, channels, stride=1):
    raise NotImplementedError


@pytest.mark.parametrize(
    ("namespace", "found"),
    [
        ({"BasicBlock": object}, "torch"),
        ({"basic_block": basic_block}, "keras"),
        ({"In": ["", "import os\n# FRAMEWORK keras\n"]}, "keras"),
        ({"In": ["", "# FRAMEWORK torch"], "basic_block": None}, "torch"),
    ],
)
def test_the_framework_is_read_from_what_the_notebook_holds(namespace, found):
    asked = Question("basic_block", {"torch": "BasicBlock", "keras": "basic_block"}, ())
    assert kernel.framework(namespace, asked) == found


def script(tmp_path, *lines, cells=None, environment=None, silent=True):
    """Run cells and lines as one program and return what it prints."""
    cells = definitions(solution()) if cells is None else cells
    (tmp_path / "program.py").write_text("\n".join([*cells, *lines]))
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | (environment or {}),
    )
    assert done.returncode == 0, done.stderr
    assert not (silent and done.stderr)
    return done.stdout


def test_a_check_answers_in_the_students_own_program(tmp_path):
    out = script(
        tmp_path,
        "before = torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_rng_state().sum()",
        "print(grader.check('basic_block'))",
        "print(grader.check(Bottleneck).report.points)",
        "print(grader.check('basic_blok'))",
        "print(before == (torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_rng_state().sum()))",
        "grader.grading = True",
        "print(grader.check('basic_block'))",
    ).splitlines()
    assert "basic_block  5 of 5 points" in out
    assert wording.FEEDBACK in out
    known = ", ".join(question.name for assignment in assignments() for question in assignment.questions)
    assert out[-4:] == [
        "4.0",
        f"no question is called 'basic_blok'; there are: {known}.",
        "True",
        "None",
    ]


def test_a_check_answers_in_keras_too(tmp_path):
    out = script(
        tmp_path,
        "print(grader.check('basic_block').report.framework)",
        "print(grader.check(bottleneck).report.points)",
        "print(keras.config.floatx(), tf.config.functions_run_eagerly())",
        cells=["import tensorflow as tf", *definitions(solution("keras"))],
        silent=False,  # TensorFlow talks while it is imported
    )
    assert out.splitlines()[-3:] == ["keras", "4.0", "float32 False"]


def test_what_is_no_function_is_missing_and_what_raises_names_the_line(tmp_path):
    out = script(
        tmp_path,
        "block = BasicBlock(3, 3)",
        "BasicBlock = block",
        "print(grader.check('basic_block'))",
        "import numpy as Bottleneck",
        "print(grader.check('bottleneck'))",
        "from torch.nn import Identity as cifar_plain",
        "print(grader.check('cifar_plain'))",
        "def resnet(depth, num_classes=1000):",
        "    return undefined_name",
        "print(grader.check('resnet'))",
        "def cifar_resnet(depth, num_classes=10):",
        "    exit()",
        "print(grader.check('cifar_resnet'))",
        "print('still here')",
    )
    assert "the name `BasicBlock` is bound to a `BasicBlock`" in out
    assert "the name `Bottleneck` is bound to a module" in out
    assert "the name `cifar_plain` is imported from `torch.nn.modules.linear`" in " ".join(out.split())
    assert "in the line `return undefined_name`" in " ".join(out.split())
    assert "exit()" in out
    assert out.endswith("still here\n")


@pytest.mark.parametrize("execution", ["validate", "autograde"])
def test_under_nbgrader_a_plain_number_is_returned(tmp_path, execution):
    checks = [f"print(repr(grader.check({name!r})))" for name in ("basic_block", "cifar_plain", "nothing")]
    cells = [cell for cell in definitions(solution()) if not cell.startswith("# QUESTION cifar_plain")]
    noisy = [NOISE, *edited(cells, "out = F.relu(self.bn1", "noise(); out = F.relu(self.bn1")]
    out = script(tmp_path, *checks, cells=noisy, environment={"NBGRADER_EXECUTION": execution})
    assert out.splitlines()[-3:] == ["5.0", "0.0", "0.0"]


def test_stock_nbgrader_reads_the_points(tmp_path):
    wanted = ("# SETUP", "import", "# QUESTION basic_block", "# QUESTION bottleneck")
    checks = ('grader.check("basic_block")', 'grader.check("bottleneck")')
    cells = [cell for cell in solution() if cell.startswith(wanted) or cell in checks]
    noisy = [NOISE, *edited(cells, "out = F.relu(self.bn1", "noise(); out = F.relu(self.bn1")]
    partly = edited(noisy, "return F.relu(out + self.shortcut(x))", "return F.relu(out) + self.shortcut(x)")
    write_notebook(tmp_path / "source" / "a2_resnet" / "a2_resnet.ipynb", cells, gradable=True)
    submitted = {name: tmp_path / "submitted" / name / "a2_resnet" / "a2_resnet.ipynb" for name in ("right", "partly")}
    write_notebook(submitted["right"], noisy, gradable=True)
    write_notebook(submitted["partly"], partly, gradable=True)
    nbgrader(tmp_path, "generate_assignment", "a2_resnet")
    nbgrader(tmp_path, "autograde", "a2_resnet")
    for name, path in submitted.items():
        outputs = checked(tmp_path / "autograded" / name / "a2_resnet" / "a2_resnet.ipynb")
        values = [float(output["data"]["text/plain"][0]) for [output] in outputs]
        assert [output["output_type"] for [output] in outputs] == ["execute_result"] * 2
        assert [output["data"]["text/plain"] for [output] in outputs] == [[repr(value)] for value in values]
        assert (values == [5.0, 4.0]) == (name == "right")
        assert 0 < sum(values) <= 9
        told = nbgrader(tmp_path, "validate", str(path))
        assert ("Success" in told) == (name == "right")


def nbgrader(folder, *arguments):
    command = [sys.executable, "-m", "nbgrader", *arguments]
    environment = os.environ | {"PATH": BIN}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=180, check=False, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def checked(path):
    """The outputs of each check cell."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell["outputs"] for cell in cells if "".join(cell["source"]).startswith("grader.check")]


def test_a_hang_is_interrupted_and_the_kernel_lives_on(tmp_path):
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path), extra_arguments=["--log-level=ERROR"])
    try:
        client.execute_interactive("\n".join(edited(definitions(solution()), *HANG)), timeout=60)
        told = []
        client.execute("grader.check('basic_block')")
        while not (tmp_path / "hanging").exists():
            time.sleep(0.1)
        manager.interrupt_kernel()
        after = "torch.is_grad_enabled(), torch.get_default_dtype(), __import__('warnings').filters[:1] != ['ignore']"
        client.execute_interactive(f"print({after})", timeout=60, output_hook=told.append)
        client.execute_interactive("grader.check('bottleneck')", timeout=60, output_hook=told.append)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    shown = [message["content"] for message in told if message["msg_type"] in ("execute_result", "stream", "error")]
    assert not [content for content in shown if "ename" in content], shown
    assert any("4 of 4 points" in content.get("data", {}).get("text/html", "") for content in shown), shown

"""Processes that end, hang or forge their answers: the question alone is lost, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from grader import process as processes
from tests.asking import count, error, result, started

HOSTILE = [
    "import os, signal, time\nimport numpy as np",
    "os._exit(3)",
    "def fine(): return 1",
    "def leave(): os._exit(0)",
    "def crash(): os.kill(os.getpid(), signal.SIGSEGV)",
    "def loop():\n    while True:\n        try: time.sleep(60)\n        except BaseException: pass",
    "def large(): return np.zeros(9_000_000)",
    "def endless(): return np.zeros(40_000_000)",
    "def pickled(): return np.array([print], dtype=object)",
    "def forge(write):\n    write(os.path.join('..', f'answer-{number()}.npz'))\n    time.sleep(1)",
    "def number(): return int(open('number').read())",
    "def link(): forge(lambda path: os.symlink('/etc/hostname', path))",
    "def folder(): forge(os.mkdir)",
    "def damaged(): forge(lambda path: open(path, 'wb').write(b'PK'))",
    "def lie(): forge(lambda path: np.savez(open(path, 'wb'), error=np.frombuffer(b'[' * 100_000, np.uint8)))",
    "def raising(): raise KeyboardInterrupt",
    "def silent(): raise Silent\nclass Silent(Exception):\n    def __str__(self): raise self",
    "def closing():\n    os.closerange(3, 100)\n    return 1",
    "import threading\nthreading.Thread(target=time.sleep, args=(600,)).start()",
    "import shutil\ndef remove():\n    shutil.rmtree(os.path.dirname(os.getcwd()))\n    return 1",
]


@pytest.fixture(scope="module")
def hostile():
    with started("torch", *HOSTILE) as process:
        yield process


def forged(process, name):
    """The error that a forged answer leads to; the function is told under which number it is asked."""
    result(process, "fine")
    (process._folder / "work" / "number").write_text(str(process._number + 1))
    return error(process, name)["kind"]


def test_a_cell_that_ends_the_process_is_skipped(hostile):
    assert result(hostile, "fine") == 1
    assert hostile.remarks() == ("read", "cell 2, line 1 was skipped: it ended or stopped the Python process")


def test_a_function_that_ends_the_process_costs_itself_alone(hostile):
    assert error(hostile, "leave")["message"] == "exit status 0"
    assert error(hostile, "crash")["message"] == "stopped by the system: Segmentation fault"
    assert result(hostile, "fine") == 1


def test_whatever_a_function_raises_costs_itself_alone(hostile):
    assert error(hostile, "raising")["message"] == "it raised `KeyboardInterrupt`"
    assert error(hostile, "silent") | {"line": ""} == {
        "kind": "raised", "phase": "calling it", "type": "Silent", "message": "", "line": "",
    }  # fmt: skip
    assert result(hostile, "fine") == 1


def test_a_process_that_can_be_asked_no_more_is_started_again(hostile):
    assert result(hostile, "closing") == 1
    assert result(hostile, "fine") == 1


def test_a_cell_that_cannot_be_stopped_is_ended(monkeypatch):
    stubborn = "while True:\n    try: time.sleep(9)\n    except BaseException: pass"
    cells = ["import time", "import grader.cells\ngrader.cells._TO_STOP = 0.1", stubborn, "def fine(): return 1"]
    with started("torch", *cells, cell_seconds=1.0) as process:
        assert result(process, "fine") == 1
        assert process.remarks()[1:] == ("cell 3, line 1 was skipped: it ended or stopped the Python process",)


def test_a_function_that_hangs_is_killed(hostile):
    assert error(hostile, "loop", 1.0)["kind"] == "timeout"
    assert result(hostile, "fine") == 1


@pytest.mark.parametrize(("name", "kind"), [("large", "oversized"), ("endless", "oversized"), ("pickled", "malformed")])
def test_answers_of_another_sort_are_refused(hostile, name, kind):
    assert error(hostile, name)["kind"] == kind


@pytest.mark.parametrize("name", ["link", "folder", "damaged", "lie"])
def test_forged_answers_are_malformed_and_the_next_question_counts(hostile, name):
    assert forged(hostile, name) == "malformed"
    assert result(hostile, "fine") == 1


def test_a_removed_folder_costs_itself_alone(hostile):
    assert error(hostile, "remove")["kind"] == "died"
    assert result(hostile, "fine") == 1


def test_nothing_is_written_through_a_link(tmp_path):
    target = tmp_path / "target"
    source = f"import os\ndef trap():\n    os.symlink({str(target)!r}, '../request-2.npz')\n    return 1"
    with started("torch", source) as process:
        assert result(process, "trap") == 1
        assert result(process, "trap") == 1  # in a process started afresh
    assert not target.exists()


def test_cells_that_end_the_process_again_and_again_are_given_up(monkeypatch):
    monkeypatch.setattr(processes, "MAX_STARTS", 2)
    with started("torch", "import os", *["os._exit(1)"] * 3, "def f(): return 1") as process:
        assert error(process, "f") == error(process, "f")
        assert error(process, "f")["message"] == "2 times"
        assert process._running is None


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    source = "import subprocess\nchild = subprocess.Popen(['sleep', '600'])\ndef f(): return child.pid"
    with started("torch", source) as process:
        child = result(process, "f")
        assert count(tmp_path) == 1
        assert os.kill(child, 0) is None
    assert count(tmp_path) == 0
    state = Path(f"/proc/{child}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] in "ZX"


def test_what_keeps_python_from_starting_is_a_fault_of_ours(monkeypatch):
    monkeypatch.setattr(processes, "environment", lambda home: {"PYTHONHOME": str(home)})
    with started("torch", "def f(): return 1") as process:
        found = error(process, "f")
        assert found["kind"] == "fault"
        assert found["message"].startswith("Python can't be started: ")


def test_an_interrupt_kills_the_process(tmp_path):
    cells = ["import time", "def f():\n    open('begun', 'w').close()\n    time.sleep(600)"]
    code = (
        "import signal\n"
        "from tests.asking import ask, started\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background is started without it\n"
        f"with started('torch', *{cells!r}) as process:\n    ask(process, 'f', 600.0)"
    )
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE) as parent:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("submission-*/*/begun")) and time.monotonic() < deadline:
            time.sleep(0.05)
        parent.send_signal(signal.SIGINT)
        assert b"KeyboardInterrupt" in parent.communicate(timeout=20)[1]
    assert count(tmp_path) == 0

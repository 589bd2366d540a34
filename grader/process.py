"""TRUSTED side of a student's process: starts it, sends requests, reads arrays, kills it.

Nothing that the process writes is more than a claim: what is missing, late, oversized or malformed is an error about
one question. A process that it starts in a session of its own outlives it; only a sandbox can prevent that.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import signal
import site
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

import numpy as np

from grader import answers, failure
from grader.spec import Check, Evidence, Question, Request
from grader.submission import Submission

MAX_STARTS = 4  # at a time, each without the statement that ended or stopped the process before
TO_START = 120.0  # seconds for the frameworks to load, beside the time for the cells
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "SYSTEMROOT")


class Process:
    """One student's process, started at the first question, and again after it hung or died."""

    def __init__(self, submission: Submission, *, cell_seconds: float = 20.0, all_cells_seconds: float = 60.0) -> None:
        self._submission = submission
        self._limits = {"cell_seconds": cell_seconds, "all_cells_seconds": all_cells_seconds}
        self._folder = Path()
        self._running: subprocess.Popen[bytes] | None = None
        self._number = 0
        self._skip: list[str] = []
        self._remarks: list[str] = []
        self._hopeless: Evidence | None = None  # why the cells can't be run at all

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process and remove its folder."""
        self._kill()
        if self._folder != Path():
            shutil.rmtree(self._folder, ignore_errors=True)

    def remarks(self) -> tuple[str, ...]:
        """What was skipped or moved, in a student's words."""
        return (*self._submission.remarks, *self._remarks)

    def ask(self, question: Question, check: Check, request: Request) -> Evidence:
        """The evidence for one request, or an error as evidence; never raises for what a student can cause."""
        self._number += 1
        for _ in range(2):  # again where the last question left the process dying, or its folder unusable
            if self._hopeless is None and (self._running is None or self._running.poll() is not None):
                self._start()
            if self._hopeless is not None:
                return self._hopeless
            try:
                self._send(question, check.probe, request)
                break
            except OSError as error:
                self._kill()
                kind = "fault" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "died"
                lost = failure.write(kind, phase="waiting for the check", message=error.strerror or str(error))
        else:
            return lost
        answer = self._await(f"answer-{self._number}.npz", check.seconds, "running the check")
        wrong = failure.read(answer)
        if wrong is not None and wrong["kind"] == "malformed":
            self._kill()  # what forged one answer may have forged the next
        return answer

    def _send(self, question: Question, probe: str, request: Request) -> None:
        """Hand over a request: its arrays as a file, the rest as a line; raises OSError."""
        arrays = {name: value for name, value in request.items() if isinstance(value, np.ndarray)}
        rest = {name: value for name, value in request.items() if name not in arrays}
        framework = self._submission.framework
        with (self._folder / f"request-{self._number}.npz").open("xb") as file:  # never through a link laid out there
            np.savez(file, **arrays)  # type: ignore[arg-type]  # numpy's stub takes the names for its own option
        names = {"function": question.functions[framework], "companions": question.beside(framework)}
        line = json.dumps({"number": self._number, "probe": probe, "request": rest, **names})
        if self._running is None or self._running.stdin is None:
            raise BrokenPipeError("the process has no standard input")
        self._running.stdin.write(line.encode() + b"\n")
        self._running.stdin.flush()

    def _start(self) -> None:
        """Start the process and run the cells; a statement that ends or stops it is skipped the next time."""
        for _ in range(MAX_STARTS):
            self._kill()
            try:
                self._running = self._spawn()
            except OSError as error:  # a full disk, say
                self._hopeless = failure.write("fault", message=f"no process can be started: {error}")
                return
            answer = self._await("ready.npz", self._limits["all_cells_seconds"] + TO_START, "running the cells")
            if failure.read(answer) is None:
                return
            self._kill()
            place = self._read("place")
            if place is None:  # no cell had begun
                told = (self._read("errors") or "").strip().splitlines() or ["no reason was given"]
                self._hopeless = failure.write("fault", message=f"Python can't be started: {told[-1][:300]}")
                return
            if not place or place in self._skip:
                self._hopeless = answer
                return
            self._skip.append(place)
        self._hopeless = failure.write("died", phase="running the cells", message=f"{MAX_STARTS} times")

    def _spawn(self) -> subprocess.Popen[bytes]:
        if self._folder != Path():
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = Path(tempfile.mkdtemp(prefix="submission-"))
        (self._folder / "work").mkdir()
        cells = [[cell.source, cell.label] for cell in self._submission.cells]
        given = {"framework": self._submission.framework, "cells": cells, "skip": self._skip, **self._limits}
        (self._folder / "submission.json").write_text(json.dumps(given), encoding="utf-8")
        # nothing is imported from the folder it runs in (-P); its environment holds no other PYTHON variables than ours
        with (self._folder / "errors").open("xb") as errors:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "grader.worker", str(self._folder)],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, cwd=self._folder,
                env=environment(self._folder / "work"), start_new_session=True,
            )  # fmt: skip

    def _await(self, name: str, seconds: float, phase: str) -> Evidence:
        """The arrays of an answer once it is there, or the error for a process that is late or dead."""
        path, deadline = self._folder / name, time.monotonic() + seconds
        pause = 0.001
        while not os.path.lexists(path):
            code = None if self._running is None else self._running.poll()
            if code is not None and not os.path.lexists(path):  # it may have answered just before it ended
                return failure.write("died", phase=phase, message=_how_it_ended(code))
            if time.monotonic() > deadline:
                self._kill()
                return failure.write("timeout", phase=phase, message=f"{seconds:.0f} s")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.02)
        found = answers.read(path)
        with contextlib.suppress(OSError):  # a folder, say
            path.unlink()
        if "remarks" in found:
            self._remarks = answers.lines(found.pop("remarks"))
        return found

    def _read(self, name: str) -> str | None:
        """The end of a note that the process left, None when there is none."""
        try:
            with answers.open_plain(self._folder / name) as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - 2000))
                return file.read(2000).decode(errors="replace")
        except OSError:
            return None

    def _kill(self) -> None:
        """Kill the process and all that it started in its session."""
        if self._running is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait()
        if self._running.stdin is not None:
            with contextlib.suppress(OSError):
                self._running.stdin.close()
        self._running = None


def environment(home: Path) -> dict[str, str]:
    """The variables of a student's process, from an allowlist: no secrets, no GPU, one thread."""
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), "1")
    users = {"PYTHONUSERBASE": site.getuserbase()} if site.ENABLE_USER_SITE else {}  # for `pip install --user`
    return {
        "LANG": "C.UTF-8", **passed, **one, **users, "HOME": str(home), "TMPDIR": str(home),
        "CUDA_VISIBLE_DEVICES": "", "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0", "TORCHDYNAMO_DISABLE": "1", "OMP_WAIT_POLICY": "passive", "HF_HUB_OFFLINE": "1",
        "MPLBACKEND": "Agg", "PYTHONHASHSEED": "0",
    }  # fmt: skip


def _how_it_ended(code: int) -> str:
    """An exit status in words; below zero it is the signal that killed the process."""
    return f"exit status {code}" if code >= 0 else f"stopped by the system: {signal.strsignal(-code) or -code}"

"""TRUSTED side of a student's process: starts it, sends requests, reads arrays, kills it.

Nothing that the process writes is more than a claim: answers are plain files of capped size, without pickles, and what
is missing, late or malformed is an error about one question.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from grader import failure
from grader.spec import Check, Evidence, Question, Request
from grader.submission import Submission

MAX_ANSWER = 64_000_000  # bytes; an honest one takes about 1 MB
MAX_FILE = 256_000_000  # bytes that the process may write to one file
MAX_STARTS = 4  # of the cells, each time without the statement that ended or stopped the process
_DTYPES = {"f4", "f8", "i4", "i8", "u1", "b1"}
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "SYSTEMROOT")


class Process:
    """One student's process, started at the first question, and again after it hung or died."""

    def __init__(self, submission: Submission, *, cell_seconds: float = 20.0, all_cells_seconds: float = 60.0) -> None:
        self._submission = submission
        self._limits = {"cell_seconds": cell_seconds, "all_cells_seconds": all_cells_seconds}
        self._folder = Path()
        self._running: subprocess.Popen[bytes] | None = None
        self._number = 0
        self._starts = 0
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
        if self._running is None or self._running.poll() is not None:
            self._start()
        if self._hopeless is not None or self._running is None:
            return self._hopeless or failure.write("died", phase="starting", message="it can't be started")
        self._number += 1
        arrays = {name: value for name, value in request.items() if isinstance(value, np.ndarray)}
        rest = {name: value for name, value in request.items() if name not in arrays}
        np.savez(self._folder / f"request-{self._number}.npz", **arrays)  # type: ignore[arg-type]
        function = question.functions[self._submission.framework]
        line = json.dumps({"number": self._number, "function": function, "probe": check.probe, "request": rest})
        with contextlib.suppress(OSError):  # a process that died in between is seen below
            _input(self._running).write(line.encode() + b"\n")
            _input(self._running).flush()
        return self._await(f"answer-{self._number}.npz", check.seconds, "running the check")

    def _start(self) -> None:
        """Start the process and run the cells; a statement that ends or stops it is skipped the next time."""
        while self._starts < MAX_STARTS:
            self._starts += 1
            self._kill()
            self._running = self._spawn()
            patience = self._limits["all_cells_seconds"] + 120
            answer = self._await("ready.npz", patience, "running the cells")
            if failure.read(answer) is None:
                return
            self._hopeless = answer
            place = self._place()
            if not place or place in self._skip:
                return
            self._skip.append(place)
            self._hopeless = None
        self._hopeless = failure.write("died", phase="running the cells", message=f"{MAX_STARTS} times")

    def _spawn(self) -> subprocess.Popen[bytes]:
        if self._folder != Path():
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = Path(tempfile.mkdtemp(prefix="submission-"))
        (self._folder / "work").mkdir()
        cells = [[cell.source, cell.label] for cell in self._submission.cells]
        given = {"framework": self._submission.framework, "cells": cells, "skip": self._skip, **self._limits}
        (self._folder / "submission.json").write_text(json.dumps(given), encoding="utf-8")
        return subprocess.Popen(
            [sys.executable, "-I", "-m", "grader.worker", str(self._folder)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self._folder,
            env=environment(self._folder / "work"), start_new_session=True, preexec_fn=_limit,
        )  # fmt: skip

    def _await(self, name: str, seconds: float, phase: str) -> Evidence:
        """The arrays of an answer once it is there, or the error for a process that is late or dead."""
        path, deadline = self._folder / name, time.monotonic() + seconds
        pause = 0.001
        while not os.path.lexists(path):
            if self._running is None or self._running.poll() is not None:
                code = None if self._running is None else self._running.returncode
                if os.path.lexists(path):
                    break
                return failure.write("died", phase=phase, message=f"exit status {code}")
            if time.monotonic() > deadline:
                self._kill()
                return failure.write("timeout", phase=phase, message=f"{seconds:.0f} s")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.02)
        found = read_arrays(path)
        path.unlink(missing_ok=True)
        remarks = found.pop("remarks", None)
        if remarks is not None:
            self._remarks = _lines(remarks)
        return found

    def _place(self) -> str:
        """The statement that was running when the process ended."""
        try:
            with _open_plain(self._folder / "place") as file:
                return file.read(300).decode(errors="replace")
        except OSError:
            return ""

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
    return {
        "LANG": "C.UTF-8", **passed, **one, "HOME": str(home), "TMPDIR": str(home), "CUDA_VISIBLE_DEVICES": "",
        "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "MPLBACKEND": "Agg",
        "OMP_WAIT_POLICY": "passive", "HF_HUB_OFFLINE": "1",
    }  # fmt: skip


def _limit() -> None:
    """In the child before it starts: no core dumps, no endless files."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE, MAX_FILE))


def _input(process: subprocess.Popen[bytes]) -> Any:
    """The process's standard input; raises BrokenPipeError when it has none."""
    if process.stdin is None:
        raise BrokenPipeError("the process has no standard input")
    return process.stdin


def _open_plain(path: Path) -> Any:
    """Open a regular file and nothing else: no link, no device, no pipe; raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError("not a regular file")
    return os.fdopen(handle, "rb")


def read_arrays(path: Path) -> Evidence:
    """The arrays of an `.npz` file that nobody vouches for; an error as evidence when it is too large or none."""
    try:
        with _open_plain(path) as file:
            if os.fstat(file.fileno()).st_size > MAX_ANSWER:
                return failure.write("oversized", message=f"more than {MAX_ANSWER // 1_000_000} MB")
            with zipfile.ZipFile(file) as archive:
                if sum(entry.file_size for entry in archive.infolist()) > MAX_ANSWER:
                    return failure.write("oversized", message=f"more than {MAX_ANSWER // 1_000_000} MB unpacked")
            file.seek(0)
            with np.load(file, allow_pickle=False) as arrays:
                found = {name: np.asarray(arrays[name]) for name in arrays.files}
    except Exception as error:  # whatever a forged file makes the reader raise, it is no answer
        return failure.write("malformed", message=type(error).__name__)
    if any(array.dtype.str[1:] not in _DTYPES for array in found.values()):
        return failure.write("malformed", message="arrays that are no numbers")
    return found


def _lines(encoded: np.ndarray) -> list[str]:
    try:
        return [str(line)[:300] for line in json.loads(bytes(encoded.astype(np.uint8)).decode())][:20]
    except (ValueError, TypeError):
        return []

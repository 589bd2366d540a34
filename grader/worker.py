"""UNTRUSTED: lives in the student's process, runs the cells, answers probes, writes arrays.

Started as `python -P -m grader.worker FOLDER`. The folder holds `submission.json`; requests come as lines of JSON on
standard input with their arrays in `request-N.npz`; answers are written as `answer-N.npz`, each in one step.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

import grader
from grader import failure, probes
from grader.cells import MODULE, Cells

MAX_FILE = 256_000_000  # bytes that may be written to one file
MAX_CPU = 7200  # seconds in the whole life of the process
RECURSION = 1000  # Python's own default
MAX_DATA = 6_000_000_000  # bytes of memory: an endless list ends with a MemoryError, not the machine
Arrays = dict[str, np.ndarray]


def main() -> None:
    """Run the cells of the folder's submission, then answer requests until standard input ends."""
    folder = Path(sys.argv[1])
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)  # `input()` in a student's cell finds nothing, and reads no request
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  it stays open as long as the process
    _limit()
    given = json.loads((folder / "submission.json").read_text(encoding="utf-8"))
    (folder / "submission.json").unlink()
    os.chdir(folder / "work")
    sys.argv = [f"{MODULE}.py"]  # a script's own options stand at their defaults
    worker = _Worker(folder, given)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # until here, errors told the trusted side why it couldn't start
    try:
        worker.run(given["cells"])
        worker.serve(requests)
    finally:
        os._exit(1)  # at once: a thread that the student left running would keep it alive


def _limit() -> None:
    """No core dumps, no endless files or lists, and an end to a process that has lost the grader."""
    import resource  # late: there is none on Windows

    limits = {
        resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: MAX_FILE, resource.RLIMIT_CPU: MAX_CPU,
        resource.RLIMIT_DATA: MAX_DATA,
    }  # fmt: skip
    for kind, limit in limits.items():
        hard = resource.getrlimit(kind)[1]
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (limit, limit))


class _Worker:
    def __init__(self, folder: Path, given: dict[str, Any]) -> None:
        self._folder = folder
        self._framework: str = given["framework"]
        self._setting = importlib.import_module(f"grader.probes.setting.on_{self._framework}")
        grader.grading = True
        self._setting.prepare()
        self._setting.reset(0)
        self._cells = Cells(given["cell_seconds"], given["all_cells_seconds"], given["skip"])

    def run(self, cells: list[tuple[str, str]]) -> None:
        """Run the cells and say so."""
        self._cells.run(cells, self._starting)
        self._starting("")
        self._write("ready", {"remarks": _text([*self._cells.remarks, *self._setting.remarks()])})

    def _starting(self, place: str) -> None:
        """Leave a note of the statement that runs, should it end the process."""
        (self._folder / "place").write_text(place, encoding="utf-8")

    def serve(self, requests: Any) -> None:
        """Answer each request."""
        for line in requests:
            asked = json.loads(line)
            path = self._folder / f"request-{asked['number']}.npz"
            with np.load(path, allow_pickle=False) as arrays:
                request = asked["request"] | dict(arrays)
            path.unlink()
            beside = {name: self._cells.definitions.get(function) for name, function in asked["companions"].items()}
            answer = self._answer(asked["function"], asked["probe"], request | {"companions": beside})
            remarks = {"remarks": _text([*self._cells.remarks, *self._setting.remarks()])}
            try:
                self._write(f"answer-{asked['number']}", answer | remarks)
            except OSError as error:
                self._write(f"answer-{asked['number']}", failure.write("oversized", message=str(error.strerror)))

    def _answer(self, name: str, probe: str, request: dict[str, Any]) -> Arrays:
        function = self._cells.definitions.get(name)
        if function is None:
            return failure.write("missing", message=self._why_missing(name))
        try:
            sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION))  # a notebook may have lowered it
            self._setting.reset(int(request.get("seed", 0)) % 2**31)
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")  # a notebook may have turned warnings into errors
                found = probes.run(self._framework, probe, function, request)
            return {key: np.asarray(value) for key, value in found.items()}
        except probes.StudentError as error:
            return failure.write(**probes.fields(error))
        except SystemExit:
            return failure.write("died", phase="answering", message="it called `exit()`")
        except Exception as error:  # a probe's own failure: a fault of the grader
            return failure.write("fault", type=type(error).__name__, message=f"{type(error).__name__}: {error}")
        except BaseException as error:  # KeyboardInterrupt and the like: of the student's making
            return failure.write("died", phase="answering", message=f"it raised `{type(error).__name__}`")

    def _why_missing(self, name: str) -> str:
        if name in self._cells.overwritten:
            return (
                f"the name `{name}` is bound to {self._cells.overwritten[name]}, not to a function or class of your own"
            )
        for place, text in self._cells.unparsed:
            if name in text:
                return f"none that counts, as {place} is no valid Python"
        return ""

    def _write(self, name: str, arrays: Arrays) -> None:
        aside = self._folder / f".{name}.npz"
        np.savez(aside, **arrays)  # type: ignore[arg-type]  # numpy's stub takes the names for its own option
        aside.rename(self._folder / f"{name}.npz")


def _text(lines: list[str]) -> np.ndarray:
    return np.frombuffer(json.dumps([line[:300] for line in lines[:20]]).encode(), dtype=np.uint8)


if __name__ == "__main__":
    main()

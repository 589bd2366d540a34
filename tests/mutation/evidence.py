"""Evidence of the bank on disk: asked for once beside PyTorch, judged as often as one likes without it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from grader import rounds, run
from grader.checks.thresholds import threshold
from grader.result import Report
from grader.spec import Check, Evidence, Question, Request
from grader.specs import question
from tests.bank import Entry
from tests.bank.grading import asking, shortened

ROOT = Path(__file__).parent.parent.parent
FRAMEWORK = "torch"


@dataclass(frozen=True)
class Passage:
    """What judging an entry's evidence took: CPU seconds, the functions of `grader` that ran, and the verdict."""

    seconds: float
    functions: tuple[str, ...]  # "grader/checks/departure.py:17", by file and first line
    verdict: dict[str, Any]  # of `Report.to_dict`


def record(entry: Entry, folder: Path) -> None:
    """Grade an entry, keep its evidence, and what judging that again took; raises ValueError if the verdict differs."""
    asked: dict[str, np.ndarray] = {}
    ask = asking(entry.source(FRAMEWORK), FRAMEWORK)

    def asking_and_keeping(question: Question, check: Check, request: Request) -> Evidence:
        evidence = ask(question, check, request)
        asked.update({f"{question.name} {check.name} {name}": array for name, array in evidence.items()})
        return evidence

    report = judge(entry, asking_and_keeping)
    path = _path(entry, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **asked)  # type: ignore[arg-type]
    ran: set[str] = set()
    before = time.process_time()
    with _noting(ran):
        again = replay(entry, folder)
    if again.to_dict() != report.to_dict():
        raise ValueError(f"{entry.name} is judged differently when its evidence is read again")
    passage = Passage(time.process_time() - before, tuple(sorted(ran)), again.to_dict())
    path.with_suffix(".json").write_text(json.dumps(asdict(passage)), encoding="utf-8")


def replay(entry: Entry, folder: Path) -> Report:
    """Judge an entry's recorded evidence with the grader as it is now."""
    with np.load(_path(entry, folder)) as recorded:

        def ask(question: Question, check: Check, request: Request) -> Evidence:
            start = f"{question.name} {check.name} "
            return {name.removeprefix(start): recorded[name] for name in recorded.files if name.startswith(start)}

        return judge(entry, ask)


def passage(entry: Entry, folder: Path) -> Passage:
    """What was noted of an entry when it was recorded."""
    noted = json.loads(_path(entry, folder).with_suffix(".json").read_text(encoding="utf-8"))
    return Passage(noted["seconds"], tuple(noted["functions"]), noted["verdict"])


def judge(entry: Entry, ask: run.Ask) -> Report:
    """The report on an entry's question, and on those that an honest variant touches, under the public seed."""
    chosen = shortened(question(entry.question)[0], entry.requests)
    asked = list(dict.fromkeys((entry.question, *entry.touches)))
    return run.grade_with(ask, chosen, FRAMEWORK, rounds.seed(chosen.name), questions=asked)


def recorded(entry: Entry, folder: Path) -> bool:
    """Whether an entry's evidence is there, complete."""
    return _path(entry, folder).with_suffix(".json").exists()


def _path(entry: Entry, folder: Path) -> Path:
    return folder / entry.assignment / f"{entry.name}.npz"


@contextmanager
def _noting(ran: set[str]) -> Iterator[None]:
    """Note which functions of the grader begin; what they remembered of other entries is forgotten first."""
    threshold.cache_clear()
    start = f"{ROOT / 'grader'}/"

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(start):
            ran.add(f"{code.co_filename.removeprefix(f'{ROOT}/')}:{code.co_firstlineno}")

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)

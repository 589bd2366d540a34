"""Trials: one entry graded under one seed. They are kept on disk, so that an interrupted run goes on where it was."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from grader import rounds
from grader.result import Complaint, QuestionReport, Report, Status
from tests.bank import Entry
from tests.bank.grading import grade
from tests.bank.judging import MUTANTS, VARIANTS, existing
from tests.bank.report.stale import digest
from tests.bank.turns import AT_ONCE

FOLDER = Path(__file__).parent.parent / "figures"
PUBLIC = "public"
_CONSEQUENCES = ("not counted", "not tried")  # of a check that had nothing to judge


@dataclass(frozen=True)
class Trial:
    """What grading an entry under a seed gave; all fields are text, as on disk."""

    entry: str
    seed: str
    digest: str
    points: str
    most: str
    broken: str  # "broken" when a judge failed itself
    failed: str  # the checks that found something themselves, in order
    expected: str
    got: str
    fix: str
    mistake: str
    seconds: str

    @property
    def full(self) -> bool:
        """Whether it reached full marks, without any fault of the grader."""
        return not self.broken and float(self.points) >= float(self.most) and not self.failed

    @property
    def killed(self) -> bool:
        """Whether it lost points, and by no fault of the grader."""
        return not self.broken and float(self.points) < float(self.most)

    def names_it(self, entry: Entry) -> bool:
        """Whether the first complaint holds the words and the mistake that the entry must get."""
        words = f"{self.expected} | {self.got} | {self.fix}"
        return entry.says in words and entry.mistake in ("", self.mistake)


def seeds(secrets: int) -> list[str]:
    """The names of the public seed and of so many secret ones."""
    return [PUBLIC, *(f"secret{number}" for number in range(1, secrets + 1))]


def chosen(assignments: Iterable[str]) -> list[Entry]:
    """The bank's entries of some assignments."""
    return [entry for entry in (*MUTANTS, *VARIANTS) if entry.assignment in assignments]


def measure(framework: str, assignments: list[str], secrets: int) -> bool:
    """Run what one process takes of the trials that are missing, seed by seed; whether none is missing then."""
    done = read(framework)
    missing = [
        (entry, seed)
        for seed in seeds(secrets)
        for entry in existing(chosen(assignments), framework)
        if current(done, entry, framework, seed) is None
    ]
    started = time.monotonic()
    for number, (entry, seed) in enumerate(missing[:AT_ONCE], 1):
        trial = _run(entry, framework, seed)
        _append(framework, trial)
        left = (time.monotonic() - started) / number * (len(missing) - number)
        verdict = "full marks" if trial.full else trial.broken or f"{trial.points} of {trial.most}"
        print(f"{framework} {number}/{len(missing)} {entry.name} {seed}: {verdict}, {left:.0f} s left", flush=True)
    return len(missing) <= AT_ONCE


def current(done: dict[tuple[str, str], Trial], entry: Entry, framework: str, seed: str) -> Trial | None:
    """The trial of an entry under a seed, None where it wasn't run or something has changed since.

    Where the environment says SKIPGRADE_BANK=keep, a change of the grader alone doesn't matter.
    """
    trial, wanted = done.get((entry.name, seed)), digest(entry, framework)
    if os.environ.get("SKIPGRADE_BANK") == "keep":
        wanted = wanted.partition("-")[0]
    return trial if trial is not None and trial.digest.startswith(wanted) else None


def read(framework: str) -> dict[tuple[str, str], Trial]:
    """All trials on disk by entry and seed, the latest of each; a line that a kill cut short is left out."""
    path = FOLDER / f"{framework}.csv"
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.reader(lines) if len(row) == len(fields(Trial))]
    return {(row[0], row[1]): Trial(*row) for row in rows}


def _append(framework: str, trial: Trial) -> None:
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{framework}.csv"
    torn = path.exists() and not path.read_bytes().endswith(b"\n")
    with path.open("a", newline="", encoding="utf-8") as lines:
        lines.write("\n" * torn)
        csv.writer(lines, lineterminator="\n").writerow(asdict(trial).values())


def noted(judge: Callable[[Entry, str], Report], entry: Entry, framework: str) -> None:
    """Judge an entry under the public seed; where the environment says SKIPGRADE_BANK=note, keep it as a trial."""
    before = time.process_time()
    report = judge(entry, framework)
    if os.environ.get("SKIPGRADE_BANK") == "note":
        _append(framework, trial_of(entry, framework, PUBLIC, report, time.process_time() - before))


def graded(entry: Entry, framework: str, seed: str) -> Report:
    """The report on an entry's question, and on those that it touches, under the seed of a name."""
    questions = list(dict.fromkeys((entry.question, *entry.touches)))
    round_seed = rounds.seed(entry.assignment, seed, b"" if seed == PUBLIC else seed.encode())
    return grade(entry.source(framework), framework, questions, requests=entry.requests, seed=round_seed)


def _run(entry: Entry, framework: str, seed: str) -> Trial:
    before = time.process_time()
    report = graded(entry, framework, seed)
    return trial_of(entry, framework, seed, report, time.process_time() - before)


def trial_of(entry: Entry, framework: str, seed: str, report: Report, seconds: float) -> Trial:
    """What stands on disk of a report on an entry under a seed; `seconds` are the CPU's."""
    complaint = next((found.first_complaint for found in report.questions if found.first_complaint), None)
    words = complaint or Complaint("", "", "")
    return Trial(
        entry.name, seed, digest(entry, framework), f"{report.points:g}", f"{report.max_points:g}",
        "broken" if any(found.broken for found in report.questions) else "",
        " ".join(name for found in report.questions for name in _found(found)),
        words.expected, words.got, words.fix, words.mistake, f"{seconds:.2f}",
    )  # fmt: skip


def _found(question: QuestionReport) -> list[str]:
    """The checks of a question that found something themselves."""
    return [
        result.check
        for result in question.results
        if result.status is not Status.PASSED and result.complaint and result.complaint.got not in _CONSEQUENCES
    ]

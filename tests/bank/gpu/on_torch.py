"""`python -m tests.bank.gpu.on_torch FILE`: every entry of the bank as a student's kernel with a GPU grades it.

Under the public seed each report must be the CPU's, byte for byte; under secret seeds every entry must keep its verdict.
Gradings run side by side and are kept in FILE (CSV), so that an interrupted run goes on where it was.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

import torch

from grader import rounds, run
from grader.cells import MODULE
from grader.frontends.kernel import Kernel
from grader.result import Report
from grader.specs import question
from tests.bank import Entry
from tests.bank.grading import definitions, shortened
from tests.bank.judging import MUTANTS, VARIANTS, existing
from tests.bank.report.trials import PUBLIC, seeds

ENTRIES = {entry.name: entry for entry in existing((*MUTANTS, *VARIANTS), "torch")}
Key = tuple[str, str, str]  # entry, seed, device
Row = tuple[str, str, str, str, str]  # and the verdict, and a digest of the report


def row(name: str, seed: str, device: str) -> Row:
    """Grade an entry in this process as in a kernel whose default device is `device`."""
    entry = ENTRIES[name]
    torch.set_default_device(device)
    try:
        reports = [_report(entry, each, seed) for each in dict.fromkeys((entry.question, *entry.touches))]
    finally:
        torch.set_default_device(None)
    broken = any(found.broken for report in reports for found in report.questions)
    full = all(report.points >= report.max_points for report in reports)
    text = "".join(report.to_json() for report in reports)
    return name, seed, device, "broken" if broken else "full" if full else "killed", sha256(text.encode()).hexdigest()


def _report(entry: Entry, asked: str, seed: str) -> Report:
    chosen = shortened(question(asked)[0], entry.requests)
    kernel = Kernel({"__name__": MODULE} | definitions(entry.source("torch")), question(asked)[1])
    bytes_ = rounds.seed(chosen.name, seed, b"" if seed == PUBLIC else seed.encode())
    return run.grade_with(kernel.ask, chosen, "torch", bytes_, questions=[asked])


def main() -> int:
    """Grade what is missing until the time is up, print what came of it; 1 where a report or a verdict differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.bank.gpu.on_torch", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seeds", type=int, default=20, help="secret seeds beside the public one")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="start no grading after so many seconds")
    options = parser.parse_args()
    wanted = [(name, PUBLIC, "cpu") for name in ENTRIES]
    wanted += [(name, seed, options.device) for seed in seeds(options.seeds) for name in ENTRIES]
    done = _read(options.file)
    _grade([key for key in wanted if key not in {found[:3] for found in done}], options.file, options.seconds)
    return _tell(_read(options.file), len(wanted))


def _grade(missing: list[Key], file: Path, seconds: float) -> None:
    """Share the gradings out among processes, one for each core."""
    until, count = time.monotonic() + seconds, os.cpu_count() or 1
    context = get_context("spawn")
    parts = [context.Process(target=_part, args=(missing[first::count], file, until)) for first in range(count)]
    for part in parts:
        part.start()
    for part in parts:
        part.join()


def _part(missing: list[Key], file: Path, until: float) -> None:
    """Grade one entry after another until the time is up; a row is short enough to be appended in one piece."""
    for number, key in enumerate(missing, 1):
        if time.monotonic() > until:
            return
        with file.open("a", newline="", encoding="utf-8") as lines:
            csv.writer(lines, lineterminator="\n").writerow(row(*key))
        if number % 100 == 0:
            print(f"{number}/{len(missing)} of one process, {until - time.monotonic():.0f} s left", flush=True)


def _read(file: Path) -> list[Row]:
    if not file.exists():
        return []
    with file.open(newline="", encoding="utf-8") as lines:
        return [(row[0], row[1], row[2], row[3], row[4]) for row in csv.reader(lines) if len(row) == 5]


def _tell(done: list[Row], wanted: int) -> int:
    """Print how many gradings came out as they must, and the entries of those that didn't."""
    wrong = sorted(set(_differing(done)))
    print(f"{len(done)} of {wanted} gradings of {len(ENTRIES)} entries; differing: {wrong or 'none'}")
    print(f"gradings under each seed: {[sum(found[1] == seed for found in done) for seed in seeds(20)]}")
    return int(bool(wrong) or len(done) < wanted)


def _differing(done: list[Row]) -> Iterator[str]:
    """The entries with another report on the GPU than on the CPU, or with another verdict than they must get."""
    variants = {entry.name for entry in VARIANTS}
    reports = defaultdict(set)
    for name, seed, _, verdict, digest in done:
        reports[name, seed].add(digest)
        if verdict != ("full" if name in variants else "killed"):
            yield f"{name} {seed}: {verdict}"
    yield from (f"{name} {seed}: another report" for (name, seed), found in reports.items() if len(found) > 1)


if __name__ == "__main__":
    sys.exit(main())

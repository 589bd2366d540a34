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
from dataclasses import astuple, fields, replace
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
from tests.bank.report.trials import PUBLIC, Trial, seeds, trial_of

ENTRIES = {entry.name: entry for entry in existing((*MUTANTS, *VARIANTS), "torch")}
Key = tuple[str, str, str]  # entry, seed, device
Row = tuple[str, ...]  # the device, a digest of the reports, and the trial


def row(name: str, seed: str, device: str) -> Row:
    """Grade an entry in this process as in a kernel whose default device is `device`."""
    entry, before = ENTRIES[name], time.process_time()
    torch.set_default_device(device)
    try:
        reports = [_report(entry, each, seed) for each in dict.fromkeys((entry.question, *entry.touches))]
    finally:
        torch.set_default_device(None)
    text = "".join(report.to_json() for report in reports)
    whole = replace(reports[0], questions=tuple(each for report in reports for each in report.questions))
    found = trial_of(entry, "torch", seed, whole, time.process_time() - before)
    return device, sha256(text.encode()).hexdigest(), *astuple(found)


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
    done = {(found.entry, found.seed, device) for device, _, found in _read(options.file)}
    _grade([key for key in wanted if key not in done], options.file, options.seconds)
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


def _read(file: Path) -> list[tuple[str, str, Trial]]:
    """The rows on disk: the device, the digest, and the trial; a line that a kill cut short is left out."""
    if not file.exists():
        return []
    with file.open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.reader(lines) if len(row) == 2 + len(fields(Trial))]
    return [(row[0], row[1], Trial(*row[2:])) for row in rows]


def _tell(done: list[tuple[str, str, Trial]], wanted: int) -> int:
    """Print how many gradings came out as they must, and the entries of those that didn't."""
    wrong = sorted(set(_differing(done)))
    trials = [found for _, _, found in done]
    mutants = [found for found in trials if ENTRIES[found.entry].says]
    unnamed = sorted(f"{found.entry} {found.seed}" for found in mutants if not found.names_it(ENTRIES[found.entry]))
    print(f"{len(done)} of {wanted} gradings of {len(ENTRIES)} entries; differing: {wrong or 'none'}")
    print(f"of {len(mutants)} mutants' first complaints these don't name the mistake: {unnamed or 'none'}")
    print(f"gradings under each seed: {[sum(found.seed == seed for found in trials) for seed in seeds(20)]}")
    return int(bool(wrong) or len(done) < wanted)


def _differing(done: list[tuple[str, str, Trial]]) -> Iterator[str]:
    """The entries with another report on the GPU than on the CPU, or with another verdict than they must get."""
    reports = defaultdict(set)
    for _, digest, found in done:
        reports[found.entry, found.seed].add(digest)
        if not (found.killed if ENTRIES[found.entry].says else found.full):
            yield f"{found.entry} {found.seed}: {found.broken} {found.points} of {found.most}"
    yield from (f"{name} {seed}: another report" for (name, seed), digests in reports.items() if len(digests) > 1)


if __name__ == "__main__":
    sys.exit(main())

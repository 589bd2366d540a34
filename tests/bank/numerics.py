"""`make numerics`: how far right programs are from each bound of the judges, and wrong ones beyond it."""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from grader.spec import FRAMEWORKS
from tests.bank import Entry
from tests.bank.bounds import noted
from tests.bank.judging import MUTANTS, VARIANTS, existing
from tests.bank.report.stale import ROOT
from tests.bank.report.tables import NAMES
from tests.bank.report.trials import graded
from tests.bank.turns import AT_ONCE, MORE, in_turns

FOLDER = Path(__file__).parent / "figures"
SEEDS = ("public", "secret1")
PLAIN = "public, plain kernels"  # right programs once more, with other float32 code than this processor's fastest
KERNELS = {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41", "TF_ENABLE_ONEDNN_OPTS": "0"}
ENTRIES = (*MUTANTS, *VARIANTS)
Row = tuple[str, str, str, str, float]  # the entry, the seed, where, the bound, the largest share of it
_TEXT = """# Numerics

Written by `make numerics` (`python -m tests.bank.numerics`). Judges compare numbers with what the oracle, or a replay
of the student's own batches, gives, up to a bound. For each place where that happens: the largest difference that an honest
variant of the bank made there and that was let pass, and the smallest by which a mutant exceeded the bound, both as shares
of the bound: 0.01 is a hundredth of it, 30 thirty times as much. Graded were all entries, on all their nets and depths,
under the seed {seeds}. Grading has one thread always, in a student's kernel too, so the number of threads is no source of
differences. With plain kernels, the honest variants once more, under the public seed and other float32 code: PyTorch and its
oneDNN without vector instructions beyond SSE4.1, TensorFlow without oneDNN. Some places give no verdict but find out which
mistake it was.

"""
_HEAD = (
    "| place | bound | framework | right, at most | right, plain kernels | wrong, at least | mutants beyond |\n"
    + "|---" * 7 + "|\n"
)  # fmt: skip


def main() -> int:
    """Measure what is missing, in a process per framework, and write the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bank.numerics", description=__doc__)
    parser.add_argument("--here", choices=FRAMEWORKS, help=argparse.SUPPRESS)
    parser.add_argument("--plain", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--table", action="store_true", help="grade nothing, write the table from what was measured")
    options = parser.parse_args()
    if options.here:
        chosen = ((PLAIN,), VARIANTS) if options.plain else (SEEDS, ENTRIES)
        return 0 if measure(options.here, *chosen) else MORE
    for framework in () if options.table else FRAMEWORKS:
        in_turns("tests.bank.numerics", "--here", framework)
        in_turns("tests.bank.numerics", "--here", framework, "--plain", env=os.environ | KERNELS)
    (ROOT / "docs" / "numerics.md").write_text(text({framework: read(framework) for framework in FRAMEWORKS}), "utf-8")
    return 0


def measure(framework: str, seeds: Sequence[str], entries: Sequence[Entry]) -> bool:
    """Grade what one process takes of the entries that are missing, and keep what they were compared with; whether
    none is missing then.
    """
    done = {(row[0], row[1]) for row in read(framework)}
    every = [(entry, seed) for seed in seeds for entry in existing(entries, framework)]
    missing = [(entry, seed) for entry, seed in every if (entry.name, seed) not in done]
    for number, (entry, seed) in enumerate(missing[:AT_ONCE], 1):
        keep(framework, entry, seed)
        print(f"{framework} {number}/{len(missing)} {entry.name} {seed}", flush=True)
    return len(missing) <= AT_ONCE


def keep(framework: str, entry: Entry, seed: str) -> None:
    """Grade one entry under a seed, and append a row for each place, or one without a place."""
    with noted() as shares:
        report = graded(entry, framework, seed.partition(",")[0])
    if not entry.says and report.points < report.max_points:
        raise ValueError(f"{entry.name} ({framework}, {seed}) lost points")
    rows = [[entry.name, seed, *place, f"{largest(values, entry):.3g}"] for place, values in shares.items()]
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / f"numerics_{framework}.csv").open("a", newline="", encoding="utf-8") as lines:
        csv.writer(lines, lineterminator="\n").writerows(rows or [[entry.name, seed, "", "", "0"]])


def largest(values: Iterable[float], entry: Entry) -> float:
    """Of a mutant the largest share; of a right program the largest below the bound: it may be tried in several ways."""
    found = [value for value in values if value < float("inf")]
    return max((value for value in found if entry.says or value <= 1), default=0.0)


def read(framework: str) -> list[Row]:
    """All rows on disk."""
    path = FOLDER / f"numerics_{framework}.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as lines:
        return [(entry, seed, place, bound, float(share)) for entry, seed, place, bound, share in csv.reader(lines)]


def text(measured: dict[str, list[Row]]) -> str:
    """The document."""
    wrong = {entry.name for entry in MUTANTS}
    whole = [seed for seed in SEEDS if all(_whole(rows, framework, seed) for framework, rows in measured.items())]
    whole += [PLAIN] if all(_whole(rows, framework, PLAIN, VARIANTS) for framework, rows in measured.items()) else []
    measured = {framework: [row for row in rows if row[1] in whole] for framework, rows in measured.items()}
    lines = [_TEXT.format(seeds=" and ".join(f"`{seed}`" for seed in whole if seed != PLAIN) or "of none"), _HEAD]
    places = sorted({(row[2], row[3]) for rows in measured.values() for row in rows if row[2]})
    for place, bound in places:
        for framework, rows in measured.items():
            here = [row for row in rows if row[2:4] == (place, bound)]
            right, plain = (
                max((row[4] for row in here if row[0] not in wrong and (row[1] == PLAIN) == kernels), default=None)
                for kernels in (False, True)
            )
            beyond = [row[4] for row in here if row[0] in wrong and row[4] > 1]
            numbers = [_shown(right), _shown(plain), _shown(min(beyond, default=None)), str(len(beyond))]
            lines += ["| " + " | ".join([f"`{place}`", f"`{bound}`", NAMES[framework], *numbers]) + " |\n"] * bool(here)
    return "".join(lines)


def _whole(rows: list[Row], framework: str, seed: str, entries: Sequence[Entry] = ENTRIES) -> bool:
    """Whether all entries were graded under a seed."""
    return {entry.name for entry in existing(entries, framework)} <= {row[0] for row in rows if row[1] == seed}


def _shown(share: float | None) -> str:
    return "" if share is None else f"{share:.2g}"


if __name__ == "__main__":
    sys.exit(main())

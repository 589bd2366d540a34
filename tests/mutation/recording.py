"""`python -m tests.mutation.recording FOLDER [ASSIGNMENT ...]`: record what is missing of the bank's evidence."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.bank import Entry
from tests.bank.judging import BANKS, MUTANTS, VARIANTS, existing
from tests.mutation import evidence
from tests.mutation.replaying import in_turn

ASSIGNMENTS = tuple(bank.__name__.rpartition(".")[2] for bank in BANKS)


def entries(assignments: tuple[str, ...] = ASSIGNMENTS) -> list[Entry]:
    """The bank's entries of some assignments, in PyTorch."""
    return [e for e in existing((*MUTANTS, *VARIANTS), evidence.FRAMEWORK) if e.assignment in assignments]


def main(folder: Path, assignments: tuple[str, ...] = ASSIGNMENTS) -> None:
    """Record entry by entry, the questions in turn, showing each; interrupted, it goes on where it was."""
    missing = [entry for entry in in_turn(entries(assignments)) if not evidence.recorded(entry, folder)]
    for number, entry in enumerate(missing, 1):
        before = time.process_time()
        evidence.record(entry, folder)
        print(f"{number}/{len(missing)} {entry.name}: {time.process_time() - before:.1f} CPU s", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), tuple(sys.argv[2:]) or ASSIGNMENTS)

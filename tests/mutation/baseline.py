"""`python -m tests.mutation.baseline FOLDER [ASSIGNMENT ...]`: 1 where recorded evidence isn't judged as demanded."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.bank import Entry
from tests.mutation import evidence
from tests.mutation.recording import ASSIGNMENTS, entries
from tests.mutation.replaying import in_turn, wrong


def first_wrong(chosen: list[Entry], folder: Path) -> str:
    """The first of some entries whose evidence gets a verdict that the bank doesn't allow, "" where none does."""
    for entry in in_turn(chosen):
        if found := wrong(entry, evidence.replay(entry, folder)):
            return f"{entry.name}: {found}"
    return ""


if __name__ == "__main__":
    known = [e for e in entries(tuple(sys.argv[2:]) or ASSIGNMENTS) if evidence.recorded(e, Path(sys.argv[1]))]
    said = first_wrong(known, Path(sys.argv[1]))
    print(said or f"all {len(known)} verdicts are as the bank demands")
    sys.exit(1 if said or not known else 0)

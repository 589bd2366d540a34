"""`make bank`: grade every mutant and every honest variant under several seeds, and write what came of it to the docs."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from grader.spec import FRAMEWORKS
from tests.bank.judging import BANKS
from tests.bank.report import summary, tables, trials
from tests.bank.report.stale import ROOT
from tests.bank.turns import MORE, in_turns

ASSIGNMENTS = [bank.__name__.rpartition(".")[2] for bank in BANKS]


def main() -> int:
    """Run what is missing and write the tables; 1 where the bounds don't hold. Interrupted, it goes on where it was."""
    parser = argparse.ArgumentParser(prog="python -m tests.bank", description=__doc__)
    parser.add_argument("assignments", nargs="*", default=ASSIGNMENTS)
    parser.add_argument("--framework", choices=FRAMEWORKS)
    parser.add_argument("--seeds", type=int, default=5, help="secret seeds beside the public one; 0 is quick")
    parser.add_argument("--tables", action="store_true", help="grade nothing, write the tables from what was measured")
    parser.add_argument("--keep", action="store_true", help="what was measured with an older grader counts too")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)  # the process of one framework
    options = parser.parse_args()
    if options.keep:
        os.environ["SKIPGRADE_BANK"] = "keep"
    frameworks = [options.framework] if options.framework else list(FRAMEWORKS)
    for framework in frameworks:
        if options.here:
            return 0 if trials.measure(framework, options.assignments, options.seeds) else MORE
        if not options.tables:
            seeds = ("--seeds", str(options.seeds))
            in_turns("tests.bank", *options.assignments, "--framework", framework, "--here", *seeds)
    docs = ROOT / "docs"
    (docs / "mistakes.md").write_text(tables.mistakes(), encoding="utf-8")
    held = [_write(docs, options.assignments, framework, options.seeds) for framework in frameworks]
    return 0 if all(held) else 1


def _write(docs: Path, assignments: list[str], framework: str, secrets: int) -> bool:
    """Print a framework's summary, write it where it is of the whole bank, and tell whether the bounds hold."""
    found = summary.summarise(assignments, framework, secrets)
    text = tables.bank(found, secrets, framework)
    if sorted(assignments) == ASSIGNMENTS:
        (docs / f"bank-{framework}.md").write_text(text, encoding="utf-8")
    print(text.partition("\n## What went wrong")[0])
    print(*sorted(found.faults), tables.verdict(found), sep="\n")
    return found.holds


if __name__ == "__main__":
    sys.exit(main())

"""`make bank`: grade every mutant and every honest variant under several seeds, and write what came of it to the docs."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from grader.spec import FRAMEWORKS
from tests.bank.judging import BANKS
from tests.bank.report import summary, tables, trials
from tests.bank.report.stale import ROOT

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
            trials.measure(framework, options.assignments, options.seeds)
        elif not options.tables:
            command = [sys.executable, "-m", "tests.bank", *options.assignments, "--framework", framework, "--here"]
            subprocess.run([*command, "--seeds", str(options.seeds)], check=True)
    return 0 if options.here else _write(options.assignments, frameworks, options.seeds)


def _write(assignments: list[str], frameworks: list[str], secrets: int) -> int:
    """Write both documents, print the summary and give the exit code."""
    found = summary.summarise(assignments, frameworks, secrets)
    docs = ROOT / "docs"
    docs.mkdir(exist_ok=True)
    (docs / "mistakes.md").write_text(tables.mistakes(), encoding="utf-8")
    text = tables.bank(found, secrets, frameworks)
    document = docs / "bank.md"
    if sorted(assignments) == ASSIGNMENTS and not (document.exists() and _holds_more(document, frameworks)):
        document.write_text(text, encoding="utf-8")
    print(text.partition("\n## What went wrong")[0])
    print(*sorted(found.faults), tables.verdict(found), sep="\n")
    return 0 if found.holds else 1


def _holds_more(document: Path, frameworks: list[str]) -> bool:
    """Whether a document tells of a framework beside these: a part doesn't overwrite what was measured of the whole."""
    told = document.read_text(encoding="utf-8")
    return any(f"| {tables.NAMES[name]} |" in told for name in FRAMEWORKS if name not in frameworks)


if __name__ == "__main__":
    sys.exit(main())

"""The tables of `docs/bank-FRAMEWORK.md` and `docs/mistakes.md`."""

from __future__ import annotations

from grader.spec import FRAMEWORKS
from grader.specs import question
from tests.bank import Entry
from tests.bank.judging import MUTANTS
from tests.bank.report import trials
from tests.bank.report.summary import Count, Summary, Use
from tests.bank.report.trials import PUBLIC, Trial

NAMES = {"torch": "PyTorch", "keras": "Keras"}
_COUNTS = "| question | mutants killed | first complaint right | honest variants passed | seeds agree | CPU s |"
_BANK = """# What the bank measures in {framework}

Written by `make bank` (`python -m tests.bank`). Every mutant and every honest variant of `tests/bank` that exists in
{framework} is graded under the public seed and {secrets} secret ones; the numbers count gradings. *Seeds agree* counts the entries
that get the same verdict under every seed. What a student reads for each mistake stands in [mistakes.md](mistakes.md).

**{verdict}**

The bounds are: all mutants killed, all honest variants at full marks, and in 95 % of the mutants a first complaint that
holds the words stored with the mutant, and the mistake's name where it has one.

"""
_CHECKS = """
## The checks

How often a check found something in a mutant, was the first to complain, and was the only one that did. A mutant counts for
a check whatever net's depth it looked at. Checks that no mutant needs found nothing alone: they explain, or guard against
what the bank doesn't hold.

| question | check | found something | came first | alone |
|---|---|---|---|---|
"""
_MISTAKES = """# The mistakes that the grader knows, and what a student reads

Written by `make bank` from the mutants of `tests/bank`: each is an edit of a solution, graded under the public seed. The
first complaint is the one that a student reads first. Where the frameworks' complaints differ, it is PyTorch's.

"""


def bank(summary: Summary, secrets: int, framework: str) -> str:
    """The text of `docs/bank-FRAMEWORK.md`."""
    head = _BANK.format(secrets=secrets, verdict=verdict(summary), framework=NAMES[framework])
    lines = [head + _COUNTS, "|---" * 6 + "|"]
    lines += [_count_row(f"`{name}`", count) for name, count in summary.counts.items()]
    lines.append(_count_row("all", summary.total))
    text = "\n".join(lines) + "\n" + _CHECKS
    text += "".join(_use_row(name, check, use) for (name, check), use in summary.uses.items())
    if summary.faults:
        text += "\n## What went wrong\n\n" + "".join(f"- {_cell(fault)}\n" for fault in sorted(summary.faults))
    return text


def verdict(summary: Summary) -> str:
    """The whole in a sentence."""
    total = summary.total
    return (
        f"{total.killed} of {total.mutants} mutants killed, {total.right_words} with the right first complaint; "
        f"{total.passed} of {total.variants} honest variants passed; {total.agreeing} of {total.entries} entries with one "
        f"verdict under all seeds{f'; {summary.missing} gradings missing' if summary.missing else ''}: "
        f"the bounds {'hold' if summary.holds else 'do not hold'}."
    )


def _count_row(name: str, count: Count) -> str:
    return (
        f"| {name} | {count.killed} of {count.mutants} | {count.right_words} of {count.mutants} | "
        f"{count.passed} of {count.variants} | {count.agreeing} of {count.entries} | {count.seconds:.0f} |"
    )


def _use_row(name: str, check: str, use: Use) -> str:
    alone = str(use.alone) if use.alone else "**none**"
    return f"| `{name}` | `{check}` | {use.found} | {use.first if use.first else '**never**'} | {alone} |\n"


def mistakes() -> str:
    """The text of `docs/mistakes.md`, from the current trials under the public seed."""
    done = {framework: trials.read(framework) for framework in FRAMEWORKS}
    lines = [_MISTAKES.rstrip("\n")]
    asked = ""
    for entry in sorted(MUTANTS, key=lambda entry: (entry.assignment, _place(entry))):  # stable: the bank's own order
        if entry.question != asked:
            asked = entry.question
            lines += ["", f"## `{entry.assignment}`: `{asked}`", "", "| mistake | in | expected | got | advice |"]
            lines += ["|---" * 5 + "|"]
        lines.append(_mistake_row(entry, {name: found.get((entry.name, PUBLIC)) for name, found in done.items()}))
    return "\n".join(lines) + "\n"


def _place(entry: Entry) -> int:
    """Where the question stands in its assignment."""
    names = [each.name for each in question(entry.question)[0].questions]
    return names.index(entry.question)


def _mistake_row(entry: Entry, found: dict[str, Trial | None]) -> str:
    where = ", ".join(NAMES[framework] for framework in FRAMEWORKS if entry.edits(framework))
    trial = next((trial for trial in found.values() if trial is not None), None)
    words = ("not graded yet", "", "") if trial is None else (trial.expected, trial.got, trial.fix)
    return "| " + " | ".join((f"`{entry.name}`", where, *map(_cell, words))) + " |"


def _cell(text: str) -> str:
    """A text in one cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")

"""The counts over all trials: mutants killed, first complaints right, honest variants passed, checks needed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from grader.specs import question
from tests.bank import Entry
from tests.bank.report import trials
from tests.bank.report.trials import Trial


@dataclass
class Count:
    """Trials of one question."""

    mutants: int = 0
    killed: int = 0
    right_words: int = 0
    variants: int = 0
    passed: int = 0
    agreeing: int = 0  # entries with the same verdict under all seeds
    entries: int = 0
    seconds: float = 0.0

    def __add__(self, other: Count) -> Count:
        return Count(*(mine + its for mine, its in zip(vars(self).values(), vars(other).values(), strict=True)))


@dataclass
class Use:
    """How often one check found something in a mutant, was the first to, and was the only one."""

    found: int = 0
    first: int = 0
    alone: int = 0


@dataclass
class Summary:
    """All counts of one framework, and what went wrong, in words."""

    counts: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))  # by question
    uses: dict[tuple[str, str], Use] = field(default_factory=dict)  # question, check
    faults: list[str] = field(default_factory=list)
    missing: int = 0

    @property
    def total(self) -> Count:
        """The sum over all questions."""
        return sum(self.counts.values(), Count())

    @property
    def holds(self) -> bool:
        """Whether the bounds hold: 100 % killed, 100 % honest, 95 % of the first complaints right."""
        total = self.total
        complete = total.mutants > 0 and total.variants > 0 and not self.missing
        right = total.killed == total.mutants and total.passed == total.variants
        return complete and right and total.right_words >= 0.95 * total.mutants


def summarise(assignments: list[str], framework: str, secrets: int) -> Summary:
    """Count the current trials of some assignments in a framework."""
    summary = Summary()
    entries = trials.chosen(assignments)
    for name in dict.fromkeys(entry.question for entry in entries):
        for check in question(name)[1].checks:
            summary.uses[name, kind(check.name)] = Use()
    done = trials.read(framework)
    for entry in trials.existing(entries, framework):
        found = [trials.current(done, entry, framework, seed) for seed in trials.seeds(secrets)]
        summary.missing += found.count(None)
        _count(summary, entry, [trial for trial in found if trial is not None])
    return summary


def kind(check: str) -> str:
    """A check's name without the depth that it looks at."""
    return re.sub(r"_\d+$", "", check)


def _count(summary: Summary, entry: Entry, found: list[Trial]) -> None:
    count = summary.counts[entry.question]
    count.entries += 1
    count.agreeing += len({trial.full for trial in found}) <= 1
    for trial in found:
        count.seconds += float(trial.seconds)
        where = f"`{entry.name}`, seed {trial.seed}"
        said = f"{trial.points} of {trial.most}; expected {trial.expected}; got {trial.got}; {trial.fix}"
        if not entry.says:
            count.variants += 1
            count.passed += trial.full
            if not trial.full:
                summary.faults.append(f"honest, {where}: {trial.broken} {said}")
            continue
        count.mutants += 1
        count.killed += trial.killed
        count.right_words += trial.killed and trial.names_it(entry)
        if not trial.killed:
            summary.faults.append(f"not killed, {where}: {trial.broken} {said}")
        elif not trial.names_it(entry):
            summary.faults.append(f"wants “{entry.says}” {entry.mistake}, {where}: {said} {trial.mistake}")
        _use(summary.uses, entry, trial.failed.split())


def _use(uses: dict[tuple[str, str], Use], entry: Entry, failed: Iterable[str]) -> None:
    names = list(dict.fromkeys(kind(name) for name in failed))
    for number, name in enumerate(names):
        use = uses.setdefault((entry.question, name), Use())
        use.found += 1
        use.first += number == 0
        use.alone += len(names) == 1

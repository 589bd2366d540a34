"""`docs/judges.md`: the score of the judges under mutation, and the survivors worth a look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tests.mutation.survivors import Group

_TEXT = """# How the judges stand mutation

Written by `make mutate` (`python -m tests.mutation`). [cosmic-ray](https://github.com/sixty-north/cosmic-ray) changes
one place of `grader/checks`, `grader/run.py` or `grader/judging.py` at a time: a comparison, a number, an operator, a
loop. The evidence of {entries} of the bank's {bank} entries that exist in PyTorch (`tests/bank`; the public seed) was
recorded once, so that a changed judge is tried without a framework: on every entry whose judging runs the function
that holds the change. It is *killed* when a verdict is no longer what the bank demands (a mutant of a solution loses
points, and its first complaint holds the words and names the mistake that are stored with it; an honest variant
reaches full marks), or when a quick unit test fails.

Left out are changes of texts, of annotations and of arguments of a complaint, `requests.py` and `looking/nets.py`
(they draw inputs and judge nothing), and more than two changes of one place. Of {listed} mutants that cosmic-ray
lists, {worthwhile} are left; a random sample of {tried}, at commit {commit} with seed {seed}, gave:

**{killed} of {reached} were killed; weighted by how many mutants each module has, {score:.0f} %.** No recorded evidence
runs the function of the other {unreached}.

| module | mutants left | tried | killed | not reached |
|---|---|---|---|---|
{rows}

## What survived

{changed} Each is shown by the words around its edit.
"""


@dataclass(frozen=True)
class Outcome:
    """What came of one mutant."""

    module: str
    name: str
    killed: bool
    said: str  # what the last replay printed

    @property
    def unreached(self) -> bool:
        """Whether it lies in a function that no recorded evidence passes through, and no unit test kills it."""
        return not self.killed and self.said.startswith("of 0 verdicts")


def document(outcomes: list[Outcome], worthwhile: dict[str, int], about: dict[str, object], found: list[Group]) -> str:
    """The document, but for the holes that were closed."""
    modules = sorted({outcome.module for outcome in outcomes})
    rows = [(name, worthwhile[name], *_counts(each for each in outcomes if each.module == name)) for name in modules]
    known = sum(worth for _, worth, tried, _, unreached in rows if tried > unreached)
    shares = (worth * killed / (tried - unreached) for _, worth, tried, killed, unreached in rows if tried > unreached)
    tried, killed, unreached = _counts(outcomes)
    text = _TEXT.format(
        **about, worthwhile=sum(worthwhile.values()), tried=tried, killed=killed, unreached=unreached,
        reached=tried - unreached, score=100 * sum(shares) / max(known, 1), changed=_changed(outcomes),
        rows="\n".join(f"| `{name}` | {' | '.join(map(str, numbers))} |" for name, *numbers in rows),
    )  # fmt: skip
    return text + "".join(_group(group) for group in found)


def _counts(outcomes: Iterable[Outcome]) -> tuple[int, int, int]:
    """How many were tried, how many of them killed, and how many no recorded evidence reaches."""
    each = list(outcomes)
    return len(each), sum(outcome.killed for outcome in each), sum(outcome.unreached for outcome in each)


def _changed(outcomes: list[Outcome]) -> str:
    """How many survivors change a verdict of the bank without making it a wrong one."""
    alive = [outcome for outcome in outcomes if not outcome.killed and not outcome.unreached]
    points = sum(" in points" in outcome.said for outcome in alive)
    words = sum(" in words" in outcome.said and " in points" not in outcome.said for outcome in alive)
    return (
        f"Of the survivors that are reached, {points} changed the points of an entry that loses points all the same, "
        f"{words} only words that the bank doesn't ask for, {len(alive) - points - words} no verdict at all."
    )


def _group(group: Group) -> str:
    names = "\n".join(f"- {name}" for name in group.mutants)
    return f"\n### {group.title}\n\n{group.why}\n\n{names}\n"


def closed(holes: list[str]) -> str:
    """The section on holes that survivors showed and that were closed."""
    listed = "\n".join(f"- {hole}" for hole in holes)
    shown = "The run, or a look at what its survivors had in common, showed them."
    return f"\n## Holes that were closed\n\n{shown}\n\n{listed}\n"

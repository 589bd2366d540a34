"""`docs/judges.md`: the score of the judges under mutation, and the survivors worth a look."""

from __future__ import annotations

from collections import defaultdict
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

**{killed} of {tried} were killed; weighted by how many mutants each module has, {score:.0f} %.**

| module | worth trying | tried | killed |
|---|---|---|---|
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


def document(outcomes: list[Outcome], worthwhile: dict[str, int], about: dict[str, object], found: list[Group]) -> str:
    """The whole document."""
    tried, killed = _counts(outcomes)
    rows = [f"| `{name}` | {worthwhile[name]} | {tried[name]} | {killed[name]} |" for name in sorted(tried)]
    known = sum(worthwhile[name] for name in tried)
    score = 100 * sum(worthwhile[name] * killed[name] / tried[name] for name in tried) / max(known, 1)
    text = _TEXT.format(
        **about, worthwhile=sum(worthwhile.values()), tried=len(outcomes), killed=sum(killed.values()), score=score,
        rows="\n".join(rows), changed=_changed(outcomes),
    )  # fmt: skip
    return text + "".join(_group(group) for group in found)


def _counts(outcomes: Iterable[Outcome]) -> tuple[dict[str, int], dict[str, int]]:
    tried: dict[str, int] = defaultdict(int)
    killed: dict[str, int] = defaultdict(int)
    for outcome in outcomes:
        tried[outcome.module] += 1
        killed[outcome.module] += outcome.killed
    return tried, killed


def _changed(outcomes: list[Outcome]) -> str:
    """How many survivors change a verdict of the bank without making it a wrong one."""
    alive = [outcome for outcome in outcomes if not outcome.killed]
    points = sum(" in points" in outcome.said for outcome in alive)
    words = sum(" in words" in outcome.said and " in points" not in outcome.said for outcome in alive)
    return (
        f"{len(alive)} mutants survived: {points} changed the points of an entry that loses points all "
        f"the same, {words} only words that the bank doesn't ask for, {len(alive) - points - words} no verdict at all."
    )


def _group(group: Group) -> str:
    names = "\n".join(f"- {name}" for name in group.mutants)
    return f"\n### {group.title}\n\n{group.why}\n\n{names}\n"

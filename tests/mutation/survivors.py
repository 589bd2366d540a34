"""What survived, by the words around each edit, and what a person said of it in `survivors.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

JUDGED = Path(__file__).parent / "survivors.toml"
AROUND = 30  # letters of the line on either side of an edit


@dataclass(frozen=True)
class Group:
    """Survivors of one kind, and why they survive."""

    title: str
    why: str
    mutants: tuple[str, ...]


def groups(path: Path = JUDGED) -> list[Group]:
    """The groups that a person has made of the survivors."""
    found = tomllib.loads(path.read_text(encoding="utf-8"))["group"]
    return [Group(group["title"], group["why"], tuple(group["mutants"])) for group in found]


def closed(path: Path = JUDGED) -> list[str]:
    """Holes that survivors showed and that were closed, in words."""
    found: list[str] = tomllib.loads(path.read_text(encoding="utf-8"))["closed"]
    return found


def grouped(names: Iterable[str], known: list[Group]) -> list[Group]:
    """The survivors in their groups; those that nobody has looked at come last, in one of their own."""
    left = sorted(names)
    found = [Group(each.title, each.why, tuple(name for name in left if name in each.mutants)) for each in known]
    unknown = tuple(name for name in left if not any(name in each.mutants for each in known))
    found.append(Group("Not looked at yet", "Nobody has said what these are.", unknown))
    return [group for group in found if group.mutants]


def name(module: str, function: str, diff: str) -> str:
    """A mutant by its place and the words around its edit: "checks/study.py, fit: `rows < 2` -> `rows <= 2`"."""
    lines = diff.splitlines()
    before, after = (_only(lines, sign) for sign in "-+")
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    first = max(0, _word(before, start) - AROUND)
    shown = [_shortened(line, first, len(line) - end + AROUND) for line in (before, after)]
    return f"{module.removeprefix('grader/')}, {function or 'module'}: {' -> '.join(shown)}"


def _only(lines: list[str], sign: str) -> str:
    """The changed lines of one side of a diff, as one."""
    found = [line[1:].strip() for line in lines if re.match(rf"\{sign}(?!\{sign}\{sign})", line)]
    return " ".join(found)


def _alike(one: str, other: str) -> int:
    """How many letters two lines begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (mine, its) in pairs if mine != its), min(len(one), len(other)))


def _word(line: str, place: int) -> int:
    """Where the word begins in which a place lies."""
    return place - len(re.search(r"[\w.]*$", line[:place]).group())  # type: ignore[union-attr]


def _shortened(line: str, first: int, last: int) -> str:
    cut = line[first:last].strip().replace("`", "'")
    return f"`{'…' * (first > 0)}{cut}{'…' * (last < len(line))}`" if cut else "nothing"

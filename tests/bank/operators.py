"""Mutants made mechanically: every first-order edit of a solution's answer cells that the operators know."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from grader.specs import assignment
from tests.bank import SOLUTIONS
from tests.bank.edits import edits


@dataclass(frozen=True)
class Mechanical:
    """One edit of a solution; its name says where and what, and stays the same while the lesson around it changes."""

    name: str
    question: str
    source: str


def mutants(name: str, framework: str) -> Iterator[Mechanical]:
    """All mutants of a solution's answer cells, each source once."""
    text = (SOLUTIONS / name / f"on_{framework}.py").read_text(encoding="utf-8")
    for question in assignment(name).questions:
        start = text.index(f"# QUESTION {question.name}\n")
        end = text.index("\n# %%", start)
        cell, seen, named = text[start:end], {text}, Counter[str]()
        for function, node, new in edits(ast.parse(cell)):
            changed = _replaced(cell, node, new)
            edited = text[:start] + changed + text[end:]
            if edited not in seen and _is_python(changed):
                seen.add(edited)
                what = f"{question.name} {function}: {_difference(cell, changed)}"
                named[what] += 1
                yield Mechanical(f"{what} #{named[what]}", question.name, edited)


def _is_python(cell: str) -> bool:
    try:
        ast.parse(cell)
    except SyntaxError:
        return False
    return True


def _difference(old: str, new: str) -> str:
    """What changed in a cell, with the words around it."""
    before = _alike(old, new)
    after = _alike(old[before:][::-1], new[before:][::-1])
    first, last = old.rfind("\n", 0, max(before - 30, 0)) + 1, len(old) - old.find("\n", len(old) - after)
    first = max(first, before - 40)
    ends = [" ".join(text[first : len(text) - min(last, after)].split()) for text in (old, new)]
    return " -> ".join(end if len(end) <= 160 else f"{end[:80]} ... {end[-80:]}" for end in ends)


def _alike(first: str, second: str) -> int:
    """How many letters two texts begin with alike."""
    pairs = zip(first, second, strict=False)
    return next((number for number, (one, other) in enumerate(pairs) if one != other), min(len(first), len(second)))


def _replaced(cell: str, node: ast.AST, new: str) -> str:
    """The cell, which is plain ASCII, with other text in place of a node."""
    lines = cell.splitlines(keepends=True)
    first = sum(map(len, lines[: node.lineno - 1])) + node.col_offset  # type: ignore[attr-defined]
    last = sum(map(len, lines[: node.end_lineno - 1])) + node.end_col_offset  # type: ignore[attr-defined]
    return cell[:first] + new + cell[last:]

"""Recorded evidence judged again: what the bank demands of a verdict, and which entries a line of a judge concerns."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path
from typing import Any

from grader.result import Report
from tests.bank import Entry
from tests.mutation import evidence
from tests.mutation.evidence import Passage


def wrong(entry: Entry, report: Report) -> str:
    """What of a verdict the bank doesn't allow, "" where all is as demanded."""
    complaint = next((found.first_complaint for found in report.questions if found.first_complaint), None)
    if any(found.broken for found in report.questions):
        return "a fault of the grader"
    if not entry.says:
        return "" if complaint is None and report.points == report.max_points else f"an honest variant: {complaint}"
    if complaint is None or report.points >= report.max_points:
        return "a mutant at full marks"
    words = f"{complaint.expected} | {complaint.got} | {complaint.fix}"
    return "" if entry.says in words and entry.mistake in ("", complaint.mistake) else f"other words: {words}"


def function_at(path: Path, line: int) -> int:
    """The first line of the innermost function that a line belongs to, decorators included; 0 outside of all."""
    found = 0
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if first <= line <= (node.end_lineno or 0):
                found = max(found, first)
    return found


def concerned(passages: dict[str, Passage], module: str, line: int) -> list[str]:
    """The entries whose judging runs the function at a line of a module; of what runs at import, those that use it."""
    within = f"{module}:{function_at(evidence.ROOT / module, line)}"
    names = [name for name, passage in passages.items() if within in passage.functions]
    return names or [
        name
        for name, passage in passages.items()
        if any(function.startswith(f"{module}:") for function in passage.functions)
    ]


def in_turn(entries: Iterable[Entry]) -> list[Entry]:
    """Entries ordered so that questions, and within them mutants and variants, take turns: a kill comes early."""
    groups: dict[tuple[str, bool], list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.question, bool(entry.says)].append(entry)
    return [entry for turn in zip_longest(*groups.values()) for entry in turn if entry is not None]


def change(before: dict[str, Any], after: dict[str, Any]) -> str:
    """What differs between two verdicts that the bank allows: "points", "words" or nothing."""
    if before["questions"] == after["questions"]:
        return ""
    return "words" if _points(before) == _points(after) else "points"


def _points(verdict: dict[str, Any]) -> list[tuple[str, str, float]]:
    results = [result for question in verdict["questions"] for result in question["results"]]
    return [(result["check"], result["status"], result["points"]) for result in results]

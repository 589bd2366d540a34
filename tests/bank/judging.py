"""What the bank asks of the grader, once for both frameworks and all assignments."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from grader.result import Report
from grader.spec import FRAMEWORKS
from tests.bank import Entry
from tests.bank.grading import grade

BANKS = tuple(
    importlib.import_module(f"tests.bank.{path.parent.name}")
    for path in sorted(Path(__file__).parent.glob("a[0-9]*/__init__.py"))
)
MUTANTS: tuple[Entry, ...] = tuple(entry for bank in BANKS for entry in bank.MUTANTS)
VARIANTS: tuple[Entry, ...] = tuple(entry for bank in BANKS for entry in bank.VARIANTS)


def existing(entries: Iterable[Entry], framework: str) -> list[Entry]:
    """The entries that exist in a framework."""
    return [entry for entry in entries if entry.edits(framework)]


def in_two_lanes(entries: Iterable[Entry], framework: str) -> list[Any]:
    """The entries of a framework; of those that the other one has too, one of eight is in the fast lane."""
    return [
        pytest.param(entry, marks=[pytest.mark.slow] if _in_both(entry) and number % 8 else [])
        for number, entry in enumerate(entries)
        if entry.edits(framework)
    ]


def _in_both(entry: Entry) -> bool:
    return all(entry.edits(framework) for framework in FRAMEWORKS)


def judge_mutant(entry: Entry, framework: str) -> Report:
    """Grade a mutant on its question; raises AssertionError unless it loses points with the right first complaint."""
    report = grade(entry.source(framework), framework, [entry.question], requests=entry.requests)
    question = report.questions[0]
    assert not question.broken, question.results
    assert question.points < question.max_points, f"{entry.name} reaches full marks"
    complaint = question.first_complaint
    assert complaint is not None
    words = f"{complaint.expected} | {complaint.got} | {complaint.fix}"
    assert entry.says in words, f"{entry.name}: {words}"
    if entry.mistake:
        assert complaint.mistake == entry.mistake, f"{entry.name}: recognised as {complaint.mistake!r}: {words}"
    return report


def judge_variant(entry: Entry, framework: str) -> Report:
    """Grade an honest variant on its question and those that it touches; raises AssertionError unless all is right."""
    questions = list(dict.fromkeys((entry.question, *entry.touches)))
    report = grade(entry.source(framework), framework, questions, requests=entry.requests)
    complaints = [question.first_complaint for question in report.questions if question.first_complaint]
    assert not complaints, complaints
    assert report.points == report.max_points
    return report


def name_of(entry: Entry) -> str:
    """The name of an entry as a test id."""
    return entry.name

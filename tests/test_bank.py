"""The bank as a whole: large enough, in both frameworks, and with a mutant for every mistake that is recognised."""

from __future__ import annotations

from collections import Counter

import pytest

from grader.oracle.mistakes import MISTAKES
from tests.bank import Entry
from tests.bank.judging import MUTANTS, VARIANTS, existing


def test_there_are_enough_mutants_and_variants() -> None:
    for framework, mutants, variants in (("torch", 40, 12), ("keras", 40, 12)):
        assert len(existing(MUTANTS, framework)) >= mutants
        assert len(existing(VARIANTS, framework)) >= variants


def test_names_are_unique() -> None:
    names = Counter(entry.name for entry in (*MUTANTS, *VARIANTS))
    assert [name for name, count in names.items() if count > 1] == []


def test_every_mutant_says_what_its_first_complaint_must_hold() -> None:
    assert [entry.name for entry in MUTANTS if not entry.says] == []


def test_every_known_mistake_has_a_mutant_that_it_recognises() -> None:
    recognised = {entry.mistake for entry in MUTANTS}
    assert sorted(set(MISTAKES) - recognised) == []
    of_nets = {entry.mistake for entry in MUTANTS if entry.assignment == "a2_resnet"}  # other judges name their own
    assert sorted(of_nets - set(MISTAKES) - {""}) == []


def test_an_edit_that_finds_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="doesn't hold"):
        Entry("typo", "basic_block", torch=(("no such text", ""),)).source("torch")

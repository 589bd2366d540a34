"""The report of the bank: its bounds hold only where everything was graded as it deserves."""

from __future__ import annotations

from pathlib import Path

from tests.bank.judging import MUTANTS
from tests.bank.report.summary import Count, Summary
from tests.bank.report.trials import Trial

MISTAKES = Path(__file__).parent.parent / "docs" / "mistakes.md"


def test_the_bounds_need_every_mutant_and_every_variant_and_95_of_100_complaints() -> None:
    def summary(**numbers: int) -> Summary:
        right = {"mutants": 100, "killed": 100, "right_words": 95, "variants": 9, "passed": 9}
        return Summary(counts={"basic_block": Count(**(right | numbers))})

    assert summary().holds
    for worse in ({"killed": 99}, {"right_words": 94}, {"passed": 8}, {"mutants": 0, "killed": 0, "right_words": 0}):
        assert not summary(**worse).holds
    assert not Summary().holds


def test_a_fault_of_the_grader_neither_kills_nor_passes() -> None:
    broken = Trial("m", "public", "", "0", "5", "broken", "shape", "", "", "", "", "0")
    assert not broken.killed
    assert not Trial("m", "public", "", "5", "5", "broken", "", "", "", "", "", "0").full


def test_the_table_of_mistakes_has_the_bank_s_mutants_and_the_words_that_each_must_get() -> None:
    lines = [line for line in MISTAKES.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    rows = {line.split("`")[1]: " | ".join(line.replace("\\|", "/").split(" | ")[2:]) for line in lines}
    assert rows.keys() == {entry.name for entry in MUTANTS}
    assert len(lines) == len(rows)
    for entry in MUTANTS:
        assert " ".join(entry.says.split()) in rows[entry.name], entry.name

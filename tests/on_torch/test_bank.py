"""The bank in PyTorch: each mutant dies with the right words, each honest variant lives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bank import Entry, styles
from tests.bank.gpu.on_torch import row
from tests.bank.judging import MUTANTS, VARIANTS, existing, judge_mutant, judge_variant, name_of
from tests.bank.report.trials import Trial, noted


@pytest.mark.parametrize("mutant", existing(MUTANTS, "torch"), ids=name_of)
def test_a_mutant_dies_with_the_right_complaint(mutant: Entry) -> None:
    noted(judge_mutant, mutant, "torch")


@pytest.mark.parametrize("variant", existing(VARIANTS, "torch"), ids=name_of)
def test_an_honest_variant_reaches_full_marks(variant: Entry) -> None:
    noted(judge_variant, variant, "torch")


@pytest.mark.parametrize("path", styles.paths("torch"), ids=styles.name_of)
def test_an_unusual_style_reaches_full_marks(path: Path) -> None:
    styles.judge_style(path, "torch")


@pytest.mark.parametrize(("name", "full"), [("layer_with_bias", True), ("layer_gelu", False)])
def test_a_kernel_grades_an_entry_as_the_bank_does(name: str, full: bool) -> None:
    device, digest, *rest = row(name, "public", "cpu")
    found = Trial(*rest)
    assert (device, found.entry, found.seed, len(digest)) == ("cpu", name, "public", 64)
    assert (found.full, found.killed) == (full, not full)
    assert full or found.mistake == "gelu"

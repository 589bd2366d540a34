"""The bank in Keras: each mutant dies with the right words, each honest variant lives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bank import Entry, styles
from tests.bank.judging import MUTANTS, VARIANTS, in_two_lanes, judge_mutant, judge_variant, name_of
from tests.bank.report.trials import noted


@pytest.mark.parametrize("mutant", in_two_lanes(MUTANTS, "keras"), ids=name_of)
def test_a_mutant_dies_with_the_right_complaint(mutant: Entry) -> None:
    noted(judge_mutant, mutant, "keras")


@pytest.mark.parametrize("variant", in_two_lanes(VARIANTS, "keras"), ids=name_of)
def test_an_honest_variant_reaches_full_marks(variant: Entry) -> None:
    noted(judge_variant, variant, "keras")


@pytest.mark.parametrize("path", styles.paths("keras"), ids=styles.name_of)
def test_an_unusual_style_reaches_full_marks(path: Path) -> None:
    styles.judge_style(path, "keras")

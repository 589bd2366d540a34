"""What is compared with the judges' bounds is noted, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest

from grader.checks import comparing
from tests.bank.bounds import Bound, noted
from tests.bank.grading import grade
from tests.bank.judging import MUTANTS, VARIANTS
from tests.bank.numerics import largest

PLACE = ("equality.evaluation", "SHARP_TOLERANCE")
RIGHT = next(entry for entry in VARIANTS if entry.name == "own_norm")
WRONG = next(entry for entry in MUTANTS if entry.name == "no_relu_between_and_skip_subtracted")


def test_a_bound_compares_as_its_number_does_and_notes_shares_of_it():
    shares: dict = {}
    bound = Bound(0.5, "TOLERANCE", shares)
    small, equal, nothing, twice = 0.25, 0.5, float("nan"), 1.0
    assert small < bound
    assert not equal < bound
    assert not nothing < bound
    assert twice <= 2 * bound
    assert (np.array([0.1, 0.4]) < bound).all()
    with pytest.raises(TypeError):  # several bounds at once could not be noted: a judge compares shares
        bound * np.ones(2)
    (values,) = shares.values()
    np.testing.assert_equal(values, [0.5, 1, np.nan, 1, 0.8])


def test_a_right_program_stays_below_and_a_wrong_one_does_not():
    for entry in (RIGHT, WRONG):
        plain = grade(entry.source("torch"), "torch", [entry.question], requests=1)
        with noted() as shares:
            assert grade(entry.source("torch"), "torch", [entry.question], requests=1).to_json() == plain.to_json()
        assert (largest(shares[PLACE], entry) < 0.1) == (entry is RIGHT)
        assert (max(shares[PLACE]) > 1) == (entry is WRONG)
    assert type(comparing.TOLERANCE) is float

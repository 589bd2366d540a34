"""Solutions composed at random reach full marks, in Keras."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from tests.bank.composing import Choices, choices, in_keras, judge

SOME = settings(max_examples=6, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)


@SOME
@given(choices(in_keras.MORE))
def test_a_composed_solution_reaches_full_marks(chosen: Choices) -> None:
    judge(in_keras.source(chosen), "keras", requests=1)


@pytest.mark.slow
@settings(SOME, max_examples=60, derandomize=False)
@given(choices(in_keras.MORE))
def test_many_composed_solutions_reach_full_marks(chosen: Choices) -> None:
    judge(in_keras.source(chosen), "keras", requests=3)

"""Right programs stay far below the bounds of the judges, in PyTorch."""

from __future__ import annotations

import pytest

from tests.bank import Entry
from tests.bank.a2_resnet.measuring import RIGHT, judge_right_program
from tests.bank.judging import name_of


@pytest.mark.parametrize("entry", RIGHT, ids=name_of)
def test_a_right_program_is_far_below_the_bounds(entry: Entry) -> None:
    judge_right_program(entry, "torch")

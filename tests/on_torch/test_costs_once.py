"""A mistake costs once: nets built from a mistaken block keep their points, in PyTorch."""

from __future__ import annotations

import pytest

from tests.bank import Entry
from tests.bank.a2_resnet.costs_once import ONCE, judge_net_of_block
from tests.bank.judging import in_two_lanes, name_of


@pytest.mark.parametrize("mutant", in_two_lanes(ONCE, "torch"), ids=name_of)
def test_a_block_mistake_costs_nothing_in_a_net(mutant: Entry) -> None:
    judge_net_of_block(mutant, "torch")

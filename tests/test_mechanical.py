"""Mechanical mutants: the operators do what they say."""

from __future__ import annotations

import pytest

from grader.spec import FRAMEWORKS
from grader.specs import assignments
from tests.bank.operators import mutants
from tests.bank.surviving import equivalents


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_there_are_many_mutants_and_no_name_or_source_twice(framework: str) -> None:
    found = list(mutants("a2_resnet", framework))
    assert len(found) > 500
    assert len({mutant.name for mutant in found}) == len({mutant.source for mutant in found}) == len(found)
    assert {mutant.question for mutant in found} == {
        "basic_block", "bottleneck", "resnet", "cifar_resnet", "cifar_plain",
    }  # fmt: skip


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_what_is_explained_as_equivalent_is_still_a_mutant(framework: str) -> None:
    explained = equivalents(framework)
    known = {mutant.name for each in assignments() for mutant in mutants(each.name, framework)}
    assert explained
    assert explained.keys() <= known, "the solution has changed: try these again"


@pytest.mark.parametrize(
    "edited",
    [
        "        out = self.bn2(out)\n",  # a dropped call
        "nn.Conv2d(channels, in_channels, 3, stride=stride",  # swapped arguments
        "nn.Conv2d(channels, channels, 2, padding=1",  # another constant
        "stride=stride, bias=False)\n",  # a dropped argument
        "if (stride == 1) or in_channels != channels",  # another comparison
        "if (stride != 1 and in_channels != channels)",
        "if True:",
        "F.gelu(out + self.shortcut(x))",  # a near twin
        "self.bn1(self.conv2(out))",  # another layer of the same kind
        "F.relu(out + self.shortcut(out))",  # another variable
        "        pass\n        return F.relu(out + self.shortcut(x))",  # a statement left out
        "        out = self.bn2(self.conv2(out))\n        out = F.relu(self.bn1(self.conv1(x)))",  # and one moved
    ],
)
def test_each_kind_of_edit_is_made(edited: str) -> None:
    assert any(edited in mutant.source for mutant in mutants("a2_resnet", "torch"))

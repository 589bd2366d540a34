"""Block mistakes that must not cost points again in the nets that are built from the block."""

from __future__ import annotations

from tests.bank import Entry
from tests.bank.grading import grade
from tests.bank.judging import MUTANTS

# Of these a whole net has no numbers left to compare: products overflow.
HOPELESS = ("skip_multiplied", "skip_multiplied_in_bottleneck")
ONCE = tuple(
    entry
    for entry in MUTANTS
    if entry.mistake and entry.question in ("basic_block", "bottleneck") and entry.name not in HOPELESS
)


def judge_net_of_block(entry: Entry, framework: str) -> None:
    """Raise AssertionError unless the block loses points and the nets built from it lose none, with a word about it."""
    # a bottleneck comes into play at the third depth of `resnet`
    nets, requests = (("resnet", "cifar_resnet"), 1) if entry.question == "basic_block" else (("resnet",), 3)
    report = grade(entry.source(framework), framework, (entry.question, *nets), requests=requests)
    assert report.question(entry.question).points < report.question(entry.question).max_points
    for name in nets:
        net = report.question(name)
        assert net.points == net.max_points, (name, net.first_complaint)
        # where a block's input is never negative, such as inside a net, a mistake may not show at all
        assert net.remarks or entry.mistake == "relu_on_input"

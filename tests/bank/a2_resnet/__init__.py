"""The bank of `a2_resnet`: most mistakes show at the shallowest net of their question, so that one is asked alone."""

from __future__ import annotations

from dataclasses import replace

from tests.bank import Entry
from tests.bank.a2_resnet import (
    blocks,
    further,
    further_nets,
    more_variants,
    nets,
    pairs,
    sampled_variants,
    shifted,
    variants,
)

# mistakes that show at the second or third depth of the question only
DEEPER = {"bottlenecks_in_34": 2, "pool_rounded_up": 3, "ready_made_at_the_call": 3}


def _as_cheap_as_can_be(entry: Entry) -> Entry:
    """A variant with the net that is built from its block; a bottleneck comes into play at the third depth."""
    touches = () if entry.question.startswith("cifar") else ("resnet",)
    return replace(entry, requests=3 if entry.question == "bottleneck" else 1, touches=touches)


_ALL = (*blocks.MUTANTS, *further.FURTHER, *nets.MUTANTS, *further_nets.FURTHER, *pairs.PAIRS, *shifted.MUTANTS)
MUTANTS = tuple(replace(entry, requests=entry.requests or DEEPER.get(entry.name, 1)) for entry in _ALL)
_RIGHT = (*variants.VARIANTS, *more_variants.MORE, *sampled_variants.VARIANTS, *shifted.VARIANTS)
VARIANTS = tuple(_as_cheap_as_can_be(entry) for entry in _RIGHT)

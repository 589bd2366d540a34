"""Convolutions that are written in parts: a sum of products, one for each place or row of the kernel."""

from __future__ import annotations

from dataclasses import replace

from grader.oracle.steps import Reading

SUMMED = "sum of parts"  # the kind of such a step


def gathered(reading: Reading) -> Reading:
    """The reading with such a sum as one step: the last of its products stands for all, whose inputs are the same.

    Whether they are added up, and of which pixels, is not read: the numbers tell.
    """
    left = set(reading.parted)
    for kernel in reading.parted:
        parts = [number for number, step in enumerate(reading.steps) if step.kernel == kernel]
        # a product may also be added onto the sum so far, by which the ones before stand above it
        above = {frozenset(reading.kernels_above(number)) - {*parts} for number in parts}
        if len(above) > 1:
            continue
        for number in parts[:-1]:
            step = reading.steps[number]
            step.kind, step.kernel, step.inputs = "part", None, ()
        last = reading.steps[parts[-1]]
        last.kind, last.attributes, last.inputs = SUMMED, {}, tuple(i for i in last.inputs if i not in parts)
        left.discard(kernel)
    return replace(reading, parted=frozenset(left))

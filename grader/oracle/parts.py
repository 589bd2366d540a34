"""Layers that are written in parts: a convolution as a sum of products, a norm channel by channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from grader.oracle.operands import PARTS
from grader.oracle.steps import IMAGES, Reading, Step

SUMMED = "sum of parts"  # the kind of such a step


_TOGETHER = ("add", "stack", "concatenate", "slice", "select", "assign")


def put_together(steps: Sequence[Step], number: int) -> Step | None:
    """The step with a kernel that a step is, or the last of those whose results it puts together, all of one kernel."""
    if number == IMAGES:
        return None
    step = steps[number]
    if step.kernel is not None or step.kind not in _TOGETHER:
        return step if step.kernel is not None else None
    found = [put_together(steps, source) for source in step.inputs]
    kernels = {None if part is None else part.kernel for part in found}
    return found[-1] if len(kernels) == 1 else None


def gathered(reading: Reading) -> Reading:
    """The reading with such a layer as one step: the last of its parts stands for all, whose inputs are the same.

    Whether they are put together, and of which pixels or channels, is not read: the numbers tell.
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
        last.bias = next(
            (reading.steps[number].bias for number in parts if reading.steps[number].bias is not None), None
        )
        alike = all(reading.steps[number].attributes == last.attributes for number in parts)
        last.kind, last.attributes = SUMMED, last.attributes if alike else {}
        last.inputs = tuple(i for i in last.inputs if i not in parts)
        left.discard(kernel)
    norms: dict[frozenset[tuple[str, int]], list[Step]] = defaultdict(list)
    for step in reading.steps:
        if step.kind == "norm" and all(PARTS & set(chain) for chain in step.chains.values()):
            norms[frozenset(step.roles.items())].append(step)
    for channels in norms.values():
        for channel in channels[:-1]:
            channel.kind, channel.inputs, channel.roles, channel.chains = "part", (), {}, {}
    return replace(reading, parted=frozenset(left))

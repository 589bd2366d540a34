"""Layers that are written in parts: a convolution as a sum of products, a norm channel by channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from grader.oracle.operands import PARTS
from grader.oracle.steps import IMAGES, Reading, Step

SUMMED = "sum of parts"  # the kind of such a step
_TOGETHER = ("add", "stack", "concatenate", "slice", "select", "assign")


def put_together(steps: Sequence[Step], number: int) -> Step | None:
    """The step with a kernel that a step is, or the last of those whose results it puts together, all of one kernel.

    What is linear may lie between: a dense layer may work on each pixel, and its results be averaged or added up and
    divided by a number.
    """
    waiting, seen, layers = [number], set(), []
    while waiting:
        source = waiting.pop()
        if source in seen:
            continue
        seen.add(source)
        if source != IMAGES and steps[source].kernel is not None:
            layers.append(source)
        elif source != IMAGES and (steps[source].kind in _TOGETHER or _is_average(steps[source])):
            waiting.extend(steps[source].inputs)
        else:
            return None
    return steps[max(layers)] if len({steps[layer].kernel for layer in layers}) == 1 else None


def _is_average(step: Step) -> bool:
    """Whether a step is a mean or a sum over the map, or a scaling by numbers."""
    scaling = step.kind in ("mul", "div") and len(step.inputs) == 1 and not step.chains
    return scaling or step.kind in ("mean", "sum", "average_pool")


def gathered(reading: Reading) -> Reading:
    """The reading with such a layer as one step: the last of its parts stands for all, whose inputs are the same.

    Whether they are put together, and of which pixels or channels, is not read: the numbers tell.
    """
    left = set(reading.parted)
    for kernel in reading.parted:
        numbers = [number for number, step in enumerate(reading.steps) if step.kernel == kernel]
        # a product may also be added onto the sum so far, by which the ones before stand above it
        above = {frozenset(reading.kernels_above(number)) - {*numbers} for number in numbers}
        if len(above) > 1:
            continue
        *others, last = parts = [reading.steps[number] for number in numbers]
        last.bias = next((part.bias for part in parts if part.bias is not None), None)
        alike = all(part.attributes == last.attributes for part in others)
        last.kind, last.attributes = SUMMED, last.attributes if alike else {}
        last.inputs = tuple(source for source in last.inputs if source not in numbers)
        for part in others:
            part.kind, part.kernel, part.inputs = "part", None, ()
        left.discard(kernel)
    for parts in _one_by_one(reading):
        for part in parts[:-1]:
            part.kind, part.kernel, part.inputs = "part", None, ()
    for channels in _channels(reading):
        for channel in channels[:-1]:
            channel.kind, channel.inputs, channel.roles, channel.chains = "part", (), {}, {}
    return replace(reading, parted=frozenset(left))


def _one_by_one(reading: Reading) -> Iterable[list[Step]]:
    """The uses of each whole kernel that takes parts of one map one by one, such as the images of a batch."""
    found: dict[int, list[int]] = defaultdict(list)
    for number, step in enumerate(reading.steps):
        if step.kernel is not None and step.kernel not in reading.parted:
            found[step.kernel].append(number)
    for numbers in found.values():
        sources = {_taken_from(reading, number) for number in numbers}
        if len(numbers) > 1 and len(sources) == 1 and None not in sources:
            yield [reading.steps[number] for number in numbers]


def _taken_from(reading: Reading, number: int) -> int | None:
    """What gave the map of which a kernel's step takes a part, None where it takes no part."""
    step = reading.steps[number]
    while step.inputs and step.inputs[0] != IMAGES and len(step.inputs) == 1:
        step = reading.steps[step.inputs[0]]
        if step.kind in PARTS:
            return step.inputs[0]
        if step.kernel is not None:
            return None
    return None


def _channels(reading: Reading) -> Iterable[list[Step]]:
    """The norms that take parts of the same vectors, in groups."""
    found: dict[frozenset[tuple[str, int]], list[Step]] = defaultdict(list)
    for step in reading.steps:
        if step.kind == "norm" and step.roles and all(PARTS & set(chain) for chain in step.chains.values()):
            found[frozenset(step.roles.items())].append(step)
    return found.values()

"""Kernels of convolutions, and the rules that their standard deviations may follow."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from grader.checks.practice.reading import array, listed
from grader.failure import MalformedError
from grader.spec import Evidence, Request

# In units of the standard error: a normal sample exceeds 5.5 of them once in 26 million times.
BOUND = 5.5
Deviation = Callable[["Kernel"], float]


@dataclass(frozen=True)
class Kernel:
    """The weights `o i kh kw` of one convolution, and how a student would find it."""

    name: str
    weights: np.ndarray
    before: np.ndarray | None

    @cached_property
    def fans(self) -> tuple[float, float]:
        """Fan-in and fan-out."""
        outputs, inputs, height, width = self.weights.shape
        return float(inputs * height * width), float(outputs * height * width)

    @cached_property
    def deviation(self) -> float:
        """The root of the mean square: the standard deviation when the mean is zero."""
        return float(np.sqrt(np.mean(self.weights.astype(np.float64) ** 2)))

    @property
    def size(self) -> int:
        """How many weights there are."""
        return self.weights.size

    @property
    def words(self) -> str:
        """The layer and its shape, for a complaint."""
        outputs, inputs, height, width = self.weights.shape
        return f"{self.name} ({inputs} to {outputs} channels, {height}x{width})"


RIGHT: dict[str, Deviation] = {
    "fan-in": lambda kernel: math.sqrt(2 / kernel.fans[0]),
    "fan-out": lambda kernel: math.sqrt(2 / kernel.fans[1]),
}
_ONE_SIDE = (
    "this keeps the variance through layers without ReLU; ReLU halves it, so He's rule has a 2 where this has a 1"
)
_AREA = "the fan counts every weight that meets one number: channels times the height and the width of the kernel"
_CLIPPED = "clipping heaps the tails up at the bounds: don't bound the numbers, or draw those beyond the bounds again"
_CORRECTED = (
    "make up for a truncation once: by the factor of 0.8796, or with an initializer that does so itself (`HeNormal`, "
    "`VarianceScaling`)"
)
# name -> formula in words, the deviation, what to do
WRONG: dict[str, tuple[str, Deviation, str]] = {
    "xavier_deviation": (
        "sqrt(2 / (fan-in + fan-out)), which is Xavier's (Glorot's) rule", lambda k: math.sqrt(2 / sum(k.fans)),
        "He's rule takes one fan alone, not the sum of both",
    ),
    "variance_as_deviation": ("2 / fan-in: the variance in place of its root", lambda k: 2 / k.fans[0],
                              "the square root is missing: `2 / fan` is the variance"),
    "variance_as_deviation_out": ("2 / fan-out: the variance in place of its root", lambda k: 2 / k.fans[1],
                                  "the square root is missing: `2 / fan` is the variance"),
    "gain_missing": ("sqrt(1 / fan-in)", lambda k: math.sqrt(1 / k.fans[0]), _ONE_SIDE),
    "gain_missing_out": ("sqrt(1 / fan-out)", lambda k: math.sqrt(1 / k.fans[1]), _ONE_SIDE),
    "truncated_uncorrected": (
        "12 % less than sqrt(2 / fan-in): a normal distribution that was truncated at two deviations",
        lambda k: 0.87963 * math.sqrt(2 / k.fans[0]),
        "truncation takes the tails away: divide by 0.8796, or don't truncate",
    ),
    "truncated_uncorrected_out": (
        "12 % less than sqrt(2 / fan-out): a normal distribution that was truncated at two deviations",
        lambda k: 0.87963 * math.sqrt(2 / k.fans[1]),
        "truncation takes the tails away: divide by 0.8796, or don't truncate",
    ),
    "clipped": (
        "4 % less than sqrt(2 / fan-in): a normal distribution that was clipped at two deviations",
        lambda k: 0.95945 * math.sqrt(2 / k.fans[0]), _CLIPPED,
    ),
    "clipped_out": (
        "4 % less than sqrt(2 / fan-out): a normal distribution that was clipped at two deviations",
        lambda k: 0.95945 * math.sqrt(2 / k.fans[1]), _CLIPPED,
    ),
    "truncation_corrected_twice": (
        "14 % more than sqrt(2 / fan-in)", lambda k: math.sqrt(2 / k.fans[0]) / 0.87963, _CORRECTED,
    ),
    "truncation_corrected_twice_out": (
        "14 % more than sqrt(2 / fan-out)", lambda k: math.sqrt(2 / k.fans[1]) / 0.87963, _CORRECTED,
    ),
    "area_forgotten": ("sqrt(2 / input channels)", lambda k: math.sqrt(2 / k.weights.shape[1]), _AREA),
    "area_forgotten_out": ("sqrt(2 / output channels)", lambda k: math.sqrt(2 / k.weights.shape[0]), _AREA),
    "channels_forgotten": ("sqrt(2 / the area of the kernel)",
                           lambda k: math.sqrt(2 / (k.weights.shape[2] * k.weights.shape[3])), _AREA),
    "fan_of_another_layout": (
        "a fan read from the wrong axes of the shape",
        lambda k: math.sqrt(2 / (k.fans[0] * k.weights.shape[0] / k.weights.shape[2])),
        "look up in which order the axes of a kernel stand in your framework",
    ),
    "mean_of_fans": ("sqrt(4 / (fan-in + fan-out)): the mean of both fans", lambda k: math.sqrt(4 / sum(k.fans)),
                     "He's rule takes one fan, in or out, not their mean"),
    "bound_as_deviation": ("sqrt(6 / fan-in), the bound of a uniform distribution", lambda k: math.sqrt(6 / k.fans[0]),
                           "sqrt(6 / fan) bounds a uniform distribution; He's normal one deviates by sqrt(2 / fan)"),
}  # fmt: skip


def kernels(request: Request, evidence: Evidence) -> list[Kernel]:
    """The kernels that the evidence holds; raises MalformedError when they aren't those that were asked for."""
    names, found = listed(evidence, "names", "convolutions"), []
    shapes = [tuple(int(size) for size in shape) for shape in request["shapes"]]
    for number, shape in enumerate(shapes):
        weights = array(evidence, f"kernel_{number}")
        if weights.shape != shape:
            raise MalformedError(f"a kernel of shape {weights.shape}")
        name = names[number] if number < len(names) else "a convolution"
        found.append(Kernel(name, weights, evidence.get(f"before_{number}")))
    return found


def fits_alone(kernel: Kernel, rule: Deviation, times: float = 1.0) -> bool:
    """Whether one kernel has the deviation of a rule, or so many times as much."""
    return abs((kernel.deviation / (times * rule(kernel))) ** 2 - 1) < BOUND * math.sqrt(2 / kernel.size)


def factor(found: list[Kernel], rule: Deviation) -> float:
    """The number by which all kernels together exceed the deviation of a rule."""
    squares = np.array([(kernel.deviation / rule(kernel)) ** 2 for kernel in found])
    return math.sqrt(float(np.average(squares, weights=[kernel.size for kernel in found])))


def fits(found: list[Kernel], rule: Deviation) -> bool:
    """Whether every kernel alone, and all together, have the deviation of a rule."""
    size = sum(kernel.size for kernel in found)
    alone = all(fits_alone(kernel, rule) for kernel in found)
    return alone and abs(factor(found, rule) - 1) < BOUND / math.sqrt(2 * size)


def pairs_alike(found: list[Kernel]) -> Iterator[tuple[Kernel, Kernel]]:
    """Pairs of kernels that hold the same random numbers, scaled or not."""
    for number, first in enumerate(found):
        for second in found[:number]:
            size = min(first.size, second.size)
            a, b = (kernel.weights.reshape(-1)[:size].astype(np.float64) for kernel in (first, second))
            scale = math.sqrt(float(np.sum(a**2)) * float(np.sum(b**2)))
            if scale > 0 and not abs(float(np.sum(a * b))) / scale < (BOUND + 1) / math.sqrt(size):
                yield second, first

"""What fills a silhouette: nine patterns, of which the source task has the first four.

Each takes coordinates along and across the pattern (x, y in its own units) and gives how far a pixel is from the
one colour (0) to the other (1). Arithmetic and square roots alone: sines differ in their last digits from machine
to machine, and images must not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

Numbers: TypeAlias = np.ndarray  # of float32
Pattern = Callable[[Numbers, Numbers], Numbers]


def wave(t: Numbers) -> Numbers:
    """A triangle wave of period 1 between -1 and 1."""
    height: Numbers = np.abs(t - np.floor(t) - np.float32(0.5)) * np.float32(4) - np.float32(1)
    return height


def step(t: Numbers, sharpness: float = 1.5) -> Numbers:
    """From 0 to 1 where t rises through 0, over a stretch about as long as a pixel."""
    height: Numbers = np.clip(t * np.float32(sharpness) + np.float32(0.5), 0, 1)
    return height


def solid(x: Numbers, y: Numbers) -> Numbers:
    """One colour."""
    return np.zeros_like(x)


def stripes(x: Numbers, y: Numbers) -> Numbers:
    """Parallel stripes."""
    return step(wave(x))


def checks(x: Numbers, y: Numbers) -> Numbers:
    """A chessboard."""
    return step(wave(x) * wave(y), 4)


def dots(x: Numbers, y: Numbers) -> Numbers:
    """Dots on a grid."""
    return step(np.float32(0.75) - np.sqrt((wave(x) + 1) ** 2 + (wave(y) + 1) ** 2), 2)


def rings(x: Numbers, y: Numbers) -> Numbers:
    """Rings around the centre."""
    return step(wave(np.sqrt(x * x + y * y)))


def fade(x: Numbers, y: Numbers) -> Numbers:
    """One colour that turns into the other."""
    height: Numbers = np.clip(x * np.float32(0.4) + np.float32(0.5), 0, 1)
    return height


def halves(x: Numbers, y: Numbers) -> Numbers:
    """One half in each colour."""
    return step(x, 4)


def grid(x: Numbers, y: Numbers) -> Numbers:
    """Thin lines along and across."""
    return step(np.maximum(wave(x), wave(y)) - np.float32(0.5), 2)


def zigzags(x: Numbers, y: Numbers) -> Numbers:
    """Stripes that go up and down."""
    return step(wave(x + np.float32(0.35) * wave(y)))


PATTERNS: dict[str, Pattern] = {
    "solid": solid,
    "striped": stripes,
    "chequered": checks,
    "dotted": dots,
    "ringed": rings,
    "faded": fade,
    "halved": halves,
    "gridded": grid,
    "zigzagged": zigzags,
}

"""Silhouettes from ellipses and polygons, as masks on a grid; x grows to the right, y downwards, both from -1 to 1."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Numbers: TypeAlias = np.ndarray  # of float64
Point = tuple[float, float]

EXTENT = 1.1  # a mask covers -1.1 to 1.1, so that its outermost cells are empty
CELLS = 40  # cells of a mask in each direction: about two for a pixel of the image
SAMPLES = 5  # points of a cell in each direction


@dataclass(frozen=True)
class Part:
    """A region that is added to a silhouette, or cut out of what was drawn before it."""

    inside: Callable[[Numbers, Numbers], Mask]
    adds: bool = True


Silhouette = tuple[Part, ...]


def cut(part: Part) -> Part:
    """The region, cut out."""
    return replace(part, adds=False)


def ellipse(x: float, y: float, across: float, down: float | None = None) -> Part:
    """The ellipse around (x, y) with these radii; a circle without the second."""
    down = across if down is None else down
    return Part(lambda xs, ys: ((xs - x) / across) ** 2 + ((ys - y) / down) ** 2 < 1)


def polygon(*corners: Point) -> Part:
    """The inside of a polygon, by the even-odd rule."""

    def inside(xs: Numbers, ys: Numbers) -> Mask:
        odd = np.zeros(np.broadcast(xs, ys).shape, bool)
        for (x0, y0), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
            if y0 != y1:  # a horizontal edge meets no horizontal ray
                crosses = (ys < y0) != (ys < y1)
                odd ^= crosses & (xs < x0 + (ys - y0) * ((x1 - x0) / (y1 - y0)))
        return odd

    return Part(inside)


def box(left: float, top: float, right: float, bottom: float) -> Part:
    """An upright rectangle."""
    return polygon((left, top), (right, top), (right, bottom), (left, bottom))


def line(x0: float, y0: float, x1: float, y1: float, width: float) -> Part:
    """A straight stroke of this width between two points."""
    length = math.hypot(x1 - x0, y1 - y0)
    across = (y0 - y1) / length * width / 2, (x1 - x0) / length * width / 2
    ends = ((x0, y0, 1), (x1, y1, 1), (x1, y1, -1), (x0, y0, -1))
    return polygon(*(rounded(x + side * across[0], y + side * across[1]) for x, y, side in ends))


def star(points: int, outer: float = 1.0, inner: float = 1.0, turn: float = 0.0) -> Part:
    """A star with the first of its points upwards; a regular polygon of twice as many corners where the radii agree."""
    corners = []
    for index in range(2 * points):
        angle = math.pi * index / points + math.radians(turn)
        radius = inner if index % 2 else outer
        corners.append(rounded(radius * math.sin(angle), -radius * math.cos(angle)))
    return polygon(*corners)


def regular(corners: int, radius: float = 1.0, turn: float = 0.0) -> Part:
    """A regular polygon with a corner upwards."""
    return star(corners, radius, radius * math.cos(math.pi / corners), turn)


def rounded(x: float, y: float) -> Point:
    """A corner to five decimals: the last digits of a sine differ from machine to machine."""
    return round(x, 5), round(y, 5)


def rasterise(silhouette: Silhouette) -> NDArray[np.float32]:
    """The share of each cell that a silhouette covers, (CELLS, CELLS)."""
    count = CELLS * SAMPLES
    points = (np.arange(count) + 0.5) * (2 * EXTENT / count) - EXTENT
    xs, ys = points[None, :], points[:, None]
    mask = np.zeros((count, count), bool)
    for part in silhouette:
        mask = mask | part.inside(xs, ys) if part.adds else mask & ~part.inside(xs, ys)
    covered = mask.reshape(CELLS, SAMPLES, CELLS, SAMPLES).sum(axis=(1, 3))
    shares: NDArray[np.float32] = np.divide(covered, SAMPLES**2, dtype=np.float32)
    return shares

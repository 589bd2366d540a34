"""The image world: a silhouette, filled with a pattern, before a cluttered background; 32x32 RGB, rendered from a seed.

The same seed gives the same bytes on every machine: the streams of `RandomState` are frozen (those of `Generator` are
not), and pixels are made by arithmetic and square roots alone. The first images don't depend on how many are asked for.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from grader.given.drawing import CELLS, EXTENT, rasterise
from grader.given.objects import OBJECTS, THINGS
from grader.given.patterns import PATTERNS
from grader.given.shapes import SHAPES

SIZE = 32
SILHOUETTES = SHAPES | OBJECTS | THINGS
NUMBERS = 64  # drawn for each image; those that nothing uses yet leave room for more
BLOTS = 5  # things in the background
CHUNK = 250  # images at a time: their arrays fit a processor's cache

Floats: TypeAlias = np.ndarray  # of float32
Ints = NDArray[np.int64]
Images = NDArray[np.uint8]


@dataclass(frozen=True)
class Scatter:
    """How much the images of a class differ."""

    clutter: float = 1.0  # how much the blots in the background show
    turn: float = 25  # degrees to either side
    shift: float = 3  # pixels to either side
    grain: float = 0.2  # of the full range, at most
    half: tuple[float, float] = (9, 13.5)  # half the size of a silhouette, in pixels
    colour: float = 1.0  # from dark grounds and light silhouettes (0) to any colours that differ (1)


USUAL = Scatter()


def stream(*words: object) -> np.random.RandomState:
    """A random stream of its own for these words: task, split, seed, purpose."""
    digest = hashlib.sha256("/".join(map(str, words)).encode()).digest()
    return np.random.RandomState(np.frombuffer(digest, "<u4").astype(np.uint32))


@functools.cache
def atlas() -> Floats:
    """The masks of all silhouettes, (silhouette, CELLS * CELLS)."""
    return np.stack([rasterise(silhouette).ravel() for silhouette in SILHOUETTES.values()])


def render(
    silhouettes: Sequence[str], patterns: Sequence[str], key: Sequence[object], scatter: Scatter = USUAL
) -> Images:
    """Images (n, 32, 32, 3) uint8 of these silhouettes in these patterns, which the key's words make unlike others."""
    shape_index = np.array([list(SILHOUETTES).index(name) for name in silhouettes], np.int64)
    pattern_index = np.array([list(PATTERNS).index(name) for name in patterns], np.int64)
    images = np.empty((len(shape_index), SIZE, SIZE, 3), np.uint8)
    numbers, grain = stream(*key, "scene"), stream(*key, "grain")
    for start in range(0, len(images), CHUNK):
        rows = slice(start, start + CHUNK)
        count = len(shape_index[rows])
        drawn = Drawn(numbers.random_sample((count, NUMBERS)))
        noise = grain.randint(0, 256, (count, 2, SIZE, SIZE, 3), np.uint8)
        images[rows] = scene(shape_index[rows], pattern_index[rows], drawn, noise, scatter)
    return images


class Drawn:
    """The random numbers of some images, handed out column by column."""

    def __init__(self, numbers: NDArray[np.float64]) -> None:
        self.numbers = numbers
        self.used = 0

    def between(self, low: float, high: float, count: int | None = None) -> Floats:
        """Uniform numbers, shaped to be combined with pixels: (n, 1, 1), or (n, 1, 1, count)."""
        width = count or 1
        columns = self.numbers[:, self.used : self.used + width]
        self.used += width
        values = (low + (high - low) * columns).astype(np.float32)
        return values[:, None, None, :] if count else values[:, None]

    def turn(self, degrees: float) -> tuple[Floats, Floats]:
        """Cosine and sine of an angle up to so many degrees to either side."""
        angle = np.radians((2 * self.numbers[:, self.used] - 1) * degrees)[:, None, None]
        self.used += 1
        return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)


def pixels() -> tuple[Floats, Floats]:
    """The coordinates of the pixels from the image's centre, in pixels: x (1, 1, 32) and y (1, 32, 1)."""
    along = np.arange(SIZE, dtype=np.float32) - np.float32((SIZE - 1) / 2)
    return along[None, None, :], along[None, :, None]


def scene(shapes: Ints, patterns: Ints, drawn: Drawn, noise: Images, scatter: Scatter) -> Images:
    """Background, silhouette, light and grain."""
    x, y = pixels()
    ground, first, second = colours(drawn, scatter.colour)
    image = background(ground, drawn, x, y, scatter.clutter)

    cos, sin = drawn.turn(scatter.turn)
    half, aspect = drawn.between(*scatter.half), drawn.between(0.87, 1.15)
    dx, dy = (along - drawn.between(-scatter.shift, scatter.shift) for along in (x, y))
    u, v = (cos * dx + sin * dy) / (half * aspect), (cos * dy - sin * dx) / half
    cover = sample(shapes, u, v)[..., None]
    mix = fill(patterns, dx, dy, drawn)[..., None]
    image = image + (first + (second - first) * mix - image) * cover

    cos, sin = drawn.turn(180)
    light = 1 + drawn.between(0, 0.25) * (cos * x + sin * y) / SIZE
    grain = (noise[:, 0].astype(np.float32) + noise[:, 1] - 255) / np.float32(255)
    image = image * light[..., None] + grain * drawn.between(0.02, scatter.grain, 1)
    levels: Images = np.clip(image * 255 + np.float32(0.5), 0, 255).astype(np.uint8)
    return levels


def colours(drawn: Drawn, freedom: float) -> tuple[Floats, Floats, Floats]:
    """The colours of the ground and of both sides of the pattern, each (n, 1, 1, 3)."""
    ground = drawn.between(0, 1, 3)
    # Around the circle of values: both colours of the pattern differ from the ground, and from each other.
    first = (ground + drawn.between(0.22, 0.42, 3)) % 1
    second = (ground + drawn.between(0.58, 0.78, 3)) % 1
    swap = drawn.between(0, 1, 1) < 0.5 * freedom
    free, dark, grey, light = (np.float32(part) for part in (freedom, *((1 - freedom) * np.array([0.1, 0.5, 0.95]))))
    ground, first, second = ground * free + dark, first * free + light, second * free + grey
    return ground, np.where(swap, second, first), np.where(swap, first, second)


def background(ground: Floats, drawn: Drawn, x: Floats, y: Floats, clutter: float) -> Floats:
    """A colour that changes across the image, with blots of others in it: (n, 32, 32, 3)."""
    cos, sin = drawn.turn(180)
    slope = drawn.between(-0.2, 0.2, 3)
    image: Floats = ground + slope * ((cos * x + sin * y) / np.float32(SIZE / 2))[..., None]
    for _ in range(BLOTS):
        cos, sin = drawn.turn(180)
        dx, dy = x - drawn.between(-16, 16), y - drawn.between(-16, 16)
        long, wide = drawn.between(1.5, 7), drawn.between(1.0, 3.5)
        across, down = np.abs(cos * dx + sin * dy) / long, np.abs(cos * dy - sin * dx) / wide
        shown = drawn.between(-0.2, 0.6) * np.float32(clutter)
        cover = np.clip((1 - np.maximum(across, down)) * wide + np.float32(0.5), 0, 1) * np.maximum(shown, 0)
        image = image + ((ground + drawn.between(0.2, 0.8, 1)) % 1 - image) * cover[..., None]
    return image


def sample(shapes: Ints, u: Floats, v: Floats) -> Floats:
    """How far each pixel is covered: the mask of a silhouette between its cells, bilinearly; (n, 32, 32)."""
    scale, limit = np.float32(CELLS / (2 * EXTENT)), np.float32(CELLS - 1.001)
    column = np.clip((u + np.float32(EXTENT)) * scale - np.float32(0.5), 0, limit)
    row = np.clip((v + np.float32(EXTENT)) * scale - np.float32(0.5), 0, limit)
    left, top = column.astype(np.int32), row.astype(np.int32)
    right_share, bottom_share = column - left, row - top
    masks = atlas().ravel()
    at = (shapes * CELLS**2)[:, None, None] + top * CELLS + left
    upper = masks[at] + (masks[at + 1] - masks[at]) * right_share
    at += CELLS
    lower = masks[at] + (masks[at + 1] - masks[at]) * right_share
    cover: Floats = upper + (lower - upper) * bottom_share
    return cover


def fill(patterns: Ints, dx: Floats, dy: Floats, drawn: Drawn) -> Floats:
    """The pattern of each image, at an angle, a width and a place of its own; (n, 32, 32)."""
    cos, sin = drawn.turn(180)
    period = drawn.between(4.5, 7.5)
    a = (cos * dx + sin * dy) / period + drawn.between(0, 1)
    b = (cos * dy - sin * dx) / period + drawn.between(0, 1)
    mix: Floats = np.zeros_like(a)
    for index, pattern in enumerate(PATTERNS.values()):
        rows = np.flatnonzero(patterns == index)
        if len(rows):
            mix[rows] = pattern(a[rows], b[rows])
    return mix

"""Small subsets of real data, stored in `data/*.npz`; `data/PROVENANCE.md` says where each comes from."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grader.given import stored

FOLDER = Path(__file__).parent / "data"
TASKS = ("emoji", "fashion", "digits")
SIZE = 32
Labelled = tuple[NDArray[np.uint8], NDArray[np.int64], tuple[str, ...]]


def images(task: str, split: str, count: int | None = None) -> Labelled:
    """The first `count` images of a split as (n, 32, 32, 3) uint8, their labels, and the names of the classes."""
    pixels, labels, names = raw(task, split, count)
    return coloured(pixels), labels, names


def raw(task: str, split: str, count: int | None = None) -> Labelled:
    """The images as they are stored: emoji (n, 32, 32, 3), fashion (n, 28, 28), digits (n, 8, 8) of 0 to 16."""
    arrays = contents(task)
    pixels, labels = arrays[f"{split}_images"], arrays[f"{split}_labels"]
    if count is not None and count > len(labels):
        raise ValueError(f"expected at most {len(labels)} images, which {task!r} has for {split!r}; got {count}")
    pixels = smooth(pixels[:count]) if pixels.ndim == 4 else pixels[:count].copy()
    return pixels.astype(np.uint8), labels[:count].astype(np.int64), tuple(map(str, arrays["names"]))


@functools.cache
def contents(task: str) -> stored.Arrays:
    """The arrays of a file, read once."""
    return stored.read(FOLDER / f"{task}.npz")


def coloured(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey images of at most 32x32 as (n, 32, 32, 3): enlarged by a whole factor, amid black."""
    if pixels.ndim == 4:
        return pixels
    size = pixels.shape[1]
    if size == 8:  # the digits count from 0 to 16
        pixels = np.minimum(pixels.astype(np.uint16) * 16, 255).astype(np.uint8)
    times = SIZE // size
    grey = pixels.repeat(times, axis=1).repeat(times, axis=2)
    rest = SIZE - grey.shape[1]
    grey = np.pad(grey, ((0, 0), *[(rest // 2, rest - rest // 2)] * 2))
    return np.repeat(grey[..., None], 3, axis=-1)


def rough(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Each row as its difference from the row above, modulo 256: drawings compress better so, as in PNG."""
    return np.diff(pixels, axis=1, prepend=np.uint8(0))


def smooth(differences: NDArray[np.generic]) -> NDArray[np.uint8]:
    """What `rough` was given."""
    pixels: NDArray[np.uint8] = np.cumsum(differences, axis=1, dtype=np.uint8)
    return pixels

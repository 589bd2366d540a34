"""Batches and augmentation in NumPy: what a run sees is a function of (seed, epoch), in both frameworks alike."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

Batch = tuple[np.ndarray, np.ndarray]  # uint8 (n, h, w, 3), int64 (n,)
PADDING = 4


def training(
    images: np.ndarray, labels: np.ndarray, size: int, *, seed: int, epoch: int, augment: bool = False
) -> Iterator[Batch]:
    """One pass in an order of its own; the last batch may be shorter."""
    generator = np.random.default_rng((seed, epoch))
    order = generator.permutation(len(labels))
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        batch = images[chosen]
        yield (augmented(batch, generator) if augment else batch), labels[chosen]


def evaluation(images: np.ndarray, labels: np.ndarray, size: int = 500) -> Iterator[Batch]:
    """One pass in the given order."""
    for start in range(0, len(labels), size):
        yield images[start : start + size], labels[start : start + size]


def augmented(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Each image padded with four black pixels, cropped at random to its size, and flipped half of the time."""
    count, height, width, _ = images.shape
    padded = np.pad(images, ((0, 0), (PADDING, PADDING), (PADDING, PADDING), (0, 0)))
    top, left = generator.integers(0, 2 * PADDING + 1, (2, count))
    rows = top[:, None] + np.arange(height)
    flip = generator.random(count) < 0.5
    columns = np.where(flip[:, None], np.arange(width)[::-1], np.arange(width)) + left[:, None]
    return padded[np.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]

"""Running means: what a metric gives behind each batch, and what to say to who takes it for the batch's own loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FIX = (
    "take each batch's own loss: what a progress bar shows holds the batches before too, and some versions of Keras "
    "return it from `train_on_batch` (call `reset_metrics()` before it)"
)
Epoch = Sequence[np.ndarray]  # of each batch the loss of each example
WAYS = 4


def so_far(losses: Epoch) -> np.ndarray:
    """After each batch the mean over all examples up to it."""
    return np.asarray(np.cumsum([part.sum() for part in losses]) / np.cumsum([len(part) for part in losses]))


def means(epochs: Sequence[Epoch]) -> list[np.ndarray]:
    """Each epoch's mean of running means, in WAYS ways: reset with each epoch or never; by examples or by batches."""
    if not all(epochs):
        return []
    ends = np.cumsum([len(epoch) for epoch in epochs])
    never = np.split(so_far([part for epoch in epochs for part in epoch]), ends[:-1])
    each = [so_far(epoch) for epoch in epochs]
    sizes = [[len(part) for part in epoch] for epoch in epochs]
    return [
        np.array([np.average(shown, weights=weights) for shown, weights in zip(rows, by, strict=True)])
        for rows in (each, never)
        for by in (sizes, [None] * len(epochs))
    ]

"""A few training steps on random images, the same in both frameworks."""

from __future__ import annotations

import numpy as np

from reference.recipes import Recipe
from reference.runs import Trainer

DEPTH = 8
STEPS = 4
# a decay so high that leaving it out, or leaving out the momentum in it, shows in the weights
RECIPE = Recipe(learning_rate=0.02, weight_decay=0.05, batch_size=16)


def images(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Smooth random images of 32 x 32 pixels, and labels."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (count, 4, 4, 3), dtype=np.uint8)
    return coarse.repeat(8, axis=1).repeat(8, axis=2), random.integers(0, 10, count)


def run(trainer: Trainer) -> tuple[np.ndarray, np.ndarray]:
    """The losses and the right answers of the steps, and of an evaluation at the end."""
    taken = [trainer.step(*images(RECIPE.batch_size, step), RECIPE.learning_rate) for step in range(STEPS)]
    loss, right = zip(*taken, trainer.measure(*images(40, STEPS)), strict=True)
    return trainer.numbers([*loss]), trainer.numbers([*right])

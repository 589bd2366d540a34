"""How nets are trained: the course's recipe, the paper's for CIFAR-10, and the one that shows degradation.

A recipe is data and its learning rate a pure function of the step and of the errors so far, so a run that was killed
goes on from its history alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Recipe:
    """SGD with momentum on the mean cross-entropy; the defaults are the course's."""

    name: str = "course"
    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 1e-5  # the course's slides; the paper says 1e-4
    batch_size: int = 256
    epochs: int = 30
    steps: int | None = None  # stop after so many, inside an epoch if need be; `epochs` is then no limit
    patience: int | None = 5  # divide the rate by 10 after so many epochs without a lower validation loss; None: never
    milestones: tuple[float, ...] = ()  # ... or at these parts of all steps
    warmup: int = 0  # the first steps at a tenth of the rate
    augment: bool = False  # four pixels of padding, a random crop, a random flip


# Section 4.2 of arXiv:1512.03385: 64,000 steps, the rate divided at 32,000 and 48,000.
PAPER = Recipe(
    "paper", weight_decay=1e-4, batch_size=128, steps=64_000, patience=None, milestones=(0.5, 0.75), augment=True
)
# Chosen for 8x8 digits: at a rate of 0.1 the residual net of 56 layers failed on one seed of five.
DEGRADATION = Recipe("degradation", learning_rate=0.02, weight_decay=0.0, batch_size=64, steps=120, patience=None)
RECIPES = {recipe.name: recipe for recipe in (Recipe(), PAPER, DEGRADATION)}


def recipe(name: str, depth: int) -> Recipe:
    """The recipe of that name for a net of `depth` layers."""
    chosen = RECIPES[name]
    if name == "paper" and depth >= 110:
        # "we use 0.01 to warm up the training until the training error is below 80% (about 400 iterations)"
        return replace(chosen, warmup=400)
    return chosen


def steps_per_epoch(recipe: Recipe, count: int) -> int:
    """Steps of one pass over `count` images; the last batch may be shorter."""
    return math.ceil(count / recipe.batch_size)


def total_steps(recipe: Recipe, count: int) -> int:
    """Steps of the whole run on `count` training images."""
    return recipe.steps if recipe.steps is not None else recipe.epochs * steps_per_epoch(recipe, count)


def plateaus(errors: Sequence[float], patience: int) -> int:
    """How often `patience` epochs in a row brought no new best."""
    best, waited, found = math.inf, 0, 0
    for error in errors:
        best, waited = (error, 0) if error < best else (best, waited + 1)
        if waited >= patience:
            found, waited = found + 1, 0
    return found


def learning_rate(recipe: Recipe, step: int, total: int, errors: Sequence[float]) -> float:
    """The rate of step `step` (from 0) of `total`, after epochs with these validation errors."""
    if step < recipe.warmup:
        return recipe.learning_rate / 10
    drops = sum(step >= part * total for part in recipe.milestones)
    if recipe.patience is not None:
        drops += plateaus(errors, recipe.patience)
    return recipe.learning_rate / 10**drops

"""The tasks: what their classes are, and where the images of a split come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.given import embedded, world
from grader.given.objects import OBJECTS, THINGS
from grader.given.patterns import PATTERNS
from grader.given.shapes import SHAPES

Labelled = tuple[NDArray[np.uint8], NDArray[np.int64], tuple[str, ...]]

SPLITS = {"train": 1000, "validation": 500, "test": 500}  # how many images a rendered split gives unless told
EVERY = tuple(PATTERNS)
SOURCE_PATTERNS = EVERY[:4]
SMALL_SHAPES = ("disc", "ring", "crescent", "triangle", "frame", "star", "plus", "heart", "bar", "steps")


@dataclass(frozen=True)
class Rendered:
    """A task whose images are rendered: each class is some silhouettes in some patterns."""

    classes: dict[str, tuple[Sequence[str], Sequence[str]]]
    clutter: float = 1.0

    def images(self, key: tuple[object, ...], count: int) -> Labelled:
        """`count` images, as many of each class as can be; `key` is the task, the split and the seed."""
        names = tuple(self.classes)
        labels = balanced(len(names), count, key)
        choice = world.stream(*key, "choice").random_sample((count, 2))
        pairs = []
        for label, (first, second) in zip(labels, choice, strict=True):
            silhouettes, patterns = self.classes[names[label]]
            pairs.append((silhouettes[int(first * len(silhouettes))], patterns[int(second * len(patterns))]))
        silhouettes, patterns = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        return world.render(silhouettes, patterns, key, self.clutter), labels, names


RENDERED = {
    "small": Rendered({name: ([name], SOURCE_PATTERNS) for name in SMALL_SHAPES}, clutter=0.4),
    "source": Rendered({f"{pattern} {name}": ([name], [pattern]) for name in SHAPES for pattern in SOURCE_PATTERNS}),
    "objects": Rendered({name: ([name], SOURCE_PATTERNS) for name in OBJECTS}),
    "things": Rendered({name: ([name], SOURCE_PATTERNS) for name in THINGS}),
}
TASKS = (*RENDERED, *embedded.TASKS)


def balanced(classes: int, count: int, key: tuple[object, ...]) -> NDArray[np.int64]:
    """Labels (count,): all classes in an order drawn for them, again and again."""
    turns = -(-count // classes)
    order = world.stream(*key, "labels").random_sample((turns, classes)).argsort(axis=1, kind="stable")
    return order.ravel()[:count].astype(np.int64)


def images(task: str, split: str, count: int | None = None, seed: int | str | None = None) -> Labelled:
    """Images (n, 32, 32, 3) uint8 RGB, labels (n,) int64 and the names of the classes."""
    if task not in TASKS:
        raise ValueError(f"expected one of the tasks {', '.join(TASKS)}; got {task!r}")
    if split not in SPLITS:
        raise ValueError(f"expected one of the splits {', '.join(SPLITS)}; got {split!r}")
    if count is not None and not count >= 1:
        raise ValueError(f"expected a count of at least 1 image; got {count!r}")
    if task in RENDERED:
        key = (task, split, "given" if seed is None else f"seed {seed}")
        return RENDERED[task].images(key, SPLITS[split] if count is None else int(count))
    if seed is not None:
        raise ValueError(f"the images of {task!r} are stored, not rendered: they take no seed; got {seed!r}")
    return embedded.images(task, split, count)


def names(task: str) -> tuple[str, ...]:
    """The names of a task's classes, in the order of the labels."""
    return images(task, "test", 1)[2]

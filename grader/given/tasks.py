"""The tasks: what their classes are, and where the images of a split come from."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.given import embedded, world
from grader.given.objects import OBJECTS, THINGS
from grader.given.patterns import PATTERNS
from grader.given.shapes import SHAPES

Classes = dict[str, tuple[Sequence[str], Sequence[str]]]  # name -> silhouettes, patterns
Labelled = tuple[NDArray[np.uint8], NDArray[np.int64], tuple[str, ...]]

SPLITS = {"train": 1000, "validation": 500, "test": 500}  # how many images a rendered split gives unless told
EVERY = tuple(PATTERNS)
SOURCE_PATTERNS = EVERY[:4]
SMALL_PATTERNS = ("solid", "striped", "chequered", "dotted", "gridded")


@dataclass(frozen=True)
class Rendered:
    """A task whose images are rendered: each class is some silhouettes in some patterns."""

    classes: Classes
    scatter: world.Scatter = world.USUAL

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
        return world.render(silhouettes, patterns, key, self.scatter), labels, names


def pairs(silhouettes: Iterable[str], patterns: Iterable[str]) -> Classes:
    """A class for each silhouette in each pattern."""
    return {f"{pattern} {name}": ([name], [pattern]) for name, pattern in itertools.product(silhouettes, patterns)}


RENDERED = {
    # Easy for any net that convolves and hard for one that doesn't. Test accuracy after 300 Adam(1e-3) steps of 32:
    # CNNs with and without BatchNorm, ending in a global average or a dense layer, .65 to .93; linear on pixels .38.
    "small": Rendered(pairs(("disc", "ring"), SMALL_PATTERNS), world.Scatter(0.2, 25, 2, 0.06, (12, 14), 0.15)),
    "source": Rendered(pairs(SHAPES, SOURCE_PATTERNS)),
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

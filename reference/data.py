"""The tasks as both frameworks want them: embedded ones, CIFAR-10, and folders of images of one's own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from grader import given
from grader.given import tasks
from reference import cifar, folders
from reference.problem import Problem

Labelled = tuple[np.ndarray, np.ndarray]  # uint8 (n, h, w, 3), int64 (n,)
SPLITS = ("train", "validation", "test")
HOME = Path(os.environ.get("SKIPGRADE_DATA", "~/.cache/skipgrade"))


@dataclass(frozen=True)
class Preparation:
    """From a byte to what a net sees: (byte / 255 - mean) / deviation, per channel; `bgr` then turns the channels."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    bgr: bool = False


WORLD = Preparation(given.MEAN, given.STD)
IMAGENET = {
    "torch": Preparation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    # keras.applications: bytes, blue first, minus the means of ImageNet
    "keras": Preparation((123.68 / 255, 116.779 / 255, 103.939 / 255), (1 / 255,) * 3, bgr=True),
}


@dataclass(frozen=True)
class Data:
    """A task: three pairs of images and labels, its classes, how to prepare an image, and where it is from."""

    name: str
    train: Labelled
    validation: Labelled
    test: Labelled
    names: tuple[str, ...]
    preparation: Preparation
    source: str

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one image: (h, w, 3)."""
        return self.train[0].shape[1:]


def load(name: str, *, seed: int = 0, count: int | None = None, size: int | None = None, root: Path = HOME) -> Data:
    """The task of that name, or of a folder; `count` training images at most, `size` pixels; raises Problem."""
    if name == "cifar10":
        data = cifar10(root)
    elif name in given.TASKS:
        data = embedded(name, seed, count)
    elif Path(name).is_dir():
        data = folder(Path(name), seed, size or 224)
    else:
        raise Problem(
            f"no data called {name!r}: expected one of {', '.join(given.TASKS)}, cifar10, or a folder that holds one "
            "folder of images for each class"
        )
    if count is not None:
        data = replace(data, train=balanced(data.train, count, seed))
    if size is not None and data.shape[:2] != (size, size):
        sized = {split: (resized(images, size), labels) for split, (images, labels) in splits(data).items()}
        data = replace(data, **sized)
    return data


def splits(data: Data) -> dict[str, Labelled]:
    """The three pairs by name."""
    return {split: getattr(data, split) for split in SPLITS}


def embedded(name: str, seed: int, count: int | None) -> Data:
    """A task that comes with the grader; rendered training images depend on the seed, the others never do."""
    rendered = name in tasks.RENDERED
    pairs = {}
    for split in SPLITS:
        own = {"count": count, "seed": seed} if rendered and split == "train" else {}
        images, labels, names = given.images(name, split, **own)
        pairs[split] = (images, labels)
    source = f"grader.given.images({name!r}), {'rendered by grader.given.world' if rendered else 'embedded'}"
    return Data(name, **pairs, names=names, preparation=WORLD, source=source)


def cifar10(root: Path) -> Data:
    """CIFAR-10 as the paper splits it: 45,000, 5,000 and 10,000 images."""
    pairs, names, source = cifar.load(root.expanduser())
    return Data("cifar10", **pairs, names=names, preparation=measured(pairs["train"][0]), source=source)


def folder(path: Path, seed: int, size: int) -> Data:
    """A folder of images of one's own."""
    pairs, names = folders.load(path, seed, size)
    return Data(str(path), **pairs, names=names, preparation=measured(pairs["train"][0]), source=f"images in {path}")


def measured(images: np.ndarray) -> Preparation:
    """Mean and deviation per channel of these images."""
    counts = np.stack([np.bincount(images[..., channel].ravel(), minlength=256) for channel in range(3)])
    values, share = np.arange(256) / 255, counts / counts.sum(axis=1, keepdims=True)
    mean = share @ values
    deviation = np.sqrt(share @ values**2 - mean**2)
    return Preparation(tuple(mean.round(4).tolist()), tuple(np.maximum(deviation, 1e-3).round(4).tolist()))


def balanced(labelled: Labelled, count: int, seed: int) -> Labelled:
    """At most `count` images, as many of each class as can be; the same ones for the same seed."""
    images, labels = labelled
    if count >= len(labels):
        return labelled
    order = np.random.default_rng(seed).permutation(len(labels))
    turn = np.empty(len(labels), np.int64)  # the how-manieth of its class an image is, in this order
    for label in np.unique(labels):
        members = order[labels[order] == label]
        turn[members] = np.arange(len(members))
    chosen = np.sort(order[np.argsort(turn[order], kind="stable")][:count])
    return images[chosen], labels[chosen]


def resized(images: np.ndarray, size: int) -> np.ndarray:
    """Images of size x size; shrinking takes means, so that pixels which were doubled come back as they were."""
    how = Image.Resampling.BOX if size < images.shape[1] else Image.Resampling.BILINEAR
    return np.stack([np.asarray(Image.fromarray(image).resize((size, size), how)) for image in images])


def describe(data: Data) -> str:
    """The task in one line."""
    counts: Sequence[str] = [f"{len(labels):,} {split}" for split, (_, labels) in splits(data).items()]
    height, width, _ = data.shape
    return f"{data.name}: {len(data.names)} classes, {height}x{width}, {', '.join(counts)} images; {data.source}"

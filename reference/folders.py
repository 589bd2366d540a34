"""Images in folders, one folder for each class, with or without splits above them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from reference.problem import Problem

SPLITS = {"train": ("train",), "validation": ("validation", "valid", "val"), "test": ("test",)}
ENDINGS = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
HELD_OUT = 0.15  # of each class for validation, and as much for the test, where the folder doesn't say
FEWEST = 3  # images of a class: one for each split
Labelled = tuple[np.ndarray, np.ndarray]


def load(path: Path, seed: int, size: int) -> tuple[dict[str, Labelled], tuple[str, ...]]:
    """The three splits, their images size x size, and the names of the classes; raises Problem."""
    given = {split: found for split, names in SPLITS.items() for found in [first_folder(path, names)] if found}
    if set(given) == set(SPLITS):
        names = classes(given["train"])
        files = {split: listed(folder, names) for split, folder in given.items()}
    elif given:
        missing = ", ".join(sorted(set(SPLITS) - set(given)))
        raise Problem(f"{path} has a folder {sorted(given)[0]!r} but none for {missing}: add it, or give classes alone")
    else:
        names = classes(path)
        files = divided(listed(path, names), names, seed, path)
    return {split: read(pairs, size) for split, pairs in files.items()}, names


def first_folder(path: Path, names: tuple[str, ...]) -> Path | None:
    """The first of these folders that is there."""
    return next((path / name for name in names if (path / name).is_dir()), None)


def classes(path: Path) -> tuple[str, ...]:
    """The names of the folders, which are the classes."""
    names = tuple(sorted(entry.name for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith(".")))
    if len(names) < 2:
        raise Problem(f"expected one folder of images for each class in {path}, at least two; got {list(names)}")
    return names


def listed(path: Path, names: tuple[str, ...]) -> list[tuple[Path, int]]:
    """Every image file with its label, in an order that doesn't depend on the machine."""
    return [
        (file, label)
        for label, name in enumerate(names)
        for file in sorted((path / name).rglob("*"))
        if file.suffix.lower() in ENDINGS
    ]


def divided(
    files: list[tuple[Path, int]], names: tuple[str, ...], seed: int, path: Path
) -> dict[str, list[tuple[Path, int]]]:
    """Each class divided at random; the same way for the same seed."""
    generator = np.random.default_rng(seed)
    parts: dict[str, list[tuple[Path, int]]] = {split: [] for split in SPLITS}
    for label in range(len(names)):
        own = [pair for pair in files if pair[1] == label]
        if len(own) < FEWEST:
            many = f"{len(own)} image{'s' * (len(own) != 1)}"
            raise Problem(f"class {names[label]!r} of {path} has {many}; at least {FEWEST} are needed")
        own = [own[index] for index in generator.permutation(len(own))]
        held = max(1, round(HELD_OUT * len(own)))
        parts["validation"] += own[:held]
        parts["test"] += own[held : 2 * held]
        parts["train"] += own[2 * held :]
    return parts


def read(files: list[tuple[Path, int]], size: int) -> Labelled:
    """The images, their shorter side resized to `size` and the middle cropped."""
    images = np.empty((len(files), size, size, 3), np.uint8)
    for index, (file, _) in enumerate(files):
        try:
            with Image.open(file) as image:
                images[index] = np.asarray(squared(image.convert("RGB"), size))
        except (UnidentifiedImageError, OSError) as error:
            raise Problem(f"{file} can't be read as an image ({error}): remove it, or save it again") from error
    return images, np.array([label for _, label in files], np.int64)


def squared(image: Image.Image, size: int) -> Image.Image:
    """The middle square, at size x size."""
    width, height = image.size
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    return image.resize((size, size), Image.Resampling.BILINEAR, (left, top, left + side, top + side))

"""Make the embedded data sets from the packages that PROVENANCE.md names, which must have been unpacked before."""

from __future__ import annotations

import gzip
import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grader.given import embedded, stored

Images = NDArray[np.uint8]
Labels = NDArray[np.uint8]

# name in the task -> category of Unicode, with the beginning of the subcategory where it is not all of it
EMOJI = {
    "face": ("Smileys & Emotion", ("face", "cat", "monkey")),
    "animal": ("Animals & Nature", ("animal",)),
    "food": ("Food & Drink", ("",)),
    "place": ("Travel & Places", ("",)),
    "object": ("Objects", ("",)),
    "symbol": ("Symbols", ("",)),
}
FASHION = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
FASHION_FILES = ("images-idx3", "labels-idx1")
# images of each class for training, validation and test
SHARES = {"emoji": (80, 15, 30), "fashion": (100, 10, 40), "digits": (100, 20, 50)}
SPLITS = ("train", "validation", "test")


def add_arguments(parser: ArgumentParser) -> None:
    """Where the sources lie; only those that are named are made again."""
    parser.add_argument("--emoji", type=Path, help="the unpacked npm package emoji-datasource-google")
    parser.add_argument("--fashion", type=Path, help="the folder with Fashion-MNIST's four .gz files")
    parser.add_argument("--digits", type=Path, help="scikit-learn's digits.csv.gz")
    parser.add_argument("--seed", type=int, default=0, help="which images are chosen")


def main(given: Namespace) -> int:
    """Make, and say how large each became."""
    readers = {"emoji": read_emoji, "fashion": read_fashion, "digits": read_digits}
    for task, read in readers.items():
        source = getattr(given, task)
        if source is None:
            continue
        path = embedded.FOLDER / f"{task}.npz"
        stored.write(path, chosen(*read(source), SHARES[task], given.seed))
        print(f"{path}: {path.stat().st_size:,} bytes")
    return 0


def read_emoji(folder: Path) -> tuple[Images, Labels, tuple[str, ...]]:
    """Google's pictures on white, 64x64 averaged to 32x32, as differences between rows."""
    from PIL import Image  # late: of all commands only this one reads PNG

    entries = json.loads((folder / "emoji.json").read_text(encoding="utf-8"))
    entries.sort(key=lambda entry: entry["sort_order"])
    pictures, labels = [], []
    for label, (category, beginnings) in enumerate(EMOJI.values()):
        for entry in entries:
            fits = entry["category"] == category and entry["subcategory"].startswith(beginnings)
            if fits and entry["has_img_google"]:
                picture = Image.open(folder / "img" / "google" / "64" / entry["image"]).convert("RGBA")
                white = Image.new("RGBA", picture.size, "white")
                pixels = np.asarray(Image.alpha_composite(white, picture).convert("RGB"), np.float64)
                pictures.append(pixels.reshape(32, 2, 32, 2, 3).mean(axis=(1, 3)).round().astype(np.uint8))
                labels.append(label)
    return embedded.rough(np.stack(pictures)), np.array(labels, np.uint8), tuple(EMOJI)


def read_fashion(folder: Path) -> tuple[Images, Labels, tuple[str, ...]]:
    """The training set of Fashion-MNIST, 28x28."""
    images, labels = (gzip.decompress((folder / f"train-{name}-ubyte.gz").read_bytes()) for name in FASHION_FILES)
    # the headers of the IDX format: 16 and 8 bytes
    pixels = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28)
    return pixels, np.frombuffer(labels, np.uint8, offset=8), FASHION


def read_digits(path: Path) -> tuple[Images, Labels, tuple[str, ...]]:
    """scikit-learn's digits, 8x8, of 0 to 16."""
    rows = np.loadtxt(path, delimiter=",", dtype=np.int64)
    return rows[:, :-1].reshape(-1, 8, 8).astype(np.uint8), rows[:, -1].astype(np.uint8), tuple("0123456789")


def chosen(
    images: Images, labels: Labels, names: tuple[str, ...], shares: tuple[int, ...], seed: int
) -> dict[str, NDArray[np.generic]]:
    """So many images of each class for each split, all different; every run of as many as classes holds each once."""
    random = np.random.RandomState(seed)
    mixed = [random.permutation(np.flatnonzero(labels == label)) for label in range(len(names))]
    order = np.stack([rows[: sum(shares)] for rows in mixed])
    arrays: dict[str, NDArray[np.generic]] = {"names": np.array(names)}
    start = 0
    for split, share in zip(SPLITS, shares, strict=True):
        rounds = order[:, start : start + share].T
        rows = np.concatenate([random.permutation(turn) for turn in rounds])
        arrays[f"{split}_images"], arrays[f"{split}_labels"] = images[rows], labels[rows]
        start += share
    return arrays

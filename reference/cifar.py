"""CIFAR-10 from its binary archive: bytes that NumPy reads, without pickles."""

from __future__ import annotations

import hashlib
import tarfile
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np

from reference.problem import Problem

ADDRESS = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
MD5 = "c32a1d4ab5d03f1284b67883e8d87530"  # as its authors state it beside the download
NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
TRAINING = tuple(f"data_batch_{index}.bin" for index in range(1, 6))
RECORD = 1 + 3 * 32 * 32  # a label, then red, green and blue, row by row
SECONDS = 20.0
VALIDATION = 5_000  # of the 50,000 training images, as in section 4.2 of the paper
Labelled = tuple[np.ndarray, np.ndarray]


def load(root: Path) -> tuple[dict[str, Labelled], tuple[str, ...], str]:
    """The paper's splits, the names, and where the images come from; downloads the archive once; raises Problem."""
    path = root / Path(ADDRESS).name
    if not path.exists():
        download(path)
    files = members(path)
    images, labels = decoded(b"".join(files[name] for name in TRAINING))
    pairs = {
        "train": (images[:-VALIDATION], labels[:-VALIDATION]),
        "validation": (images[-VALIDATION:], labels[-VALIDATION:]),
        "test": decoded(files["test_batch.bin"]),
    }
    return pairs, NAMES, f"CIFAR-10 (Krizhevsky 2009), {ADDRESS}"


def download(path: Path) -> None:
    """Fetch the archive to its place, checked; raises Problem."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    print(f"downloading {ADDRESS} to {path} (170 MB)", flush=True)
    try:
        with urllib.request.urlopen(ADDRESS, timeout=SECONDS) as answer, part.open("wb") as file:
            while chunk := answer.read(1 << 20):
                file.write(chunk)
    except (urllib.error.URLError, OSError) as error:
        part.unlink(missing_ok=True)
        raise Problem(
            f"CIFAR-10 isn't at {path}, and {ADDRESS} couldn't be downloaded ({getattr(error, 'reason', error)}). "
            f"Put cifar-10-binary.tar.gz there by hand (another folder: --root), or take an embedded task instead: "
            "--data small stands in for it (10 classes, 32x32 pixels)"
        ) from error
    part.replace(path)


def members(path: Path) -> dict[str, bytes]:
    """The archive's files by name; raises Problem where it isn't what its authors published."""
    found = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    if found != MD5:
        raise Problem(f"{path} is damaged: expected the MD5 {MD5}, got {found}. Delete it and start again")
    with tarfile.open(path) as archive:
        return {
            Path(entry.name).name: file.read()
            for entry in archive
            if entry.isfile() and (file := archive.extractfile(entry)) is not None
        }


def decoded(content: bytes) -> Labelled:
    """Images (n, 32, 32, 3) and labels (n,) of the records."""
    records = np.frombuffer(content, np.uint8).reshape(-1, RECORD)
    images = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), records[:, 0].astype(np.int64)

"""The pretrained numbers, one file for both frameworks; `weights/PROVENANCE.json` says how they came about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grader.given import stored

WIDTH, STAGES, BLOCKS = 16, 3, 2  # a ResNet of 6n + 2 = 14 layers; the width doubles from stage to stage
CLASSES = 128  # of the source task

FOLDER = Path(__file__).parent / "weights"


def load(name: str) -> dict[str, NDArray[np.float32]]:
    """The tensors of `NAME.npz` by their names in PyTorch: convolutions (o, i, h, w), dense layers (o, i)."""
    return {key: tensor.astype(np.float32) for key, tensor in stored.read(FOLDER / f"{name}.npz").items()}


def save(name: str, tensors: dict[str, NDArray[np.float32]]) -> Path:
    """Write tensors in half precision."""
    small = {key: np.asarray(value, np.float32).astype(np.float16) for key, value in tensors.items()}
    if not all(np.isfinite(value).all() for value in small.values()):
        raise ValueError("expected weights that half precision can hold; got infinite ones or NaN")
    path = FOLDER / f"{name}.npz"
    stored.write(path, small)
    return path

"""The pretrained numbers, one file for both frameworks; `weights/PROVENANCE.json` says how they came about."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WIDTH, STAGES, BLOCKS = 16, 3, 2  # a ResNet of 6n + 2 = 14 layers; the width doubles from stage to stage
CLASSES = 128  # of the source task

FOLDER = Path(__file__).parent / "weights"
WHAT_TO_DO = "install the grader again (in its own source: python -m reference pretrain)"


class WeightsError(RuntimeError):
    """The file of pretrained weights is missing or damaged."""


def load(name: str) -> dict[str, NDArray[np.float32]]:
    """The tensors of `NAME.npz` by their names in PyTorch: convolutions (o, i, h, w), dense layers (o, i)."""
    path, sums = FOLDER / f"{name}.npz", FOLDER / f"{name}.npz.sha256"
    try:
        content, expected = path.read_bytes(), sums.read_text(encoding="ascii").split()[0]
    except (OSError, IndexError, UnicodeDecodeError) as error:
        raise WeightsError(f"expected the pretrained weights in {path}; got {error}; {WHAT_TO_DO}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise WeightsError(f"expected {path} with the checksum {expected}; got {found}; {WHAT_TO_DO}")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as tensors:
            return {key: tensors[key].astype(np.float32) for key in tensors.files}
    except (ValueError, zipfile.BadZipFile) as error:
        raise WeightsError(f"expected arrays in {path}; got {error}; {WHAT_TO_DO}") from error


def save(name: str, tensors: dict[str, NDArray[np.float32]]) -> Path:
    """Write tensors in half precision, compressed, with their checksum beside them."""
    path = FOLDER / f"{name}.npz"
    path.parent.mkdir(exist_ok=True)
    small = {key: np.asarray(value, np.float32).astype(np.float16) for key, value in tensors.items()}
    if not all(np.isfinite(value).all() for value in small.values()):
        raise ValueError("expected weights that half precision can hold; got infinite ones or NaN")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **small)
    path.write_bytes(buffer.getvalue())
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    (FOLDER / f"{name}.npz.sha256").write_text(f"{digest}  {name}.npz\n", encoding="ascii")
    return path

"""Probes of `a1_cnn`.

layer             chains of the student's convolution, BatchNorm and ReLU, examined as the blocks of `a2_resnet`
classifier        the student's net: shapes, size, a training run, and what it does afterwards
count_parameters  what the student's function says of nets of the probe's own
train_epoch       two epochs by the student's function, on a net of the probe's own: losses and tensors
evaluate          what the student's function says of such a net, and whether it changed it

Nets of the probe's own come as a description (`grader.oracle.small`) with their tensors, `CASE_SLOT` in the request.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.probes.examining import Plan, names


def plan(request: dict[str, Any]) -> Plan:
    """What to look at in a chain of layers: everything."""
    return Plan(int(request["seed"]), float(request["gain"]), training=True, registration=True, conduct=True)


def numbered(number: int, evidence: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The evidence of one case among others."""
    return {f"{number}_{name}": array for name, array in evidence.items()}


def tensors(request: dict[str, Any], number: int) -> dict[str, np.ndarray]:
    """The tensors of a case's net, by slot."""
    prefix = f"{number}_tensor_"
    return {name.removeprefix(prefix): array for name, array in request.items() if name.startswith(prefix)}


def layer_arguments(width: int, stride: int) -> dict[str, int]:
    """The stride of one layer as an argument: by name, or left out where it is the default."""
    return {} if stride == 1 and width % 2 else {"stride": stride}


def cut(images: Any, labels: Any, sizes: Sequence[int]) -> list[tuple[Any, Any]]:
    """Images and labels as batches of these sizes."""
    ends = np.cumsum(sizes)
    return [(images[end - size : end], labels[end - size : end]) for size, end in zip(sizes, ends, strict=True)]


def number(value: Any) -> tuple[float, str]:
    """A result as a number, NaN where it is none, and the name of its type."""
    try:
        return float(value), type(value).__name__
    except Exception:  # whatever the student's own class raises: it is no number
        return float("nan"), type(value).__name__


def pair(value: Any) -> dict[str, np.ndarray]:
    """A result of two numbers as evidence, with words that say what it is."""
    try:
        entries = list(value) if isinstance(value, list | tuple | np.ndarray) else []
        words = f"{type(value).__name__} of {len(entries)}" if entries else type(value).__name__
    except Exception:  # a class of the student's own that can't be gone through
        entries, words = [], type(value).__name__
    read = [number(entry)[0] for entry in entries[:10]]
    return {"counts": np.array(read, dtype=np.float64), "words": names([words])}

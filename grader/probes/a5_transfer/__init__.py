"""Probes of `a5_transfer`, by the same names in both frameworks:

structure    what a model made from a small backbone holds, gives, and what moves in it while it is trained
tuning       the scores of a fine-tuned model, trained here from the given backbone
groups       PyTorch: what an optimizer sees of the student's groups; Keras: what the student's compile step sets up
strategy     the answers of `choose_strategy`
pipeline     `transfer` as a whole: passes of images, arguments, scores

The small backbones are built as the request says and get their tensors from it, in the order of their layers: a
convolution takes its kernel, BatchNorm its scale, shift, mean and variance, the dense head its matrix and bias.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.probes import students_code

# How far a kernel may be from a multiple of the pretrained one, relative to its greatest number: float32 rounds to 6e-8
# of it, and kernels that are drawn anew are as far away as their own size.
SCALED = 1e-5


class Supply:
    """The tensors of a backbone, handed out one after another from a request's flat array."""

    def __init__(self, flat: np.ndarray) -> None:
        self._flat = np.asarray(flat, dtype=np.float32)
        self._used = 0
        self.taken: list[np.ndarray] = []

    def take(self, *shape: int) -> np.ndarray:
        """The next tensor, in canonical layout."""
        size = int(np.prod(shape))
        found = self._flat[self._used : self._used + size].reshape(shape)
        self._used += size
        self.taken.append(found)
        return found.copy()


@dataclass
class Inventory:
    """The tensors of a model before it is trained: names, arrays in canonical layout, and whose values they hold."""

    names: list[str]
    before: list[np.ndarray]
    pretrained: Sequence[np.ndarray]

    def evidence(self, after: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
        """For each tensor of the model its name, shape, pretrained twin (-1: none), and how far it moved."""
        described = [
            {"name": name[:100], "shape": list(array.shape)[:6]}
            for name, array in zip(self.names, self.before, strict=True)
        ]
        twins = [self._twin(array) for array in self.before]
        moves = [_move(old, new) for old, new in zip(self.before, after, strict=True)]
        return {
            "tensors": text(described[:2000]),
            "twins": np.array(twins[:2000], dtype=np.int64).astype(np.int32),
            "moves": np.array(moves[:2000], dtype=np.float64),
        }

    def standing_for(self, place: int) -> np.ndarray:
        """The model's tensor that stands for a pretrained one; where there is none, the pretrained one itself."""
        return next((array for array in self.before if self._twin(array) == place), self.pretrained[place])

    def _twin(self, array: np.ndarray) -> int:
        """The place of the pretrained tensor with exactly these values, else of the kernel that it follows from by a
        factor for each output channel (as where BatchNorm is folded into it), -1 when there is none."""
        for same in (_equal, _scaled):
            for place, tensor in enumerate(self.pretrained):
                if same(tensor, array):
                    return place
        return -1

    def learners(self, moved: Sequence[bool]) -> list[tuple[int, bool]]:
        """For each tensor that moved, its place and whether it is pretrained."""
        return [(place, self._twin(self.before[place]) >= 0) for place, changed in enumerate(moved) if changed]


def _equal(tensor: np.ndarray, array: np.ndarray) -> bool:
    return tensor.size == array.size and np.array_equal(tensor.ravel(), array.ravel())


def _scaled(kernel: np.ndarray, array: np.ndarray) -> bool:
    """Whether each output channel of a kernel `o i h w` was multiplied by a number of its own, none by 0."""
    if kernel.ndim != 4 or array.shape != kernel.shape:
        return False
    axes, right = (1, 2, 3), kernel.astype(np.float64)
    factors = np.sum(right * array, axes) / np.maximum(np.sum(right**2, axes), 1e-30)
    fitted = factors[:, None, None, None] * right
    return bool(np.all(factors) and np.max(np.abs(array - fitted)) <= SCALED * np.max(np.abs(fitted)))


def _move(before: np.ndarray, after: np.ndarray) -> float:
    """The greatest change of a tensor; infinite when its shape changed or it holds NaN."""
    if before.shape != after.shape or not np.all(np.isfinite(after)):
        return float("inf")
    return float(np.max(np.abs(after.astype(np.float64) - before), initial=0.0))


def text(found: Any) -> np.ndarray:
    """Something that JSON can hold, as evidence."""
    return np.frombuffer(json.dumps(found).encode(), dtype=np.uint8)


def numbered(number: int, evidence: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The evidence of one case among others."""
    return {f"{number}_{name}": array for name, array in evidence.items()}


def strategy(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """The answers to each pair of a number of images per class and whether the tasks are similar."""
    answers = []
    for images_per_class, similar in request["questions"]:
        with students_code(f"computing choose_strategy({images_per_class}, similar={similar})"):
            found = function(int(images_per_class), bool(similar))
            # a text by its letters: an enumeration of texts is one too, and prints as something else
            known = str.__str__(found) if isinstance(found, str) else f"{type(found).__name__} {found!r}"
            answers.append(known[:60].encode(errors="replace").decode())
    return {"answers": text(answers)}

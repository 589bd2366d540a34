"""Comparing what a model gave with what the oracle gives."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grader import fill
from grader.oracle.alignment import Aligned
from grader.oracle.graph import IMAGES, Run

# The largest relative difference of a right program from the oracle was 6e-5 in eighty seeds (plain nets of 110
# layers; 6e-6 in all others). Known mistakes move the output by 3e-3 or more under the public seed; the worst of nine
# seeds was 1e-3 (no ReLU in the stem, washed out by ResNet-152; 8e-3 in ResNet-18), the next 2e-3.
# tests/test_tolerance.py and its namesakes for the frameworks watch over these bounds.
TOLERANCE = 1e-3

# In evaluation mode all nets but the plain ones are held to less: a leaky ReLU in the stem, which max pooling all but
# hides, moves the output of ResNet-18 to 152 by 3e-4 or more.
SHARP_TOLERANCE = 1e-4

# A gradient is compared in the Euclidean norm. float32 passes a few of a million ReLUs on the other side of their kink,
# and each such unit moves a deep net's gradients by a few per cent: the largest difference of a right program was 0.07
# in four hundred nets. Known mistakes that nothing else tells make more than 0.6.
GRADIENT_TOLERANCE = 0.25


def difference(found: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference relative to the largest expected magnitude; infinite for other shapes and for NaN."""
    if found.shape != expected.shape or not np.all(np.isfinite(found)):
        return float("inf")
    scale = float(np.max(np.abs(expected), initial=0.0))
    return float(np.max(np.abs(found - expected), initial=0.0)) / scale if scale > 0 else float(np.any(found))


def wrong_gradients(
    fit: Aligned, trained: Run, seed: int, sketches: np.ndarray, input_gradient: np.ndarray
) -> list[tuple[str, bool]]:
    """Slots whose gradient departs from the oracle's, and whether it is missing, from the output towards the input."""
    errors = gradient_errors(fit, trained, seed, sketches, input_gradient)
    return [(slot, error == float("inf")) for slot, error in errors if not error < GRADIENT_TOLERANCE]


def gradient_errors(
    fit: Aligned, trained: Run, seed: int, sketches: np.ndarray, input_gradient: np.ndarray
) -> Iterator[tuple[str, float]]:
    """How far each slot's gradient is from the oracle's, infinitely where it is missing, and last the images'."""
    expected = {
        f"{node.name}/{role}": fill.sketch(seed, trained.gradients.get(f"{node.name}/{role}", np.zeros(1)))
        for node in reversed(fit.graph.nodes)
        for role in node.tensors
        if role not in ("mean", "variance") and not _under_norm(fit, node.name, role)
    }
    # BatchNorm may cancel a gradient almost wholly: what is left is measured by the others, or noise would decide
    floor = 0.01 * float(np.median([sketch[0] for sketch in expected.values()] or [0.0]))
    for slot, right in expected.items():
        sketch = sketches[fit.binding[slot]]
        if np.all(np.isfinite(sketch)) and sketch[0] != 0:
            yield slot, float(np.linalg.norm(sketch - right)) / 2 / max(right[0], floor, 1e-30)  # of four numbers
        elif right[0] > floor:
            yield slot, float("inf")
    yield IMAGES, _image_error(input_gradient, trained.gradients[IMAGES])


def _image_error(found: np.ndarray, right: np.ndarray) -> float:
    if not np.any(found):
        return float("inf") if np.any(right) else 0.0
    if found.shape != right.shape:
        return float("nan")
    return float(np.linalg.norm(found - right)) / max(float(np.linalg.norm(right)), 1e-30)


def _under_norm(fit: Aligned, name: str, role: str) -> bool:
    """A bias under BatchNorm gets no gradient in training mode but rounding noise."""
    readers = [node for node in fit.graph.nodes if name in node.inputs]
    return role == "bias" and any(node.operation == "norm" for node in readers)

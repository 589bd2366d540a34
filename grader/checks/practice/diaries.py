"""Reading the diary of a net that noted each forward pass: which images it saw, in which mode, with which weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from grader.checks.practice.reading import array
from grader.failure import MalformedError
from grader.spec import Evidence, Request

# The tensors of a noted net in the order of its state, as `grader.oracle.graph` names them.
SLOTS = ("conv/kernel", "norm/scale", "norm/shift", "norm/mean", "norm/variance", "dense/kernel", "dense/bias")
STATISTICS = ("norm/mean", "norm/variance")
MAX_PASSES = 5000


def shapes(request: Request) -> dict[str, tuple[int, ...]]:
    """The shapes of a noted net's tensors by slot."""
    height, width, depth = request["image"]
    channels, classes = int(request["channels"]), int(request["classes"])
    vector = (channels,)
    kernel = (channels, depth, height, width)
    found = (kernel, vector, vector, vector, vector, (classes, channels), (classes,))
    return dict(zip(SLOTS, found, strict=True))


def tensors(request: Request, state: np.ndarray) -> dict[str, np.ndarray]:
    """The tensors of a state by slot, in float64."""
    found, start = {}, 0
    for slot, shape in shapes(request).items():
        size = int(np.prod(shape))
        found[slot] = state[start : start + size].astype(np.float64).reshape(shape)
        start += size
    return found


def weights(request: Request, state: np.ndarray) -> np.ndarray:
    """What of a state learns: all but the running statistics, as one vector."""
    return np.concatenate(
        [value.reshape(-1) for slot, value in tensors(request, state).items() if slot not in STATISTICS]
    )


def statistics(request: Request, state: np.ndarray) -> np.ndarray:
    """The running statistics of a state, as one vector."""
    found = tensors(request, state)
    return np.concatenate([found[slot].reshape(-1) for slot in STATISTICS])


@dataclass(frozen=True)
class Pass:
    """One forward pass: rows of the known images (-1 for others), the mode, the state before it, the logits."""

    rows: np.ndarray
    training: bool
    state: np.ndarray
    logits: np.ndarray

    @property
    def known(self) -> bool:
        """Whether every image is one of those that were given."""
        return bool(np.all(self.rows >= 0))


@dataclass(frozen=True)
class Diary:
    """The passes of one net, in order, and the images that it may have seen."""

    request: Request
    passes: tuple[Pass, ...]

    @cached_property
    def learning(self) -> tuple[Pass, ...]:
        """The passes in training mode."""
        return tuple(one for one in self.passes if one.training)

    def after(self, number: int) -> np.ndarray | None:
        """The state after a pass: that before the next one, None after the last."""
        return self.passes[number + 1].state if number + 1 < len(self.passes) else None

    def moved(self, number: int) -> bool:
        """Whether the weights differ between this pass and the next."""
        after = self.after(number)
        if after is None:
            return False
        return not np.array_equal(weights(self.request, self.passes[number].state), weights(self.request, after))


def read(request: Request, evidence: Evidence, images: np.ndarray, prefix: str = "") -> Diary:
    """The diary in the evidence, about known images `n h w c`; raises MalformedError."""
    counts, training = array(evidence, f"{prefix}counts"), array(evidence, f"{prefix}training")
    states = array(evidence, f"{prefix}states")
    total = sum(int(np.prod(shape)) for shape in shapes(request).values())
    if counts.ndim != 1 or training.shape != counts.shape or len(counts) > MAX_PASSES or np.any(counts < 0):
        raise MalformedError("a diary whose passes can't be counted")
    if len(counts) and states.shape != (len(counts), total):
        raise MalformedError(f"states of shape {states.shape}")
    seen, logits = array(evidence, f"{prefix}images"), array(evidence, f"{prefix}logits")
    whole = int(counts.sum())
    if logits.shape != (whole, request["classes"]) and whole:
        raise MalformedError(f"logits of shape {logits.shape}")
    rows = _rows(seen, images) if seen.shape == (whole, *images.shape[1:]) else np.full(whole, -1)
    ends = np.cumsum(counts)
    return Diary(
        request,
        tuple(
            Pass(rows[end - count : end], bool(training[number]), states[number], logits[end - count : end])
            for number, (count, end) in enumerate(zip(counts.tolist(), ends.tolist(), strict=True))
        ),
    )


def _rows(seen: np.ndarray, images: np.ndarray) -> np.ndarray:
    """For each image that was seen its row among the known ones, -1 where it is none of them."""
    places = {images[row].tobytes(): row for row in range(len(images))}
    return np.array([places.get(image.tobytes(), -1) for image in seen.astype(images.dtype)], dtype=np.int64)

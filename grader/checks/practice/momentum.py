"""SGD in NumPy: what momentum rules do to weights whose gradients are given, and which of them explains it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from grader.checks.practice.reading import array
from grader.failure import MalformedError
from grader.spec import Evidence, Request

RATE, MOMENTUM, DECAY = 0.1, 0.9, 1e-5
# Moves of right optimizers were 2e-7 off in 76 requests (1,176 tensors); a momentum
# that is .01 off makes more than 1e-2.
TOLERANCE = 2e-3
# The decay is read from weights that shrink by a few millionths a step, near the rounding of float32: that of right
# optimizers was found within 2 % in 76 requests.
DECAY_TOLERANCE = 0.12
WORDS = {
    "kernel": "the convolution's kernel",
    "kernel_bias": "the convolution's bias",
    "scale": "BatchNorm's scale",
    "shift": "BatchNorm's shift",
    "slope": "PReLU's slope",
    "matrix": "the dense layer's weights",
    "bias": "the dense layer's bias",
}
MAY_STAY = {"kernel_bias", "scale", "shift", "slope", "bias"}  # these may be left out of the decay


@dataclass(frozen=True)
class Rule:
    """A momentum rule, and how well it explains what was seen."""

    rate: float
    momentum: float
    nesterov: bool
    error: float = 0.0

    def shrinkage(self, steps: int, coupled: bool) -> float:
        """How far weights shrink in some steps without gradients, in units of the decay, to first order."""
        moved, velocity = 0.0, 0.0
        for _ in range(steps):
            velocity = self.momentum * velocity + 1.0
            step = 1.0 + self.momentum * velocity if self.nesterov else velocity
            moved += self.rate * (step if coupled else 1.0)
        return moved


def moves(request: Request, evidence: Evidence, phase: str) -> dict[str, np.ndarray]:
    """The moves of each slot in each step, (steps, weights); raises MalformedError."""
    states = array(evidence, phase).astype(np.float64)
    slots = {name: request[f"weights_{name}"].astype(np.float64).reshape(-1) for name in request["slots"]}
    start = np.concatenate(list(slots.values()))
    wanted = request["steps"] if phase == "steps" else request["idle_steps"]
    if states.shape != (wanted, start.size):
        raise MalformedError(f"states of shape {states.shape}")
    moved = np.diff(np.vstack([start, states]), axis=0)
    ends = np.cumsum([values.size for values in slots.values()])
    return dict(zip(slots, np.split(moved, ends[:-1], axis=1), strict=True))


def shrinkage(request: Request, name: str, idle: np.ndarray) -> float:
    """The share by which the weights of a slot shrink in the steps without gradients, fitted over all of them."""
    start = request[f"weights_{name}"].astype(np.float64).reshape(-1)
    return float(-(idle.sum(axis=0) @ start) / (start @ start))


def gradients(request: Request, name: str) -> np.ndarray:
    """The gradients of a slot in each step, (steps, weights)."""
    found: np.ndarray = request[f"gradients_{name}"].astype(np.float64)
    return found.reshape(len(found), -1)


def _simulated(request: Request, name: str, rule: Rule, decay: float = 0.0, coupled: bool = True) -> np.ndarray:
    """The moves of a slot by a rule."""
    weights, velocity, moved = request[f"weights_{name}"].astype(np.float64).reshape(-1), 0.0, []
    for gradient in gradients(request, name):
        if coupled:
            gradient = gradient + decay * weights
        velocity = rule.momentum * velocity + gradient
        step = rule.rate * (gradient + rule.momentum * velocity if rule.nesterov else velocity)
        moved.append(-step if coupled else -step - rule.rate * decay * weights)
        weights = weights + moved[-1]
    return np.array(moved)


def error(
    request: Request, name: str, moved: np.ndarray, rule: Rule, decay: float = 0.0, coupled: bool = True
) -> float:
    """How far the moves of a slot are from a rule's, relative to these."""
    expected = _simulated(request, name, rule, decay, coupled)
    return float(np.linalg.norm(moved - expected) / np.linalg.norm(expected))


def recognised(request: Request, moving: dict[str, np.ndarray]) -> Rule | None:
    """The momentum rule that explains the moves, the rate fitted; None where none does."""
    best: Rule | None = None
    found = np.concatenate([moved.reshape(-1) for moved in moving.values()])
    for rule in _rules():
        unit = np.concatenate([_simulated(request, name, rule).reshape(-1) for name in moving])
        rate = float(unit @ found / (unit @ unit))
        left = float(np.linalg.norm(found - rate * unit) / np.linalg.norm(found))
        if best is None or left < best.error:
            best = Rule(rate, rule.momentum, rule.nesterov, left)
    return best if best is not None and best.error < TOLERANCE else None


def _rules() -> Iterator[Rule]:
    for hundredths in range(100):
        yield Rule(1.0, hundredths / 100, False)
        yield Rule(1.0, hundredths / 100, True)

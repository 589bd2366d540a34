"""Judges of an optimizer by its steps: the weights that it leaves are compared with those of SGD in NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from grader.checks.practice.reading import array
from grader.failure import MalformedError
from grader.result import Complaint
from grader.spec import Evidence, Request

RATE, MOMENTUM, DECAY = 0.1, 0.9, 1e-5
# A right optimizer's moves differed from NumPy's by 2e-6 in forty requests (decay included, which moves weights by a
# millionth); a rate or momentum that is 2 % off makes 1e-2.
TOLERANCE = 2e-3
# The decay is read from weights that shrink by a few millionths a step, near the rounding of float32: right optimizers
# were up to 3 % off in small vectors.
DECAY_TOLERANCE = 0.12
WORDS = {
    "kernel": "the convolution's kernel",
    "kernel_bias": "the convolution's bias",
    "scale": "BatchNorm's scale",
    "shift": "BatchNorm's shift",
    "matrix": "the dense layer's weights",
    "bias": "the dense layer's bias",
}
MAY_STAY = {"kernel_bias", "scale", "shift", "bias"}  # these may be left out of the decay


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


def covers(request: Request, evidence: Evidence) -> Complaint | None:
    """The optimizer moves every trainable parameter, and no frozen one."""
    found = moves(request, evidence, "steps")
    expected = "an optimizer over all trainable parameters of the model that is given"
    for name, moved in found.items():
        if not np.all(np.isfinite(moved)):
            return Complaint(expected, f"NaN or infinity in {WORDS[name]}", "look for a division by zero in the steps")
    still = [name for name, moved in found.items() if not np.any(moved)]
    if len(still) == len(found):
        return Complaint(
            expected, "no parameter moved in any step", "hand over the parameters of this very model", "nothing_moves"
        )
    if still:
        return Complaint(
            expected,
            f"{WORDS[still[0]]} doesn't move, although it has a gradient",
            "hand all parameters over that require a gradient: kernels, biases, BatchNorm's scale and shift",
            "left_out",
        )
    for phase in ("steps", "decay"):
        if not np.all(array(evidence, f"{phase}_frozen") == 0):
            return Complaint(
                expected, "a parameter that requires no gradient moved", "leave frozen parameters alone", "moves_frozen"
            )
    return None


def steps(request: Request, evidence: Evidence) -> Complaint | None:
    """The steps are those of SGD with learning rate 0.1 and momentum 0.9, without Nesterov's look ahead."""
    found = moves(request, evidence, "steps")
    moving = {name: moved for name, moved in found.items() if np.any(moved)}
    expected = f"the steps of SGD with learning rate {RATE} and momentum {MOMENTUM}"
    if not moving:
        return Complaint(expected, "no step at all", "mend the complaint above first")
    right = {name: error(request, name, moved, Rule(RATE, MOMENTUM, False)) for name, moved in moving.items()}
    if all(value < TOLERANCE for value in right.values()):
        return None
    rule = recognised(request, moving)
    if rule is None:
        return _no_momentum_rule(request, moving, expected)
    return _other_rule(rule, expected)


def _other_rule(rule: Rule, expected: str) -> Complaint:
    got = f"learning rate {rule.rate:.3g} and momentum {rule.momentum:.2g}" + (", Nesterov's" if rule.nesterov else "")
    if rule.rate < 0:
        return Complaint(expected, "steps uphill, along the gradient", "subtract the gradient", "wrong_sign")
    if rule.nesterov and rule.momentum > 0.005:
        return Complaint(expected, got, "the course uses plain momentum: switch Nesterov's off", "nesterov_momentum")
    if rule.momentum < 0.005:
        return Complaint(
            expected, f"{got}: every step follows the last gradient alone", "set the momentum", "no_momentum"
        )
    if abs(rule.momentum - MOMENTUM) > 0.005:
        return Complaint(expected, got, "set the momentum to what the course uses", "wrong_momentum")
    return Complaint(expected, got, "set the learning rate that the training starts with", "wrong_rate")


def _no_momentum_rule(request: Request, moving: dict[str, np.ndarray], expected: str) -> Complaint:
    first = np.concatenate([moved[0] for moved in moving.values()])
    gradient = np.concatenate([_gradients(request, name)[0] for name in moving])
    size = float(np.median(np.abs(first)))
    if size > 0 and np.mean(np.abs(first + size * np.sign(gradient)) < 0.01 * size) > 0.95:
        return Complaint(
            expected,
            f"steps of the same size ({size:.2g}) for every weight, however large its gradient: as Adam takes them",
            "the course trains with SGD and momentum",
            "adam",
        )
    rates = {name: recognised(request, {name: moved}) for name, moved in moving.items()}
    known = {name: rule for name, rule in rates.items() if rule is not None}
    if len(known) == len(moving):
        low, high = min(known, key=lambda name: known[name].rate), max(known, key=lambda name: known[name].rate)
        return Complaint(
            expected,
            f"rate {known[low].rate:.3g} for {WORDS[low]}, {known[high].rate:.3g} for {WORDS[high]}",
            "all parameters learn at one rate with one momentum",
            "several_rates",
        )
    share = float(np.linalg.norm(first) / np.linalg.norm(gradient))
    return Complaint(
        expected,
        f"other steps: the first one is {share:.2g} times as long as the gradient, and no momentum explains the rest",
        "use SGD with momentum, without clipping, dampening or adaptive rates",
    )


def _gradients(request: Request, name: str) -> np.ndarray:
    found: np.ndarray = request[f"gradients_{name}"].astype(np.float64)
    return found.reshape(len(found), -1)


def _simulated(request: Request, name: str, rule: Rule) -> np.ndarray:
    velocity, moved = 0.0, []
    for gradient in _gradients(request, name):
        velocity = rule.momentum * velocity + gradient
        moved.append(-rule.rate * (gradient + rule.momentum * velocity if rule.nesterov else velocity))
    return np.array(moved)


def error(request: Request, name: str, moved: np.ndarray, rule: Rule) -> float:
    """How far the moves of a slot are from a rule's, relative to these."""
    expected = _simulated(request, name, rule)
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

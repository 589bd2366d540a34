"""Judges of an optimizer by its steps: the weights that it leaves are compared with those of SGD in NumPy."""

from __future__ import annotations

import numpy as np

from grader.checks.practice.decaying import decay
from grader.checks.practice.momentum import (
    MOMENTUM,
    RATE,
    TOLERANCE,
    WORDS,
    Rule,
    error,
    gradients,
    moves,
    recognised,
    shrinkage,
)
from grader.checks.practice.reading import array
from grader.result import Complaint
from grader.spec import Evidence, Request


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
        if not np.all(array(evidence, f"{phase}_learning") == len(found)):
            fix = "change nothing in the model: what is left out of the decay learns all the same"
            return Complaint(expected, "`make_optimizer` itself freezes some of the model's weights", fix, "freezes")
    if request["framework"] == "keras" and "late_error" not in evidence:
        return _built_later(request, evidence)
    return None


def _built_later(request: Request, evidence: Evidence) -> Complaint | None:
    """A model may be built behind the optimizer, and its weights then move no less; raises MalformedError."""
    behind = {phase: array(evidence, f"late_{phase}") for phase in ("steps", "decay")}
    for phase, late in behind.items():
        found = array(evidence, phase)
        bound = 1e-3 if phase == "steps" else 1e-6  # the decay shows beside the gradients in the sixth digit
        if late.shape != found.shape or not np.allclose(late, found, rtol=bound, atol=bound):
            if phase == "decay" and late.shape == found.shape and decay(request, {**evidence, **behind}) is None:
                return None  # biases that are left out by what they are, where they are, decay here: both are right
            return Complaint(
                "the same steps for a model that is built later than its optimizer",
                "other steps" if phase == "steps" else "another weight decay",
                "a model that isn't built yet has no weights: let the optimizer hang on none, not by name either",
                "built_later",
            )
    return None


def steps(request: Request, evidence: Evidence) -> Complaint | None:
    """The steps are those of SGD with learning rate 0.1 and momentum 0.9, without Nesterov's look ahead."""
    found = moves(request, evidence, "steps")
    moving = {name: moved for name, moved in found.items() if np.any(moved)}
    expected = f"the steps of SGD with learning rate {RATE} and momentum {MOMENTUM}"
    if not moving:
        return Complaint(expected, "no step at all", "mend the complaint above first")
    idle = moves(request, evidence, "decay")
    if all(_right(request, name, moved, shrinkage(request, name, idle[name])) for name, moved in moving.items()):
        return None
    rule = recognised(request, moving)
    if rule is None:
        return _no_momentum_rule(request, moving, expected)
    return _other_rule(rule, expected)


def _right(request: Request, name: str, moved: np.ndarray, shrunk: float) -> bool:
    """Whether the moves of a slot are those asked for, with whatever decay it shows, which is judged by itself."""
    rule = Rule(RATE, MOMENTUM, False)
    for coupled in (True, False):
        decay = shrunk / rule.shrinkage(int(request["idle_steps"]), coupled)
        if error(request, name, moved, rule, decay, coupled) < TOLERANCE:
            return True
    return False


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
    gradient = np.concatenate([gradients(request, name)[0] for name in moving])
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

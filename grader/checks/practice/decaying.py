"""The judge of weight decay: what steps without gradients take away from the weights."""

from __future__ import annotations

import numpy as np

from grader.checks.practice.momentum import (
    DECAY,
    DECAY_TOLERANCE,
    MAY_STAY,
    MOMENTUM,
    RATE,
    WORDS,
    Rule,
    moves,
    recognised,
    shrinkage,
)
from grader.result import Complaint
from grader.spec import Evidence, Request


def decay(request: Request, evidence: Evidence) -> Complaint | None:
    """The optimizer shrinks the weights by a decay of 1e-5."""
    expected = f"weight decay {DECAY:g} by the optimizer"
    moving = {name: moved for name, moved in moves(request, evidence, "steps").items() if np.any(moved)}
    # another rate or momentum costs points where it belongs: the decay is read with the rule that the steps show
    rule = (recognised(request, moving) if moving else None) or Rule(RATE, MOMENTUM, False)
    idle = moves(request, evidence, "decay")
    steps = int(request["idle_steps"])
    ways = {coupled: rule.shrinkage(steps, coupled) for coupled in (True, False)}
    shrunk = {name: shrinkage(request, name, moved) for name, moved in idle.items()}
    if not all(np.isfinite(value) for value in shrunk.values()):
        return Complaint(expected, "NaN or infinity after steps without gradients", "look for a division by zero")
    for whole in ways.values():
        if whole > 0 and all(_fits(name, value / whole) for name, value in shrunk.items()):
            return None
    return _wrong_decay(shrunk, ways, expected)


def _fits(name: str, found: float) -> bool:
    return abs(found / DECAY - 1) < DECAY_TOLERANCE or (name in MAY_STAY and found == 0)


def _wrong_decay(shrunk: dict[str, float], ways: dict[bool, float], expected: str) -> Complaint:
    kernels = {name: value for name, value in shrunk.items() if name not in MAY_STAY}
    if all(value == 0 for value in shrunk.values()):
        return Complaint(
            expected,
            "none: without a gradient the weights stay as they are",
            "hand the decay to the optimizer",
            "no_decay",
        )
    for name, value in kernels.items():
        if value == 0:
            return Complaint(
                expected,
                f"no decay of {WORDS[name]}",
                "biases and BatchNorm may be left out, but not the weights of convolutions and dense layers",
                "kernel_without_decay",
            )
    value = next(iter(kernels.values()))
    if value < 0:
        return Complaint(
            expected, "weights that grow without a gradient", "look at the sign of the decay", "growing_weights"
        )
    if not max(kernels.values()) < 0.5:  # no decay that anybody uses
        return Complaint(
            expected,
            f"weights that move by {100 * value:.2g} % in steps whose gradients are zero",
            "SGD with decay shrinks them by millionths a step: use the decay of plain SGD",
        )
    rates = {coupled: value / whole for coupled, whole in ways.items()}
    for tenth in (1e-4, 1e-3, 1e-2, 1e-6, 5e-4, 5e-5, 2e-5, 5e-6):
        if any(abs(rate / tenth - 1) < DECAY_TOLERANCE for rate in rates.values()):
            paper = " (the paper's; the course takes a tenth of it)" if tenth == 1e-4 else ""
            return Complaint(expected, f"about {tenth:g}{paper}", "set the decay that the course uses", "wrong_decay")
    return Complaint(
        expected,
        f"about {rates[True]:.2g} in {WORDS[next(iter(kernels))]}",
        "set one decay for all weights",
        "wrong_decay",
    )

"""Assignment 2: ResNet from scratch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from grader.checks import conduct, equality, structure
from grader.checks.describe import describe
from grader.diagnosis import diagnose
from grader.oracle.nets import STAGES
from grader.spec import Assignment, Check, Question, Request

EXPANSION = {"basic_block": 1, "bottleneck": 4}
# A plain net of 110 layers multiplies what enters it, rounding too, by about gain to the 108th: with 1.1 rounding
# became 3e-4 of the output, with 0.9 nothing was left of the images.
GAIN = {"basic_block": 1.0, "bottleneck": 1.0, "resnet": 0.7, "cifar_resnet": 0.7, "cifar_plain": 0.98}


def _images(generator: np.random.Generator, count: int, height: int, width: int, channels: int) -> np.ndarray:
    """Images of different contrast and offset: independent noise alone would average out in the global pool.

    They are large enough for an activation that is cut off, such as ReLU6, to differ from ReLU. Large ones get calm
    towards the right: max pooling hides what the stem does to negative values unless all of a window are negative.
    """
    noise = generator.standard_normal((count, height, width, channels))
    if width > 32:
        noise *= np.linspace(1, 0, width)[:, None] ** 2
    contrast = generator.uniform(1.0, 6.0, (count, 1, 1, channels))
    offset = generator.uniform(-3.0, 3.0, (count, 1, 1, channels))
    return (noise * contrast + offset).astype(np.float32)


def _request(kind: str, generator: np.random.Generator, cases: list[dict[str, Any]], sizes: list[Any]) -> Request:
    request: Request = {"kind": kind, "gain": GAIN[kind], "seed": int(generator.integers(2**31)), "cases": cases}
    for number, (count, height, width, channels) in enumerate(sizes):
        request[f"images_{number}"] = _images(generator, count, height, width, channels)
    return request


def block_request(kind: str, generator: np.random.Generator) -> Request:
    """Blocks with every kind of shortcut, on odd and even sizes, not square, smallest first, and a chain of them."""
    width = int(generator.integers(5, 8))
    out = width * EXPANSION[kind]
    last = width + 1 if kind == "basic_block" else width - 1  # channels change both ways: more come in, or fewer
    steps = [
        (out, [(width, 1)], (9, 7), "default"),  # identity
        (out, [(width, 2)], (9, 7), "keyword"),  # the stride alone changes
        (width + 1, [(width, 1)], (8, 6), "position"),  # the channels alone change
        (width + 2, [(width, 2)], (8, 10), "position"),  # both
        (width + 1, [(width, 2), (width, 1), (last, 1)], (9, 11), "position"),  # several blocks in one model
    ]
    cases = [
        {
            "in_channels": inputs,
            "steps": chain,
            "stride_by": given,
            "expansion": EXPANSION[kind],
            "training": True,
            "registration": True,
            "conduct": True,
        }
        for inputs, chain, _, given in steps
    ]
    usual = {**cases[0], "in_channels": 64 * EXPANSION[kind], "steps": [(64, 1)]}  # a width of real nets, small images
    cases.append(usual | {"training": False, "registration": False, "conduct": False})
    sizes = [(4, *size, inputs) for inputs, _, size, _ in steps]
    return _request(kind, generator, cases, [*sizes, (2, 3, 4, 64 * EXPANSION[kind])])


def net_request(kind: str, depth: int, training: bool, generator: np.random.Generator) -> Request:
    """One net of a depth and an unusual number of classes; the second depth is asked for with the defaults."""
    default = depth in (32, 34)
    # So many that a ReLU behind them almost always meets a negative one; two classes are two logits all the same.
    classes = 2 if depth in (44, 101) else int(generator.integers(11, 20))
    case = {
        "depth": depth,
        "num_classes": (1000 if kind == "resnet" else 10) if default else classes,
        "default": default,
        "training": training,
        "registration": training,
        "conduct": depth in (18, 20),
    }
    size = (32, 32)
    if kind == "resnet":  # odd through all stages; one depth's images aren't square, another's last map, 2 x 3
        size = {18: (33, 49), 34: (33, 65), 50: (40, 33)}.get(depth, (33, 33))  # and one's pool gets an even map
    return _request(kind, generator, [case], [(3 if training else 2, *size, 3)])


def block_checks(kind: str, points: Sequence[float]) -> tuple[Check, ...]:
    """The checks of a block; they share one run of the probe."""
    request = partial(block_request, kind)
    judges = (
        ("from_scratch", conduct.from_scratch),
        ("shape", structure.shape),
        ("parameters", structure.parameters),
        ("evaluation", equality.evaluation),
        ("training", equality.training),
        ("gradients", equality.gradients),
        ("conduct", conduct.conduct),
        ("registration", conduct.registration),
    )
    return tuple(
        Check(name, judge.__doc__ or "", "a2_resnet.block", request, judge, worth, gate=name == "from_scratch")
        for (name, judge), worth in zip(judges, points, strict=True)
    )


def net_checks(kind: str, depths: Sequence[int], trained: Sequence[int], points: float) -> tuple[Check, ...]:
    """For each depth one check per judge; training mode, gradients and registration at some depths."""
    checks: list[Check] = []
    for depth in depths:
        request = partial(net_request, kind, depth, depth in trained)
        judges: list[tuple[str, Callable[..., Any], float]] = [
            ("from_scratch", conduct.from_scratch, 0.0),
            ("shape", structure.shape, 0.1),
            ("layout", structure.layout, 0.1),
            ("parameters", structure.parameters, 0.2),
            ("evaluation", equality.evaluation, 0.5 - 0.3 * (depth in trained)),
            ("conduct", conduct.conduct, 0.1),
        ]
        if depth in trained:
            judges += [
                ("training", equality.training, 0.1),
                ("gradients", equality.gradients, 0.1),
                ("registration", conduct.registration, 0.1),
            ]
        for name, judge, share in judges:
            worth = points / len(depths) * share
            check = Check(f"{name}_{depth}", judge.__doc__ or "", "a2_resnet.net", request, judge, worth)
            checks.append(replace(check, gate=name == "from_scratch"))
    return tuple(checks)


def _net(kind: str, depths: Sequence[int], trained: Sequence[int], points: float, excuses: tuple[str, ...]) -> Question:
    checks = net_checks(kind, depths, trained, points)
    return Question(kind, {"torch": kind, "keras": kind}, checks, excuses, describe, diagnose)


ASSIGNMENT = Assignment(
    "a2_resnet",
    "ResNet from scratch",
    (
        Question(
            "basic_block", {"torch": "BasicBlock", "keras": "basic_block"},
            block_checks("basic_block", (0, 0.5, 0.5, 1.5, 1, 1, 0.25, 0.25)), (), describe, diagnose,
        ),
        Question(
            "bottleneck", {"torch": "Bottleneck", "keras": "bottleneck"},
            block_checks("bottleneck", (0, 0.5, 0.5, 1, 0.75, 0.75, 0.25, 0.25)), (), describe, diagnose,
        ),
        _net("resnet", tuple(STAGES), (18, 50), 6, ("basic_block", "bottleneck")),
        _net("cifar_resnet", (20, 32, 44, 56, 110), (20,), 3, ("basic_block",)),
        _net("cifar_plain", (20, 32, 44, 56, 110), (20,), 2, ()),
    ),
)  # fmt: skip

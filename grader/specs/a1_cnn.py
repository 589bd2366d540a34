"""Assignment 1: design your own simple CNN, train it, evaluate it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader import given
from grader.checks import conduct, equality, structure
from grader.checks.basics import classifying, counting, epochs, evaluating
from grader.checks.basics.idle import batch_decides, called
from grader.checks.basics.requests import count_request, epoch_request, evaluate_request
from grader.checks.describe import describe
from grader.diagnosis import diagnose
from grader.result import Complaint
from grader.spec import Assignment, Check, Evidence, Judge, Question, Request

BATCH, TRAINING, TEST = 32, 1600, 500
# After which steps the net is tried; the best try counts, since at a constant rate a right net's accuracy jumps by .2
# from try to try. The last one ends the training. Keras's BatchNorm, with a momentum of .99, needs longer.
LOOKS = {"torch": [300, 320, 340, 360, 380, 400], "keras": [500, 520, 540, 560, 580, 600]}


def layer_request(generator: np.random.Generator) -> Request:
    """Layers on odd and even sizes, not square, smallest first, and a chain of them.

    The maps are so small that a variance over n - 1 shows.
    """
    inputs, width = int(generator.integers(2, 5)), int(2 * generator.integers(2, 4) + 1)
    steps = [
        (inputs, [(width, 1)], (5, 4)),
        (inputs, [(width, 2)], (7, 5)),
        (width, [(width, 1)], (6, 4)),  # the input has the output's shape, and no shortcut is asked for
        (inputs, [(width, 1), (width, 2), (width + 3, 2)], (11, 9)),
    ]
    cases = [{"in_channels": channels, "steps": chain, "training": True, "registration": True, "conduct": True}
             for channels, chain, _ in steps]  # fmt: skip
    request: Request = {"kind": "conv_bn_relu", "gain": 1.0, "seed": int(generator.integers(2**31)), "cases": cases}
    for number, (channels, _, size) in enumerate(steps):
        noise = generator.standard_normal((4, *size, channels))
        contrast, offset = generator.uniform(1, 6, (4, 1, 1, channels)), generator.uniform(-3, 3, (4, 1, 1, channels))
        request[f"images_{number}"] = (noise * contrast + offset).astype(np.float32)
    return request


def diagnose_layer(request: Request, evidence: Evidence, complaint: Complaint) -> Complaint:
    """The complaint that names the mistake: as it is, or of a norm that looks at the batch, or a known one."""
    if complaint.mistake:
        return complaint
    return batch_decides(request, evidence) or diagnose(request, evidence, complaint)


def classifier_request(generator: np.random.Generator) -> Request:
    """The task to learn, rendered afresh; the labels of the test images stay with the judge."""
    seeds = generator.integers(2**31, size=3)
    images, labels, names = given.images("small", "train", TRAINING, seed=int(seeds[0]))
    test_images, test_labels, _ = given.images("small", "test", TEST, seed=int(seeds[1]))
    steps = max(looks[-1] for looks in LOOKS.values())
    passes = [generator.permutation(TRAINING) for _ in range(-(-steps * BATCH // TRAINING))]
    return {
        "seed": int(seeds[2]), "images": images, "labels": labels, "test_images": test_images,
        "kept_labels": test_labels, "task_classes": len(names), "classes": [2, 7, 100],
        "order": np.concatenate(passes)[: steps * BATCH].reshape(steps, BATCH), "rate": 1e-3, "few": 16, "looks": LOOKS,
        "hopeless": 4 * classifying.MOST_MULTIPLY_ADDS,
    }  # fmt: skip


def _checks(probe: str, request: Any, judges: Sequence[tuple[str, Judge, float]], seconds: float = 60) -> Any:
    """Checks that share one run of a probe."""
    return tuple(
        Check(name, judge.__doc__ or name, f"a1_cnn.{probe}", request, judge, worth, seconds)
        for name, judge, worth in judges
    )


def _question(name: str, checks: tuple[Check, ...], torch: str = "") -> Question:
    return Question(name, {"torch": torch or name, "keras": name}, checks)


LAYER = _checks("layer", layer_request, (
    ("shape", structure.shape, 0.5),
    ("called", called, 0.25),
    ("parameters", structure.parameters, 0.25),
    ("evaluation", equality.evaluation, 1.0),
    ("training", equality.training, 0.75),
    ("gradients", equality.gradients, 0.75),
    ("conduct", conduct.conduct, 0.25),
    ("registration", conduct.registration, 0.25),
))  # fmt: skip
CLASSIFIER = _checks("classifier", classifier_request, (
    ("shapes", classifying.shapes, 0.75),
    ("size", classifying.size, 0.75),
    ("registered", classifying.registered, 0.5),
    ("steady", classifying.steady, 0.5),
    ("saved", classifying.saved, 0.25),
    ("logits", classifying.logits, 0.75),
    ("alive", classifying.alive, 0.5),
    ("accuracy", classifying.accuracy, 1.0),
), seconds=600)  # fmt: skip
COUNTING = _checks("count_parameters", count_request, (
    ("two_numbers", counting.two_numbers, 0.5),
    ("plain", counting.plain, 1.0),
    ("frozen", counting.frozen, 1.0),
    ("special", counting.special, 0.5),
))  # fmt: skip
EPOCH = _checks("train_epoch", epoch_request, (
    ("steps", epochs.steps, 2.0),
    ("statistics", epochs.statistics, 0.5),
    ("loss", epochs.losses, 1.5),
))  # fmt: skip
EVALUATE = _checks("evaluate", evaluate_request, (
    ("accuracy", evaluating.accuracy, 2.5),
    ("unchanged", evaluating.unchanged, 1.5),
))  # fmt: skip

ASSIGNMENT = Assignment(
    "a1_cnn",
    "Design your own simple CNN",
    (
        Question(
            "conv_bn_relu", {"torch": "ConvBNReLU", "keras": "conv_bn_relu"}, LAYER, (), describe, diagnose_layer,
        ),
        _question("simple_cnn", CLASSIFIER),
        _question("count_parameters", COUNTING),
        _question("train_epoch", EPOCH),
        _question("evaluate", EVALUATE),
    ),
)  # fmt: skip

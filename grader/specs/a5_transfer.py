"""Assignment 5: transfer learning with ResNet."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from grader import given
from grader.checks.transfer import (
    accuracy,
    freezing,
    heads,
    logits,
    pipeline,
    pretrained,
    rates,
    scoring,
    small,
    strategy,
)
from grader.given.preparation import normalised
from grader.spec import Assignment, Check, Question, Request

IMAGES = 64  # more than the 40 features of the widest small backbone, so that linear logits can be told from others
BATCH, STEPS, RATE = 16, 4, 0.05  # of the training steps on small backbones
BLOCKS = {3: [1, 2, 2], 4: [1, 1, 1, 2]}  # of each stage: "the last stage" and "its last block" must not be one
PASSES = 20_000  # images through the first convolution during `transfer`
OUTSIDERS = 18  # of the validation images, three of each of six things, which get a label of their own


def tensors(generator: np.random.Generator, case: dict[str, Any]) -> np.ndarray:
    """The numbers of a small backbone, one tensor after another, such that signals neither die nor explode."""
    parts = []
    for slot, shape in small.slots(case).items():
        role = slot.rpartition("/")[2]
        if role == "kernel":
            numbers = generator.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))
        else:
            low, high = (0.5, 1.5) if role in ("scale", "variance") else (-0.5, 0.5)
            numbers = generator.uniform(low, high, shape)
        parts.append(numbers.astype(np.float32).ravel())
    return np.concatenate(parts)


def case(generator: np.random.Generator, depth: int, stages: list[int], classes: int | None) -> dict[str, Any]:
    """A backbone of 3 stages as the given one or of 4 as those of ImageNet, with the arguments of the call.

    Some have bottlenecks as ResNet-50 has, but that these widen nothing; 0 classes are as many as pooled features.
    """
    width = int(generator.integers(4, 6))
    drawn = int(generator.integers(5, 10)) if classes is None else classes or width * 2 ** (depth - 1)
    found = {
        "depth": depth, "blocks": BLOCKS[depth], "width": width, "bottleneck": depth == 4 or stages == [2],
        "stem": 7 if depth == 4 else 3, "pooled": depth == 4,
        "num_classes": drawn, "source_classes": int(generator.integers(23, 31)),
        "stages": stages, "batch": BATCH, "steps": STEPS, "rate": RATE, "boundary": -1,
    }  # fmt: skip
    if stages and stages[0] < depth:
        # of the two convolutions that a stage's input meets, the one that needs no zeros around it
        first = f"stage{depth - stages[0] + 1}.block1.projection/kernel"
        found["boundary"] = list(small.slots(found)).index(first)
    return found


def models(plans: tuple[tuple[Any, ...], ...], generator: np.random.Generator) -> Request:
    """Small backbones with (depth, stages) and perhaps a number of classes, and images for each."""
    request: Request = {"seed": int(generator.integers(2**31)), "cases": []}
    for number, (depth, stages, *classes) in enumerate(plans):
        drawn = case(generator, depth, list(stages), classes[0] if classes else None)
        request["cases"].append(drawn)
        request[f"tensors_{number}"] = tensors(generator, drawn)
        contrast, offset = generator.uniform(0.5, 2, (IMAGES, 1, 1, 3)), generator.uniform(-1, 1, (IMAGES, 1, 1, 3))
        noise = generator.standard_normal((IMAGES, 32, 32, 3))
        request[f"images_{number}"] = (noise * contrast + offset).astype(np.float32)
        request[f"labels_{number}"] = generator.integers(0, drawn["num_classes"], IMAGES)
    return request


def grouping(generator: np.random.Generator) -> Request:
    """Models to group in PyTorch, and what `compile_for` is tried with in Keras."""
    rate = round(float(generator.uniform(0.02, 0.2)), 4)
    classes = [int(generator.integers(3, 6)), int(generator.integers(6, 9))]
    return models(((3, (1,)), (3, (2,), 0), (4, (4,))), generator) | {
        "lr": rate, "other": 0.317, "earlier": 2 * rate, "phases": ["head", "fine_tune", "fine_tune"],
        "compile_rates": [rate, rate / 2, rate / 2], "compile_classes": classes,
        "compile_images": generator.standard_normal((24, 16, 16, 3)).astype(np.float32),
        "compile_labels_0": generator.integers(0, classes[0], 24),
        "compile_labels_1": generator.integers(0, classes[1], 24),
    }  # fmt: skip


def strategies(generator: np.random.Generator) -> Request:
    """Questions for the table: amounts on both sides of the border, and the border itself; each of them twice."""
    amounts = [int(generator.integers(2, 40)), int(generator.integers(60, 5000)), 1, 10, 100, 1300, 49, 50, 51]
    questions = [[amount, similar] for amount in amounts for similar in (True, False)]
    return {"questions": [*questions, *questions[::-1]]}


def objects(generator: np.random.Generator, split: str, count: int, classes: np.ndarray) -> tuple[Any, Any]:
    """Fresh images of some of the objects that the backbone hasn't seen, labelled in the order of `classes`."""
    places = {int(name): label for label, name in enumerate(classes)}
    images, labels, _ = given.images("objects", split, 2 * count, seed=int(generator.integers(2**62)))
    kept = np.flatnonzero(np.isin(labels, classes))[:count]
    return images[kept], np.array([places[int(label)] for label in labels[kept]], np.int64)


def tuning(generator: np.random.Generator) -> Request:
    """Prepared images to fine-tune on, the batches to take, and unseen images."""
    classes = generator.permutation(10)
    images, labels = objects(generator, "train", 128, classes)
    test, known = objects(generator, "test", 200, classes)
    epochs = [generator.permutation(128).reshape(-1, BATCH) for _ in range(8)]
    return {
        "num_classes": 10, "seed": int(generator.integers(2**31)), "images": normalised(images), "labels": labels,
        "batches": np.concatenate(epochs), "rate": 0.05, "test_images": normalised(test), "kept_labels": known,
    }  # fmt: skip


def task(generator: np.random.Generator) -> Request:
    """A whole task: images of objects, and among the validation images some things with a label of their own."""
    classes = generator.permutation(10)[: int(generator.integers(9, 11))]
    images, labels = objects(generator, "train", int(generator.integers(120, 161)), classes)
    some, known = objects(generator, "validation", int(generator.integers(60, 76)), classes)
    odd, kinds, _ = given.images("things", "validation", OUTSIDERS, seed=int(generator.integers(2**62)))
    names = generator.integers(0, len(classes), 6)
    order = generator.permutation(len(some) + OUTSIDERS)
    test, answers = objects(generator, "test", 200, classes)
    seed, two = int(generator.integers(2**31)), dict[str, Any]()
    for part, count in (("train", 250), ("validation", 125)):  # a fifth of these, of twice as many of ten classes
        two[f"two_{part}_images"], two[f"two_{part}_labels"] = objects(generator, part, count, classes[:2])
    return two | {
        "two_test_images": test[:12],
        "num_classes": len(classes), "seed": seed, "limit": PASSES,
        "train_images": images, "train_labels": labels,
        "validation_images": np.concatenate([some, odd])[order],
        "validation_labels": np.concatenate([known, names[kinds]])[order],
        "outsiders": np.flatnonzero(order >= len(some)), "test_images": test, "kept_labels": answers,
        "mean": list(given.MEAN), "deviation": list(given.STD),
    }  # fmt: skip


def checks(probe: str, request: Any, judges: list[tuple[str, Any, float]], seconds: float = 120) -> tuple[Check, ...]:
    """Checks that share one run of a probe."""
    return tuple(
        Check(name, judge.__doc__ or "", f"a5_transfer.{probe}", request, judge, points, seconds)
        for name, judge, points in judges
    )


def _feature_extractor() -> tuple[Check, ...]:
    judges = [
        ("answer", heads.answer, 0.5), ("logits", logits.logits, 0.5), ("pretrained", pretrained.pretrained, 1),
        ("head", heads.head, 1), ("frozen", freezing.frozen, 1), ("statistics", freezing.statistics, 1),
    ]  # fmt: skip
    return checks("structure", partial(models, ((3, ()), (4, (), 2))), judges)


def _fine_tuner() -> tuple[Check, ...]:
    plans = ((3, (1,)), (3, (2,)), (4, (1,)), (4, (3,)), (3, (3,)))
    judges = [
        ("answer", heads.answer, 0.25), ("logits", logits.logits, 0.25), ("pretrained", pretrained.pretrained, 0.5),
        ("head", heads.head, 0.5), ("stages", freezing.stages, 1), ("statistics", freezing.statistics, 0.75),
    ]  # fmt: skip
    trained = checks("tuning", tuning, [("accuracy", accuracy.tuned, 0.75)], 300)
    return checks("structure", partial(models, plans), judges) + trained


ASSIGNMENT = Assignment(
    "a5_transfer",
    "Transfer learning with ResNet",
    (
        Question("feature_extractor", dict.fromkeys(("torch", "keras"), "feature_extractor"), _feature_extractor()),
        Question("fine_tuner", dict.fromkeys(("torch", "keras"), "fine_tuner"), _fine_tuner()),
        Question(
            "parameter_groups", {"torch": "parameter_groups", "keras": "compile_for"},
            checks("groups", grouping, [
                ("accepted", rates.accepted, 0.75), ("learning", rates.learning, 1), ("rates", rates.rates, 1.25),
            ]),
            companions={name: {"torch": name, "keras": name} for name in ("fine_tuner", "feature_extractor")},
        ),
        Question(
            "choose_strategy", dict.fromkeys(("torch", "keras"), "choose_strategy"),
            checks("strategy", strategies, [
                ("little", strategy.little, 0.75), ("much", strategy.much, 0.75), ("border", strategy.border, 0.5),
            ]),
        ),
        Question(
            "transfer", dict.fromkeys(("torch", "keras"), "transfer"),
            checks("pipeline", task, [
                ("budget", pipeline.budget, 0.5), ("arguments", pipeline.arguments, 0.5),
                ("scores", scoring.scores, 0.5), ("alone", pipeline.alone, 1), ("accuracy", accuracy.accuracy, 3),
                ("validation", pipeline.validation, 0.5),
            ], 1800),  # 20,000 passes took up to 90 CPU s in Keras, and a busy machine gives a fifth of that
        ),
    ),
)  # fmt: skip

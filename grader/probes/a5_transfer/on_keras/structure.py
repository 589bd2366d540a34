"""What a model made from a small Keras backbone holds, gives, and what moves in it while it is trained."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

from grader.probes import partial, students_code
from grader.probes.a5_transfer import Inventory, numbered, text
from grader.probes.a5_transfer.on_keras.backbone import build
from grader.probes.a5_transfer.on_keras.models import (
    Momentum,
    Step,
    called,
    evaluated,
    inventory,
    made,
    now,
    steps,
    watching,
)
from grader.probes.examining.on_keras.weights import weights_of


def structure(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """Evidence about the student's models, one for each case."""
    evidence: dict[str, np.ndarray] = {}
    for number, case in enumerate(request["cases"]):
        flat, images = request[f"tensors_{number}"], np.asarray(request[f"images_{number}"], np.float32)
        labels = np.asarray(request[f"labels_{number}"], np.int64)
        evidence |= numbered(number, partial("error", lambda: _look(function, case, flat, images, labels)))  # noqa: B023
    return evidence


def _look(
    function: Callable[..., Any], case: dict[str, Any], flat: np.ndarray, images: np.ndarray, labels: np.ndarray
) -> dict[str, np.ndarray]:
    backbone, pretrained = build(case, flat, images.shape[1:])

    def call(one: Any) -> Any:
        return function(one, int(case["num_classes"]), *case["stages"])

    model = made(lambda: call(backbone), images)
    held, weights = inventory(model, pretrained), weights_of(model)
    evidence = {"shared": _shared(model, lambda: made(lambda: call(build(case, flat, images.shape[1:])[0]), images))}
    evidence |= {"output": evaluated(model, images), "again": evaluated(model, images)}
    single = "the logits of a single image"
    evidence |= partial("alone_error", lambda: {"alone": evaluated(model, images[:1], single)})
    learned = partial("training_error", lambda: _learning(model, held, weights, case, images, labels))
    return evidence | held.evidence(now(weights)) | learned


def _shared(model: keras.Model, make: Callable[[], keras.Model]) -> np.ndarray:
    """The model's tensors that a second model, made in the same way from another backbone, has too."""
    second = make()
    theirs = {id(weight) for weight in second.weights}
    return text([weight.path for weight in model.weights if id(weight) in theirs])


def _learning(
    model: keras.Model,
    held: Inventory,
    weights: list[Any],
    case: dict[str, Any],
    images: np.ndarray,
    labels: np.ndarray,
) -> dict[str, np.ndarray]:
    """Some steps by an optimizer over all that `trainable` names, and how the trained model treats a batch."""
    found = {"boundary": _boundary(model, held, int(case["boundary"]), images[: case["batch"]])}
    taken = steps(model, Momentum(lambda variable: float(case["rate"])), _batches(case, images, labels))
    found |= {"steps": np.array(taken, np.int32), **held.evidence(now(weights))}
    found["trained"] = evaluated(model, images)
    others = [np.concatenate([images[:1], images[start : start + 7]]) for start in (1, 8)]
    with students_code("computing the logits in training mode"):
        found["noisy"], other = (_in_training(model, batch) for batch in others)
        found["beside"] = np.stack([found["noisy"][0], other[0]])
    return found


def _batches(case: dict[str, Any], images: np.ndarray, labels: np.ndarray) -> Iterator[Step]:
    size = int(case["batch"])
    for step in range(int(case["steps"])):
        rows = slice(step * size, (step + 1) * size)
        yield images[rows], labels[rows]


def _in_training(model: keras.Model, batch: np.ndarray) -> np.ndarray:
    """Logits in training mode; the same seeds each time, so that dropout hides the same features."""
    keras.utils.set_random_seed(0)
    weights = {id(weight) for weight in model.weights}
    seeds = [variable for variable in model.variables if id(variable) not in weights and "seed" in variable.path]
    for seed in seeds:
        seed.assign(np.zeros(seed.shape, seed.dtype))
    return np.asarray(called(model, batch, True).numpy(), np.float32)


def _boundary(model: keras.Model, held: Inventory, place: int, images: np.ndarray) -> np.ndarray:
    """What reaches one of the backbone's convolutions in training mode, `n h w c`; empty where it isn't met."""
    if place < 0:
        return np.zeros(0, np.float32)
    kernel = held.standing_for(place).transpose(2, 3, 1, 0)
    found: list[np.ndarray] = []

    def listener(inputs: Any, weights: Any) -> None:
        if tuple(weights.shape) == kernel.shape and np.array_equal(keras.ops.convert_to_numpy(weights), kernel):
            found.append(np.asarray(inputs, np.float32))

    with watching(listener):
        called(model, images, True)
    return found[0] if found else np.zeros(0, np.float32)

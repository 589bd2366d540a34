"""What the student's training functions do with nets that keep a diary, in Keras."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from grader.probes import StudentError, students_code
from grader.probes.a3_training import Diary, Script, called, defaults, history, kept, losses, second
from grader.probes.a3_training.on_keras import noted
from grader.probes.a3_training.on_keras.recipe import LOSS, rates


def fit(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """The diaries of two nets that the student's `fit` trains, their last states, and the histories."""
    try:
        found = _trained(function, request)
        return found | second(lambda short: _trained(function, short), request) | _own(request, found)
    finally:
        noted.forget()


def _trained(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    diary = Diary()
    script = Script(request["validation_images"], request["script"], request["steps"])
    model = noted.build(request, request["initial"], diary, script)
    train = (request["train_images"].copy(), request["train_labels"].copy())
    validation = (request["validation_images"].copy(), request["validation_labels"].copy())
    size = request["batch_size"]
    result = called("training", function, model, train, validation, request["epochs"], batch_size=size)
    with students_code("reading the history"):
        found = diary.evidence() | history(result) | {"final": noted.state(model)}
    return found | {"defaults": defaults(function, ["batch_size"])}


def _own(request: dict[str, Any], found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What the notebook's own optimizer and callbacks do: their mistakes are told elsewhere."""
    make_optimizer, make_callbacks = (request["companions"].get(name) for name in ("make_optimizer", "make_schedule"))
    own: dict[str, np.ndarray] = {}
    if make_optimizer is None:
        return own
    try:
        own["own_states"] = _twin(make_optimizer, make_callbacks, request, found)
        if make_callbacks is not None:
            with students_code("running the callbacks"):
                own["own_rates"] = np.array([_rates(make_optimizer, make_callbacks, request)])
    except StudentError:
        return own  # no comparison, then
    return own


def _twin(
    make_optimizer: Callable[..., Any],
    make_callbacks: Callable[..., Any] | None,
    request: dict[str, Any],
    found: dict[str, np.ndarray],
) -> np.ndarray:
    """The states of a second net after each step of the first epoch, by the notebook's optimizer and a right loop."""
    model = noted.build(request, request["initial"], Diary(), None)
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    pairs = zip(request["train_images"], request["train_labels"], strict=True)
    labels = {image[0, 0, 0].item(): int(label) for image, label in pairs}
    states, start = list[np.ndarray](), 0
    with students_code("training a second net"):
        optimizer = make_optimizer(model)
        if make_callbacks is not None:  # they may set the rate of the first epoch
            model.compile(optimizer)
            callbacks = keras.callbacks.CallbackList(make_callbacks(), model=model)
            callbacks.on_train_begin()
            callbacks.on_epoch_begin(0)
        for count, training in zip(found["counts"], found["training"], strict=True):
            images = found["images"][start : start + count]
            start += count
            if not training and not states:
                continue  # a look at the net before the first step
            known = [labels.get(image[0, 0, 0].item(), -1) for image in images]
            if not training or -1 in known:
                break
            with tf.GradientTape() as tape:
                loss = loss_of(np.array(known), model(images, training=True))
            variables = model.trainable_variables
            optimizer.apply_gradients(list(zip(tape.gradient(loss, variables), variables, strict=True)))
            states.append(noted.state(model))
            if len(states) == request["steps"]:
                break
    return np.array(states, dtype=np.float32)


def _rates(
    make_optimizer: Callable[..., Any], make_callbacks: Callable[..., Any], request: dict[str, Any]
) -> list[float]:
    """The rates of each epoch and after the last, when the notebook's callbacks follow the validation loss."""
    model = noted.build(request, request["initial"], Diary(), None)
    model.compile(make_optimizer(model), LOSS, metrics=["accuracy"])
    model.test_on_batch(request["train_images"][:2], request["train_labels"][:2])
    falling = np.linspace(1.5, 0.5, len(request["validation_losses"]))
    logs = [
        {
            "loss": float(loss),
            "accuracy": 1 - float(loss) / 2,
            "val_loss": float(value),
            "val_accuracy": 1 - float(error),
        }
        for loss, value, error in zip(falling, request["validation_losses"], request["validation_errors"], strict=True)
    ]
    callbacks = make_callbacks()
    return rates(model, list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks], logs)[0]


def degradation(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """For each case the diaries of the nets that the student's experiment builds, and the losses that it returns."""
    found: dict[str, np.ndarray] = {"defaults": defaults(function, ["depths", "steps"])}
    built: list[tuple[str, Diary]] = []

    def build(kind: str, depth: int) -> keras.Model:  # one and the same for all calls, which build their own nets
        name = f"{kind}_{int(depth)}"
        if f"initial_{name}" not in request:
            raise ValueError(f"expected 'plain' or 'residual' and a depth that was asked for; got {name!r}")
        built.append((name, Diary()))
        for _ in range(int(depth) + (kind == "residual")):
            random.random()  # as each layer draws a seed there: no two nets move the generator alike
        return noted.build(request, request[f"initial_{name}"], built[-1][1], None)

    try:
        for number, case in enumerate(request["cases"]):
            built.clear()
            images, labels = request["images"].copy(), request["labels"].copy()
            depths, steps = tuple(case["depths"]), case["steps"]
            result = called("running the experiment", function, build, images, labels, depths=depths, steps=steps)
            with students_code("reading the losses"):
                found |= {f"{number}_{name}": array for name, array in losses(result).items()}
            found |= kept(number, built)
        return found
    finally:
        noted.forget()

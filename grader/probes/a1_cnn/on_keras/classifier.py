"""The probe in Keras of a net of the student's own design."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from grader import given
from grader.probes import partial, students_code
from grader.probes.a1_cnn import numbered
from grader.probes.a1_cnn.on_keras.counting import counting
from grader.probes.examining import names
from grader.probes.tracing import TraceBuilder
from grader.probes.tracing.on_keras import listening

CHUNK = 250  # images at a time in evaluation mode


def classifier(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """Shapes for some numbers of classes; size, training and behaviour of the net for the task's classes."""
    evidence: dict[str, np.ndarray] = {}
    images = np.asarray(given.prepare(request["images"], "keras"))
    for number, classes in enumerate(request["classes"]):

        def look(classes: int = classes) -> dict[str, np.ndarray]:
            model = _built(function, classes, images)
            few, one = _forward(model, images[:3]), _forward(model, images[:1])
            return {"few": np.array(few.shape, dtype=np.int64), "one": np.array(one.shape, dtype=np.int64)}

        evidence |= numbered(number, partial("error", look))
    return evidence | partial("net_error", lambda: _net(function, images, request))


def _built(function: Callable[..., Any], classes: int, images: np.ndarray) -> keras.Model:
    with students_code("building the model"):
        model = function(classes)
        if not isinstance(model, keras.Model):
            raise TypeError(f"expected a keras.Model, got {type(model).__name__}")
        model(tf.constant(images[:2]), training=False)  # subclassed models get their weights at the first image
        return model


def _forward(model: keras.Model, images: np.ndarray) -> np.ndarray:
    with students_code("computing logits in evaluation mode"):
        parts = []
        for start in range(0, len(images), CHUNK):
            output = model(tf.constant(images[start : start + CHUNK]), training=False)
            if not tf.is_tensor(output):
                raise TypeError(f"expected one tensor from the model, got {type(output).__name__}")
            parts.append(tf.cast(output, tf.float32).numpy())
        return np.concatenate(parts)


def _net(function: Callable[..., Any], images: np.ndarray, request: dict[str, Any]) -> dict[str, np.ndarray]:
    model = _built(function, request["task_classes"], images)
    evidence = _size(model, images)
    if evidence["multiply_adds"] > request["hopeless"]:
        return evidence
    return evidence | partial("training_error", lambda: _trained(model, function, images, request))


def _size(model: keras.Model, images: np.ndarray) -> dict[str, np.ndarray]:
    builder, inputs = TraceBuilder(), tf.constant(images[:1])
    for index, weight in enumerate(model.weights):
        builder.know(weight.value.handle, f"t{index}")
    with students_code("computing logits in evaluation mode"), listening(builder, inputs), counting() as work:
        model(inputs, training=False)
    used = [value for operation in builder.operations for value in operation[1]]
    unregistered = [
        tuple(value["unregistered"]) for value in used if isinstance(value, dict) and "unregistered" in value
    ]
    return {
        "trainable": np.array(sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)),
        "multiply_adds": np.array(sum(work)),
        "unregistered": names(unregistered),
    }


def _trained(
    model: keras.Model, function: Callable[..., Any], images: np.ndarray, request: dict[str, Any]
) -> dict[str, np.ndarray]:
    test = np.asarray(given.prepare(request["test_images"], "keras"))
    with students_code("training"):
        evidence = {"outputs": _train(model, images, request["labels"].astype(np.int64), test, request)}
    few = test[: request["few"]]
    evidence |= {"first": _forward(model, few), "again": _forward(model, few), "alone": _forward(model, few[:1])}
    evidence |= {"other": _forward(model, few[::-1])}
    evidence |= partial("gradient_error", lambda: _gradients(model, few))
    return evidence | partial("reload_error", lambda: _reloaded(model, function, few, request["task_classes"]))


@contextmanager
def _compiled() -> Iterator[None]:
    """Functions run as graphs, which is several times faster; elsewhere they run eagerly, so that traces see them."""
    eagerly = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(False)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(eagerly)


def _train(
    model: keras.Model, images: np.ndarray, labels: np.ndarray, test: np.ndarray, request: dict[str, Any]
) -> np.ndarray:
    """Adam on the mean cross-entropy of the logits, a row of `order` for each step; the test logits at each look."""
    optimizer = keras.optimizers.Adam(learning_rate=request["rate"])
    weights = model.trainable_weights
    optimizer.build(weights)

    def step(batch: tf.Tensor, right: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            logits = model(batch, training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=right, logits=logits))
        found = tape.gradient(loss, weights)
        pairs = [(gradient, weight) for gradient, weight in zip(found, weights, strict=True) if gradient is not None]
        optimizer.apply([gradient for gradient, _ in pairs], [weight for _, weight in pairs])

    fast, found = tf.function(step, reduce_retracing=True), []
    looks = request["looks"]["keras"]
    for number, rows in enumerate(request["order"][: looks[-1]], 1):
        with _compiled():
            fast(tf.constant(images[rows]), tf.constant(labels[rows]))
        if number in looks:
            found.append(_forward(model, test))
    return np.stack(found)


def _gradients(model: keras.Model, images: np.ndarray) -> dict[str, np.ndarray]:
    """For each trainable weight whether anything of its gradient isn't zero, in evaluation mode."""
    weights = model.trainable_weights
    with students_code("computing the gradients in evaluation mode"):
        rows = np.linspace(-1, 2, len(images), dtype=np.float32)[:, None]
        with tf.GradientTape() as tape:
            output = model(tf.constant(images), training=False)
            columns = np.sin(np.arange(1, output.shape[1] + 1, dtype=np.float32))
            total = tf.reduce_sum(output * rows * columns)
        found = tape.gradient(total, weights)
    alive = [gradient is not None and bool(np.any(tf.convert_to_tensor(gradient).numpy())) for gradient in found]
    return {"alive": np.array(alive, dtype=np.bool_), "parameters": names([weight.path for weight in weights])}


def _reloaded(
    model: keras.Model, function: Callable[..., Any], images: np.ndarray, classes: int
) -> dict[str, np.ndarray]:
    second = _built(function, classes, images)
    with students_code("loading the weights of one model into a second one"):
        second.set_weights(model.get_weights())
    return {"reloaded": _forward(second, images)}

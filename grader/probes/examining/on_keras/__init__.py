"""Examining one Keras model on TensorFlow."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from grader import fill
from grader.probes import partial, students_code
from grader.probes.examining import Plan, names
from grader.probes.examining.on_keras.building import built, origins
from grader.probes.examining.on_keras.weights import canonical, canonical_values, complete, fill_all, give, weights_of
from grader.probes.tracing import TraceBuilder, encode
from grader.probes.tracing.on_keras import listening


def examine(build: Callable[[], Any], images: np.ndarray, plan: Plan) -> dict[str, np.ndarray]:
    """Evidence about the model that `build` gives, for images `n h w c`."""
    inputs = tf.constant(images)
    before = set(sys.modules)
    model, used = built(build, inputs)
    evidence = {"ready_made": names(origins(model, before, used))}
    weights = weights_of(model)
    fill_all(model, weights, plan)
    evidence |= _evaluation(model, inputs, weights)
    if plan.conduct:
        evidence |= partial("conduct_error", lambda: _conduct(model, inputs))
    if plan.registration:
        evidence |= partial("registration_error", lambda: _registration(model, build, inputs))
        gc.collect()  # the second model, before the gradients need as much memory again
    if plan.training:
        evidence |= partial("training_error", lambda: _training(model, inputs, weights, plan))
    return evidence


def _forward(model: keras.Model, inputs: tf.Tensor, training: bool, phase: str) -> tf.Tensor:
    with students_code(phase):
        output = model(inputs, training=training)
        if not tf.is_tensor(output):
            raise TypeError(f"expected one tensor from the model, got {type(output).__name__}")
        if not (output.dtype.is_floating or output.dtype.is_integer):
            raise TypeError(f"expected a tensor of real numbers from the model, got {output.dtype.name}")
        return output


def _evaluation(model: keras.Model, inputs: tf.Tensor, weights: list[Any]) -> dict[str, np.ndarray]:
    phase = "computing the output in evaluation mode"
    before = inputs.numpy()
    builder = TraceBuilder()
    builder.know(inputs, "x")
    for index, weight in enumerate(weights):
        builder.know(weight.value.handle, f"t{index}")
    with listening(builder, inputs):
        output = _forward(model, inputs, False, phase)
    owners = {id(weight): layer for layer in model._flatten_layers() for weight in layer.weights}
    described = [
        {
            "name": weight.path, "shape": canonical(tuple(weight.shape)), "trainable": bool(weight.trainable),
            "owner": type(owners.get(id(weight), model)).__name__,
        }
        for weight in weights
    ]  # fmt: skip
    return {
        "trace": encode(described, builder, builder.reference(output)),
        "output": output.numpy(),
        "input_changed": np.array(np.abs(inputs.numpy() - before).max()),
    }


def _conduct(model: keras.Model, inputs: tf.Tensor) -> dict[str, np.ndarray]:
    again = _forward(model, inputs, False, "computing the output a second time")
    alone = _forward(model, inputs[:1], False, "computing the output for a single image")
    turned = _forward(model, inputs[::-1], False, "computing the output for the images in reverse order")
    return {"again": again.numpy(), "alone": alone.numpy(), "turned": turned.numpy()}


def _registration(model: keras.Model, build: Callable[[], Any], inputs: tf.Tensor) -> dict[str, np.ndarray]:
    second, _ = built(build, inputs)
    if len(second.weights) != len(model.weights):
        return {"counts": np.array([len(model.weights), len(second.weights)], np.int32)}
    own = {id(weight) for weight in model.weights}
    shared = [weight.path for weight in second.weights if id(weight) in own]
    with students_code("loading the weights of one model into a second one"):
        for own_weight, weight in zip(second.weights, model.weights, strict=True):
            give(own_weight, weight.numpy())
        complete(second)
    reloaded = _forward(second, inputs, False, "computing the output of a reloaded model")
    return {"reloaded": reloaded.numpy(), "shared": names(shared)}


def _training(model: keras.Model, inputs: tf.Tensor, weights: list[Any], plan: Plan) -> dict[str, np.ndarray]:
    builder = TraceBuilder()
    builder.know(inputs, "x")
    learning = [weight for weight in weights if weight.trainable]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        with listening(builder, inputs):
            output = _forward(model, inputs, True, "computing the output in training mode")
        total = tf.reduce_sum(output * fill.cotangent(plan.seed, tuple(output.shape)))
    with students_code("computing the gradients"):
        found = tape.gradient(total, [inputs, *(weight.value for weight in learning)])
    gradients = dict(zip((id(weight) for weight in learning), found[1:], strict=True))
    sketches = [_sketch(gradients.get(id(weight)), plan) for weight in weights]
    statistics = [weight.numpy().reshape(-1) for weight in weights if not weight.trainable]
    return {
        "training_output": output.numpy(),
        "input_gradient": np.zeros(0) if found[0] is None else found[0].numpy(),
        "gradients": np.array(sketches).reshape(len(weights), 4),
        "statistics": np.concatenate(statistics or [np.zeros(0)]),
        "training_operations": names(sorted({operation[0] for operation in builder.operations})),
    }


def _sketch(gradient: Any, plan: Plan) -> np.ndarray:
    if gradient is None:
        return np.full(4, np.nan)
    return fill.sketch(plan.seed, canonical_values(tf.convert_to_tensor(gradient).numpy()))

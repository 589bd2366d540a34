"""Examining one Keras model on TensorFlow."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state
from keras.src.initializers import random_initializers

from grader import fill
from grader.probes import partial, students_code
from grader.probes.examining import Plan, names, ready_made
from grader.probes.tracing import TraceBuilder, canonical_vector, encode
from grader.probes.tracing.on_keras import listening


def examine(build: Callable[[], Any], images: np.ndarray, plan: Plan) -> dict[str, np.ndarray]:
    """Evidence about the model that `build` gives, for images `n h w c`."""
    inputs = tf.constant(images)
    before = set(sys.modules)
    model, used = _built(build, inputs)
    evidence = {"ready_made": names(_origins(model, before, used))}
    weights = _weights(model)
    _fill(model, weights, plan)
    evidence |= _evaluation(model, inputs, weights)
    if plan.registration:
        evidence |= partial("registration_error", lambda: _registration(model, build, inputs))
        gc.collect()  # the second model, before the gradients need as much memory again
    if plan.training:
        evidence |= partial("training_error", lambda: _training(model, inputs, weights, plan))
    return evidence


class _Zeros:
    """Stands for the module of random numbers while a model is built: every tensor is filled afterwards, and random
    initialisation is most of the cost of building a deep net.
    """

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        if name in ("normal", "uniform", "truncated_normal"):
            return lambda shape, *args, dtype=None, **kwargs: tf.zeros(shape, dtype or "float32")
        return getattr(self._module, name)


class _Recorder:
    """Stands for `layers` inside the modules of ready-made nets, and notes that they were used."""

    def __init__(self, layers: Any, module: str, used: set[str]) -> None:
        self._layers, self._name, self._used = layers, module, used

    def __getattr__(self, name: str) -> Any:
        self._used.add(self._name)
        return getattr(self._layers, name)


@contextmanager
def _building() -> Iterator[set[str]]:
    """Skip random initialisation, and note which modules of ready-made nets make layers."""
    used: set[str] = set()
    watched = {
        name: module for name, module in list(sys.modules.items()) if ready_made(name) and hasattr(module, "layers")
    }
    originals = {name: module.layers for name, module in watched.items()}
    random = random_initializers.random
    try:
        random_initializers.random = _Zeros(random)
        for name, module in watched.items():
            vars(module)["layers"] = _Recorder(originals[name], name, used)
        yield used
    finally:
        random_initializers.random = random
        for name, module in watched.items():
            vars(module)["layers"] = originals[name]


def _built(build: Callable[[], Any], inputs: tf.Tensor) -> tuple[keras.Model, set[str]]:
    with students_code("building the model"), _building() as used:
        model = _constructed(build)
        if not isinstance(model, keras.Model):
            raise TypeError(f"expected a keras.Model, got {type(model).__name__}")
        if not model.built or not model.weights:
            model(inputs, training=False)  # subclassed models get their weights at the first image
        return model, used


def _constructed(build: Callable[[], Any]) -> Any:
    """What `build` gives, with variables that have no values yet: giving them values twice takes most of the time."""
    waiting = global_state.get_global_attribute("uninitialized_variables") or []
    try:
        with keras.StatelessScope(initialize_variables=False):
            return build()
    except Exception:  # a program that needs values while it builds gets them; a mistake is raised once more
        return build()
    finally:
        global_state.set_global_attribute("uninitialized_variables", waiting)


def _origins(model: keras.Model, before: set[str], used: set[str]) -> list[str]:
    """Ready-made classes among the model's parts, and packages of them that made layers or were imported meanwhile."""
    parts = {
        base.__module__ + "." + base.__qualname__
        for part in (model, *model._flatten_layers())
        for base in type(part).__mro__
    }
    fresh = {name for name in set(sys.modules) - before if ready_made(name)}
    return sorted({name for name in parts if ready_made(name)} | fresh | used)


def _weights(model: keras.Model) -> list[Any]:
    """All floating-point variables of the model, each once."""
    found = {id(weight): weight for weight in model.weights}
    return [weight for weight in found.values() if "float" in str(weight.dtype)]


def _canonical(shape: tuple[int, ...]) -> tuple[int, ...]:
    """`kh kw i o` as `o i kh kw`, `i o` as `o i`, vectors without axes of length one."""
    if len(shape) < 2 or (len(shape) == 4 and canonical_vector(shape) and shape[:3] == (1, 1, 1)):
        return (int(np.prod(shape)),)
    return tuple(shape[axis] for axis in (3, 2, 0, 1)) if len(shape) == 4 else tuple(reversed(shape))


def _own_layout(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Canonical values in the layout of Keras."""
    if values.ndim == 4:
        return np.ascontiguousarray(values.transpose(2, 3, 1, 0))
    return np.ascontiguousarray(values.T).reshape(shape)


def _canonical_values(gradient: np.ndarray) -> np.ndarray:
    if gradient.ndim == 4:
        return np.ascontiguousarray(gradient.transpose(3, 2, 0, 1))
    return np.ascontiguousarray(gradient.T)


def _fill(model: keras.Model, weights: list[Any], plan: Plan) -> None:
    for index, weight in enumerate(weights):
        shape = tuple(weight.shape)
        _give(weight, _own_layout(fill.tensor(plan.seed, index, _canonical(shape), plan.gain), shape))
    _complete(model)


def _give(weight: Any, values: np.ndarray) -> None:
    if weight._value is None:
        weight._initialize(values)
    else:
        weight.assign(values)


def _complete(model: keras.Model) -> None:
    """Give variables that are no weights, such as the seeds of dropout, the values they begin with."""
    for variable in model.variables:
        if variable._value is None:
            variable._deferred_initialize()


def _forward(model: keras.Model, inputs: tf.Tensor, training: bool, phase: str) -> tf.Tensor:
    with students_code(phase):
        output = model(inputs, training=training)
        if not tf.is_tensor(output):
            raise TypeError(f"expected one tensor from the model, got {type(output).__name__}")
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
            "name": weight.path, "shape": _canonical(tuple(weight.shape)), "trainable": bool(weight.trainable),
            "owner": type(owners.get(id(weight), model)).__name__,
        }
        for weight in weights
    ]  # fmt: skip
    return {
        "trace": encode(described, builder, builder.reference(output)),
        "output": output.numpy(),
        "input_changed": np.array(np.abs(inputs.numpy() - before).max()),
    }


def _registration(model: keras.Model, build: Callable[[], Any], inputs: tf.Tensor) -> dict[str, np.ndarray]:
    again = _forward(model, inputs, False, "computing the output a second time")
    alone = _forward(model, inputs[:1], False, "computing the output for a single image")
    second, _ = _built(build, inputs)
    own = {id(weight) for weight in model.weights}
    shared = [weight.path for weight in second.weights if id(weight) in own]
    with students_code("loading the weights of one model into a second one"):
        for own_weight, weight in zip(second.weights, model.weights, strict=True):
            _give(own_weight, weight.numpy())
        _complete(second)
    reloaded = _forward(second, inputs, False, "computing the output of a reloaded model")
    outputs = {"again": again, "alone": alone, "reloaded": reloaded}
    return {name: output.numpy() for name, output in outputs.items()} | {"shared": names(shared)}


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
    return fill.sketch(plan.seed, _canonical_values(tf.convert_to_tensor(gradient).numpy()))

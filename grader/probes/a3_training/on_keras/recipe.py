"""What the student's initializer, optimizer and callbacks do to small nets in Keras."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import keras
import numpy as np
from keras import layers

from grader.probes import partial, students_code
from grader.probes.a3_training import made, text

LOSS = "sparse_categorical_crossentropy"


def init_weights(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """Kernels `o i kh kw` of convolutions that take the student's initializers, each of another seed.

    On the shape of one its seed is tried again, and the next seed.
    """
    seeds, again = request["seeds"], request["again"]
    # all are made before any is used, as in a model: what they draw must hang on their own seeds
    initializers = [made("making an initializer", function, seed) for seed in (*seeds, seeds[again], seeds[again] + 1)]
    shapes = [*request["shapes"], *[request["shapes"][again]] * 2]
    order = [*range(again + 1, len(seeds)), *range(again + 1), len(seeds), len(seeds) + 1]
    kernels = {number: _kernel(initializers[number], shapes[number]) for number in order}
    found = {"names": text({"convolutions": [f"a convolution with seed {seed}" for seed in seeds]})}
    found |= {f"kernel_{number}": kernels[number] for number in range(len(seeds))}
    return found | {"again": kernels[len(seeds)], "next": kernels[len(seeds) + 1]}


def _kernel(initializer: Any, shape: Sequence[int]) -> np.ndarray:
    outputs, inputs, height, width = shape
    with students_code(f"making the kernel of `Conv2D({outputs}, ({height}, {width}), kernel_initializer=...)`"):
        layer = layers.Conv2D(outputs, (height, width), kernel_initializer=initializer)
        layer.build((None, 16, 16, inputs))
        return np.array(layer.kernel, dtype=np.float32).transpose(3, 2, 0, 1)


def _model(request: dict[str, Any]) -> list[Any]:
    """The layers of a net, of which the last is frozen."""
    outputs, _, height, width = request["weights_kernel"].shape
    return [
        layers.Conv2D(outputs, (height, width)),
        layers.BatchNormalization(),
        layers.PReLU(shared_axes=[1, 2]),
        layers.Flatten(),
        layers.Dense(len(request["weights_matrix"])),
        layers.Dense(2, use_bias=False, trainable=False),
    ]


def _filled(inner: Sequence[Any], request: dict[str, Any]) -> list[Any]:
    """The variables that learn in the request's order, filled from it."""
    convolution, norm, slope, _, dense, _ = inner
    learning = [*convolution.weights, norm.gamma, norm.beta, slope.alpha, *dense.weights]
    for variable, name in zip(learning, request["slots"], strict=True):
        variable.assign(_keras_layout(request[f"weights_{name}"]).reshape(variable.shape))
    return learning


def _keras_layout(values: np.ndarray) -> np.ndarray:
    """Kernels and matrices with the axes in Keras's order."""
    if values.ndim == 4:
        return values.transpose(2, 3, 1, 0)
    return values.T


def _state(learning: list[Any]) -> np.ndarray:
    arrays = [np.array(variable, dtype=np.float32) for variable in learning]
    return np.concatenate([(a.transpose(3, 2, 0, 1) if a.ndim == 4 else a.T).reshape(-1) for a in arrays])


def make_optimizer(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """The weights after steps with given gradients, and of other nets after steps whose gradients are zero.

    Then the same once more with nets that are built when the optimizer is there already.
    """
    found: dict[str, np.ndarray] = {}
    _, inputs, height, width = request["weights_kernel"].shape
    for late, phase in (("", "steps"), ("", "decay"), ("late_", "steps"), ("late_", "decay")):
        inner = _model(request)
        model = keras.Sequential(inner if late else [keras.Input((height, width, inputs)), *inner])
        words = " of a model that isn't built yet" if late else ""
        with suppress(Exception):  # what can't be told a rate keeps its own
            made("making the optimizer", function, model).learning_rate = 0.01  # as a schedule left it
        optimizer = made(f"making the optimizer{words}", function, model)
        model.build((None, height, width, inputs))
        learning, frozen = _filled(inner, request), inner[-1].kernel
        if late:  # an optimizer that was built without variables can take no step, and may well be right
            look = partial("error", lambda: {phase: _steps(optimizer, learning, request, phase)})  # noqa: B023
            found |= {f"late_{name}": array for name, array in look.items()}
            continue
        kept = np.array(frozen)
        found["type"] = text(type(optimizer).__name__)
        found[phase] = _steps(optimizer, learning, request, phase)
        found[f"{phase}_frozen"] = np.array(np.abs(np.array(frozen) - kept).max())
        found[f"{phase}_learning"] = np.array(len(model.trainable_variables))
    return found


def _steps(optimizer: Any, learning: list[Any], request: dict[str, Any], phase: str) -> np.ndarray:
    """The states after each step."""
    states = []
    for step in range(request["steps" if phase == "steps" else "idle_steps"]):
        gradients = [
            keras.ops.reshape(_keras_layout(request[f"gradients_{name}"][step]), variable.shape)
            if phase == "steps"
            else keras.ops.zeros(variable.shape)
            for variable, name in zip(learning, request["slots"], strict=True)
        ]
        with students_code("taking a step with the optimizer"):
            optimizer.apply_gradients(list(zip(gradients, learning, strict=True)))
        states.append(_state(learning))
    return np.array(states)


def rates(model: keras.Model, callbacks: Any, logs: Sequence[dict[str, float]]) -> tuple[list[float], bool]:
    """The rate of each epoch and the one after the last as callbacks leave it, and whether they stop the training."""
    driven = keras.callbacks.CallbackList(callbacks, model=model, epochs=len(logs), steps=1, verbose=0)
    found, stops = [], False
    model.stop_training = False
    driven.on_train_begin()
    for epoch, values in enumerate(logs):
        driven.on_epoch_begin(epoch)
        found.append(float(np.array(model.optimizer.learning_rate)))
        training = {name: value for name, value in values.items() if not name.startswith("val_")}
        driven.on_train_batch_begin(0)
        driven.on_train_batch_end(0, dict(training))
        driven.on_test_begin()
        driven.on_test_end({name.removeprefix("val_"): values[name] for name in values if name.startswith("val_")})
        driven.on_epoch_end(epoch, dict(values))
        stops = stops or bool(model.stop_training)
    driven.on_epoch_begin(len(logs))  # a callback may change the rate when an epoch begins
    found.append(float(np.array(model.optimizer.learning_rate)))
    driven.on_train_end()
    return found, stops


def make_schedule(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """The rates of each epoch of each sequence of logs; one without `patience`."""
    found: dict[str, np.ndarray] = {}
    words: dict[str, Any] = {"listed": True, "stops": False}
    for number, patience in enumerate(request["patiences"]):
        callbacks = made("making the callbacks", function, **({} if patience is None else {"patience": patience}))
        words["type"] = type(callbacks).__name__
        words["listed"] = words["listed"] and isinstance(callbacks, list | tuple)
        each = list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]
        early = any(isinstance(one, keras.callbacks.EarlyStopping) for one in each)
        model = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
        start = request["rates"][number % len(request["rates"])]
        model.compile(keras.optimizers.SGD(start, momentum=0.9), LOSS, metrics=["accuracy"])
        # callbacks look the direction of a metric up in the compiled ones, which are made by the first batch
        model.test_on_batch(np.zeros((2, 2), dtype=np.float32), np.zeros(2, dtype=np.int64))
        keys = {"loss": "loss", "accuracy": "accuracy", "val_loss": "errors", "val_accuracy": "val_accuracy"}
        logs = [
            {key: float(request[f"{series}_{number}"][epoch]) for key, series in keys.items()}
            for epoch in range(len(request[f"errors_{number}"]))
        ]
        with students_code("running the callbacks"):
            values, stops = rates(model, each, logs)
        words["stops"] = words["stops"] or stops or early
        found[f"rates_{number}"] = np.array(values)[:, None]
    return found | {"callbacks": text(words)}

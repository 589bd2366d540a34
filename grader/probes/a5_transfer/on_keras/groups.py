"""What a student's `compile_for` sets up, tried on classifiers of the grader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

from grader.probes import partial, students_code
from grader.probes.a5_transfer import numbered, text

STATISTICS = ("moving_mean", "moving_variance")  # of BatchNorm: they follow the batches, no optimizer moves them


def groups(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """Evidence about three calls: two phases of one model, more of which learns in the second, and another model."""
    images, rates = np.asarray(request["compile_images"], np.float32), request["compile_rates"]
    first, second = _classifier(images, int(request["compile_classes"][0])), None
    evidence: dict[str, np.ndarray] = {}
    known: list[Any] = []
    for number, phase in enumerate(request["phases"]):
        model = first
        if number == 1:
            first.get_layer("second").trainable = True
        if number == 2:
            model = second = _Subclassed(int(request["compile_classes"][1]))
            second(images[:2])
            second.first.trainable = False
        labels = np.asarray(request[f"compile_labels_{min(number // 2, 1)}"], np.int64)
        look = partial("error", lambda: _compiled(function, model, phase, float(rates[number]), images, labels, known))  # noqa: B023
        evidence |= numbered(number, look)
    return evidence


def _classifier(images: np.ndarray, classes: int) -> keras.Model:
    """A functional classifier whose first two convolutions are frozen, the BatchNorm between them not."""
    inputs = keras.Input(images.shape[1:], name="images")
    x = layers.BatchNormalization(name="norm")(layers.Conv2D(6, 3, strides=2, name="first")(inputs))
    x = layers.Conv2D(8, 3, strides=2, activation="tanh", name="second")(x)
    x = layers.Dense(12, activation="tanh", name="third")(layers.GlobalAveragePooling2D()(x))
    outputs = layers.Flatten()(layers.Dense(classes, name="head")(x))  # the last layer has no activation to look at
    model = keras.Model(inputs, outputs)
    for name in ("first", "second"):
        model.get_layer(name).trainable = False
    return model


class _Subclassed(keras.Model):  # type: ignore[misc]  # keras is untyped here
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.first = layers.Conv2D(8, 3, strides=2, activation="tanh")
        self.norm = layers.BatchNormalization()
        self.pool = layers.GlobalAveragePooling2D()
        self.head = layers.Dense(classes)

    def call(self, images: Any) -> Any:
        return self.head(self.pool(self.norm(self.first(images))))


def _compiled(
    function: Callable[..., Any],
    model: keras.Model,
    phase: str,
    rate: float,
    images: np.ndarray,
    labels: np.ndarray,
    known: list[Any],
) -> dict[str, np.ndarray]:
    flags = [layer.trainable for layer in model._flatten_layers()]
    with students_code(f'calling compile_for(model, "{phase}", {rate:g})'):
        function(model, phase, rate)
        optimizer = getattr(model, "optimizer", None) if model.compiled else None
        if optimizer is None:
            raise TypeError("expected a compiled model with an optimizer, got one that isn't compiled")
        found = {"rate": np.array(_rate(optimizer))}
    touched = flags != [layer.trainable for layer in model._flatten_layers()]
    found |= {"touched": np.array(touched), "reused": np.array(any(optimizer is other for other in known))}
    known.append(optimizer)
    schedule = keras.optimizers.schedules.LearningRateSchedule
    found["scheduled"] = np.array(isinstance(getattr(optimizer, "_learning_rate", None), schedule))
    found["logits"] = model(images, training=False).numpy()
    with students_code("evaluating the compiled model"):
        results = model.evaluate(images, labels, batch_size=len(images), verbose=0, return_dict=True)
        found["loss"] = np.array(float(results["loss"]))
        found["metrics"] = np.array([_number(value) for name, value in results.items() if name != "loss"])
    found["metric_names"] = text([name[:60] for name in results if name != "loss"])
    weights = [weight for weight in model.weights if not weight.path.endswith(STATISTICS)]
    before = [weight.numpy() for weight in weights]
    learns = {id(weight) for weight in model.trainable_weights}
    with students_code("training the compiled model"):
        model.fit(images, labels, batch_size=8, epochs=1, shuffle=False, verbose=0)
        found["rate_after"] = np.array(_rate(optimizer))
    found["moved"] = np.array([not np.array_equal(old, new.numpy()) for old, new in zip(before, weights, strict=True)])
    found["trainable"] = np.array([id(weight) in learns for weight in weights])
    return found | {"names": text([weight.path[:60] for weight in weights])}


def _rate(optimizer: Any) -> float:
    return float(keras.ops.convert_to_numpy(optimizer.learning_rate))


def _number(value: Any) -> float:
    return float(np.mean(value)) if np.ndim(value) <= 1 else float("nan")

"""Probes in Keras of functions that count, train and evaluate: nets of the probe's own go in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

from grader.probes import partial, students_code
from grader.probes.a1_cnn import cut, number, numbered, pair, tensors
from grader.probes.a1_cnn.on_keras.nets import ROLES, named_layers, net, state
from grader.probes.examining import names


def count_parameters(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """What the student's function gives for each model."""
    evidence: dict[str, np.ndarray] = {}
    for place, case in enumerate(request["cases"]):

        def look(case: dict[str, Any] = case) -> dict[str, np.ndarray]:
            model, made = _model(case)
            with students_code("counting"):
                if case["frozen"]:  # what was counted before is no answer to what is counted now
                    function(model)
                    _freeze(made, case["frozen"])
                    function(model)
                found = function(model)
            return pair(found)

        evidence |= numbered(place, partial("error", look))
    return evidence


class Offset(keras.Model):  # type: ignore[misc]  # keras is untyped here
    """A net around another, with a weight that belongs to none of its layers."""

    def __init__(self, inner: keras.Model, size: int) -> None:
        super().__init__()
        self.inner = inner
        self.offset = self.add_weight(shape=(size,), name="offset")

    def call(self, inputs: Any) -> Any:
        """The inner net's output, moved by the weight's sum."""
        return self.inner(inputs) + keras.ops.sum(self.offset)


def _model(case: dict[str, Any]) -> tuple[keras.Model, dict[str, keras.layers.Layer]]:
    """A model to count, and its layers: two nets inside, one layer used twice, or a weight that is in no layer.

    The nets inside hold layers of the same names, whose weights have the same paths.
    """
    made = named_layers(case["layers"], alike=case["nested"])
    body = [layer for name, layer in made.items() if "dense" not in name]
    body += [layers.Dropout(0.3) for _ in range(case["dropouts"])]
    inputs = outputs = keras.Input((6, 6, 3))
    for part in (body[:3], body[3:]):
        outputs = _inside(part, outputs.shape[1:])(outputs) if case["nested"] else _through(part, outputs)
    for _ in range(1 + bool(case["again"])):
        outputs = made["dense1"](outputs)
    model = keras.Model(inputs, outputs)
    if case["offset"]:
        model = Offset(model, case["offset"])
        model(np.zeros((1, 6, 6, 3), np.float32))
    if case["compiled"]:
        model.compile(optimizer="adam", loss="mse", metrics=["mae"])
        model.optimizer.build(model.trainable_variables)
    return model, made


def _inside(made: list[keras.layers.Layer], size: tuple[int, ...]) -> keras.Model:
    """A functional net of some layers, for images of a size `h w c`: its weights' paths don't hold its name."""
    image = keras.Input(size)
    return keras.Model(image, _through(made, image))


def _through(made: list[keras.layers.Layer], values: Any) -> Any:
    for layer in made:
        values = layer(values)
    return values


def _freeze(made: dict[str, keras.layers.Layer], slots: list[str]) -> None:
    """Freeze whole layers, or single tensors of them."""
    for slot in slots:
        name, _, role = slot.partition("/")
        (getattr(made[name], ROLES[role]) if role else made[name]).trainable = False


def train_epoch(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """Two epochs by the student's function: what it returned, and the net's tensors afterwards."""
    evidence: dict[str, np.ndarray] = {}
    for place, case in enumerate(request["cases"]):

        def look(place: int = place, case: dict[str, Any] = case) -> dict[str, np.ndarray]:
            model, slots = net(case["layers"], tensors(request, place), request[f"{place}_images"].shape[1:])
            optimizer = keras.optimizers.SGD(learning_rate=case["rate"], momentum=case["momentum"])
            results = []
            for epoch in range(case["epochs"]):
                batches = _batches(request, place, case, f"{place}_labels_{epoch}")
                with students_code("training for an epoch"):
                    results.append(function(model, batches, optimizer))
            read = [number(result) for result in results]
            returned = {"losses": np.array([value for value, _ in read]), "types": names([kind for _, kind in read])}
            return returned | state(slots)

        evidence |= numbered(place, partial("error", look))
    return evidence


def _batches(request: dict[str, Any], place: int, case: dict[str, Any], labels: str) -> Any:
    """The batches as a list, or as a generator: no length, one pass."""
    batches = cut(request[f"{place}_images"].copy(), request[labels].copy(), case["sizes"])
    return (batch for batch in batches) if case["generator"] else batches


def evaluate(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """What the student's function gives for each call, and what it left of the net."""
    evidence: dict[str, np.ndarray] = {}
    for place, case in enumerate(request["cases"]):

        def look(place: int = place, case: dict[str, Any] = case) -> dict[str, np.ndarray]:
            model, slots = net(case["layers"], tensors(request, place), request[f"{place}_images"].shape[1:])
            results = []
            for call in range(case["calls"]):
                batches = _batches(request, place, case, f"{place}_labels_{call}")
                with students_code("evaluating"):
                    results.append(function(model, batches))
            read = [number(result) for result in results]
            returned = {"shares": np.array([value for value, _ in read]), "types": names([kind for _, kind in read])}
            return returned | state(slots)

        evidence |= numbered(place, partial("error", look))
    return evidence

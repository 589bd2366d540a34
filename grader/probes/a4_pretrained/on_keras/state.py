"""What a function must leave as it was in a Keras model."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

Notes = dict[str, dict[str, Any]]


def note(model: keras.Model) -> Notes:
    """What there is of a model, by what is looked at."""
    statistics = {id(weight) for layer in model.layers for weight in _moving(layer)}
    weights = {
        weight.path: np.asarray(weight.value).tobytes() for weight in model.weights if id(weight) not in statistics
    }
    moving = {weight.path: np.asarray(weight.value).tobytes() for weight in model.weights if id(weight) in statistics}
    return {
        "weights": weights,
        "statistics": moving,
        "frozen": {layer.name: not layer.trainable for layer in (model, *model.layers)},
        "layers": {layer.name: _kind(layer) for layer in model.layers},
    }


def _moving(layer: Any) -> list[Any]:
    return [getattr(layer, name) for name in ("moving_mean", "moving_variance") if hasattr(layer, name)]


def _kind(layer: Any) -> tuple[Any, ...]:
    """A layer's class and what decides its output beside its weights."""
    return type(layer), getattr(layer.call, "__func__", layer.call), getattr(layer, "activation", None)

"""The weights of a Keras model: in canonical order of axes, and filled."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from grader import fill
from grader.probes.examining import Plan
from grader.probes.tracing import canonical_vector


def is_whole(model: keras.Model) -> bool:
    """Whether all parts have their weights: of a subclassed model, `build` may leave some until the first image."""
    return bool(model.weights) and all(layer.built for layer in model._flatten_layers())


def weights_of(model: keras.Model) -> list[Any]:
    """All floating-point variables of the model, each once."""
    found = {id(weight): weight for weight in model.weights}
    return [weight for weight in found.values() if "float" in str(weight.dtype)]


def canonical(shape: tuple[int, ...]) -> tuple[int, ...]:
    """`kh kw i o` as `o i kh kw`, `i o` as `o i`, vectors without axes of length one."""
    if len(shape) != 2 and canonical_vector(shape) and (len(shape) != 4 or shape[:3] == (1, 1, 1)):
        return (int(np.prod(shape)),)
    return tuple(shape[axis] for axis in (3, 2, 0, 1)) if len(shape) == 4 else tuple(reversed(shape))


def _own_layout(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Canonical values in the layout of Keras."""
    if values.ndim == 4:
        return np.ascontiguousarray(values.transpose(2, 3, 1, 0))
    return np.ascontiguousarray(values.T).reshape(shape)


def canonical_values(gradient: np.ndarray) -> np.ndarray:
    """An array in the layout of Keras in canonical order."""
    if gradient.ndim == 4:
        return np.ascontiguousarray(gradient.transpose(3, 2, 0, 1))
    return np.ascontiguousarray(gradient.T)


def fill_all(model: keras.Model, weights: list[Any], plan: Plan) -> None:
    """Fill each weight from the seed."""
    for index, weight in enumerate(weights):
        shape = tuple(weight.shape)
        give(weight, _own_layout(fill.tensor(plan.seed, index, canonical(shape), plan.gain), shape))
    complete(model)


def give(weight: Any, values: np.ndarray) -> None:
    """Set a weight, also one that was built without a value."""
    if weight._value is None:
        weight._initialize(values)
    else:
        weight.assign(values)


def complete(model: keras.Model) -> None:
    """Give variables that are no weights, such as the seeds of dropout, the values they begin with."""
    for variable in model.variables:
        if variable._value is None:
            variable._deferred_initialize()

"""Building a Keras model cheaply, and noting what ready-made nets took part in it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf
from keras.src.backend.common import global_state
from keras.src.initializers import random_initializers

from grader.probes import students_code
from grader.probes.examining import ready_made
from grader.probes.examining.on_keras.weights import is_whole


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


def built(build: Callable[[], Any], inputs: tf.Tensor) -> tuple[keras.Model, set[str]]:
    """The model that `build` gives, with its weights, and the modules of ready-made nets that made layers for it."""
    with students_code("building the model"), _building() as used:
        model = _constructed(build)
        if not isinstance(model, keras.Model):
            raise TypeError(f"expected a keras.Model, got {type(model).__name__}")
        if not is_whole(model):
            model(inputs, training=False)
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


def origins(model: keras.Model, before: set[str], used: set[str]) -> list[str]:
    """Ready-made classes among the model's parts, and packages of them that made layers or were imported meanwhile."""
    parts = {
        base.__module__ + "." + base.__qualname__
        for part in (model, *model._flatten_layers())
        for base in type(part).__mro__
    }
    fresh = {name for name in set(sys.modules) - before if ready_made(name)}
    return sorted({name for name in parts if ready_made(name)} | fresh | used)

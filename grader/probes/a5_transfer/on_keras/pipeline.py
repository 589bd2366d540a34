"""`transfer` as a whole in Keras: what it does to its arguments, how many images pass, what its `predict` says."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from grader import given
from grader.probes.a5_transfer.on_keras.models import watching
from grader.probes.a5_transfer.transferring import Task, Watcher


class _Heads:
    """Dense layers with one output per class, with their matrices as they were when they were first used."""

    def __init__(self, num_classes: int) -> None:
        self._classes = num_classes
        self._first: dict[int, tuple[keras.layers.Dense, np.ndarray]] = {}
        self._last: int | None = None

    def used(self, layer: keras.layers.Dense) -> None:
        """Note that a dense layer was used."""
        if layer.units == self._classes and tf.executing_eagerly():
            self._last = id(layer)
            if id(layer) not in self._first:
                self._first[id(layer)] = (layer, layer.kernel.numpy())

    def change(self) -> float:
        """How far the layer that was used last is from its first use; NaN when there is none."""
        if self._last is None:
            return float("nan")
        layer, first = self._first[self._last]
        return float(np.abs(layer.kernel.numpy() - first).max())

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Note every use of a dense layer inside the block."""
        original = keras.layers.Dense.call

        @functools.wraps(original)  # Keras looks at the signature of a layer's `call`
        def call(layer: keras.layers.Dense, *args: Any, **kwargs: Any) -> Any:
            self.used(layer)
            return original(layer, *args, **kwargs)

        keras.layers.Dense.call = call
        try:
            yield
        finally:
            keras.layers.Dense.call = original


def pipeline(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, Any]:
    """Evidence about `transfer` and the `predict` that it gives."""
    backbone = given.backbone("keras")
    first = next(tuple(weight.shape) for weight in backbone.weights if len(weight.shape) == 4)
    heads, watcher = _Heads(int(request["num_classes"])), Watcher(int(request["limit"]))

    def listener(inputs: Any, kernel: Any) -> None:
        if tuple(kernel.shape) != first:
            return
        if tf.executing_eagerly():
            watcher.passed(len(inputs))
        else:  # in the graph of a data set: counted when it runs
            tf.py_function(lambda count: watcher.passed(int(count)), [tf.shape(inputs)[0]], [])

    with watching(listener), heads.watched():
        return Task(function, request, watcher, heads.change).evidence(lambda: given.backbone("keras"))

"""What the probes do with a student's Keras model: call it, list its tensors, take steps, listen to its layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.tensorflow import nn as backend  # below every layer and `keras.ops`

from grader.probes import students_code
from grader.probes.a5_transfer import Inventory
from grader.probes.examining.on_keras.weights import canonical_values, is_whole, weights_of

Step = tuple[np.ndarray, np.ndarray]


def made(make: Callable[[], Any], images: np.ndarray) -> keras.Model:
    """The model that the student's function gives; one that isn't built is called once."""
    with students_code("building the model"):
        model = make()
        if not isinstance(model, keras.Model):
            raise TypeError(f"expected a keras.Model as the result, got {type(model).__name__}")
        if not is_whole(model):
            model(images[:2], training=False)
        return model


def called(model: keras.Model, images: np.ndarray, training: bool, which: str = "the logits") -> tf.Tensor:
    """The model's output."""
    with students_code(f"computing {which} in {'training' if training else 'evaluation'} mode"):
        output = model(tf.convert_to_tensor(images), training=training)
        if not tf.is_tensor(output):
            raise TypeError(f"expected one tensor from the model, got {type(output).__name__}")
        return output


def evaluated(model: keras.Model, images: np.ndarray, which: str = "the logits") -> np.ndarray:
    """The output in evaluation mode, computed in parts of 100 images."""
    parts = [called(model, images[start : start + 100], False, which).numpy() for start in range(0, len(images), 100)]
    with students_code(f"computing {which} in evaluation mode"):
        return np.concatenate(parts).astype(np.float32)


def inventory(model: keras.Model, pretrained: Sequence[np.ndarray]) -> Inventory:
    """The model's tensors as they are now."""
    return Inventory([weight.path for weight in weights_of(model)], now(weights_of(model)), pretrained)


def now(weights: Sequence[Any]) -> list[np.ndarray]:
    """Copies of weights in canonical layout."""
    return [np.array(canonical_values(weight.numpy())) for weight in weights]


class Momentum:
    """SGD with momentum .9, with a rate of its own for each variable."""

    def __init__(self, rate: Callable[[Any], float]) -> None:
        self._rate = rate
        self._velocity: dict[int, tf.Variable] = {}

    def prepare(self, variables: Iterable[Any]) -> None:
        """Make the velocities, before a graph is traced."""
        self._velocity = {id(each): tf.Variable(tf.zeros(each.shape), trainable=False) for each in variables}

    def apply(self, gradients: Iterable[tuple[Any, Any]]) -> None:
        """One step."""
        for gradient, variable in gradients:
            velocity = self._velocity[id(variable)]
            velocity.assign(0.9 * velocity + tf.convert_to_tensor(gradient))
            variable.assign_sub(self._rate(variable) * velocity)


def steps(model: keras.Model, optimizer: Momentum, batches: Iterable[Step]) -> int:
    """Steps on the cross-entropy in training mode; how many were taken, none where nothing gets a gradient."""
    taken = 0
    optimizer.prepare(model.trainable_variables)
    for images, labels in batches:
        if not step(model, optimizer, tf.constant(images), tf.constant(labels)):
            break
        taken += 1
    return taken


def step(model: keras.Model, optimizer: Momentum, images: tf.Tensor, labels: tf.Tensor) -> bool:
    """One step; whether anything got a gradient."""
    variables = model.trainable_variables
    with tf.GradientTape() as tape:
        output = called(model, images, True)
        if len(output.shape) != 2 or (tf.executing_eagerly() and output.shape[1] <= int(tf.reduce_max(labels))):
            return False  # no loss can be computed: another judge tells the shape
        logits = tf.cast(output, tf.float32)
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
    with students_code("training the model"):
        found = tape.gradient(loss, [variable.value for variable in variables])
    pairs = [pair for pair in zip(found, variables, strict=True) if pair[0] is not None]
    optimizer.apply(pairs)
    return bool(pairs)


@contextmanager
def watching(listener: Callable[[Any, Any], None]) -> Iterator[None]:
    """Tell a listener of every convolution: its input and its kernel."""
    convolution = backend.conv

    def conv(inputs: Any, kernel: Any, *args: Any, **kwargs: Any) -> Any:
        listener(inputs, kernel)
        return convolution(inputs, kernel, *args, **kwargs)

    backend.conv = conv
    try:
        yield
    finally:
        backend.conv = convolution

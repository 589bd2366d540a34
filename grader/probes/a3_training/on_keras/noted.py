"""A net that keeps a diary, in Keras: functional, of usual layers and two that take notes."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from grader.probes.a3_training import SLOTS, Diary, Script, unpacked


class Notebook:
    """What the noting layers of a net share: its diary, its script, and the pass that is under way."""

    def __init__(self, diary: Diary, script: Script | None) -> None:
        self.diary, self.script = diary, script
        self.model: keras.Model | None = None
        self.images = np.zeros(0, dtype=np.float32)
        self.state = np.zeros(0, dtype=np.float32)

    def __deepcopy__(self, memo: dict[int, Any]) -> Notebook:
        return self


_notebooks: list[Notebook] = []  # layers name theirs by number, so that a saved or cloned net writes on in it


def _eager(x: Any) -> bool:
    return isinstance(x, tf.Tensor) and hasattr(x, "numpy")


@keras.saving.register_keras_serializable("grader")
class Opening(layers.Layer):  # type: ignore[misc]  # keras is untyped here
    """Notes the images and the state before a pass."""

    def __init__(self, notebook: int, **options: Any) -> None:
        super().__init__(**options)
        self.notebook = notebook

    def call(self, x: Any) -> Any:
        """The images themselves."""
        if _eager(x):
            book = _notebooks[self.notebook]
            book.images = np.array(x, dtype=np.float32)
            book.state = state(book.model)
        return x

    def get_config(self) -> dict[str, Any]:
        """What the layer is made of."""
        return {**super().get_config(), "notebook": self.notebook}


@keras.saving.register_keras_serializable("grader")
class Closing(layers.Layer):  # type: ignore[misc]  # keras is untyped here
    """Notes the logits; in evaluation mode it gives those of the script, by its count of training steps."""

    def __init__(self, notebook: int, **options: Any) -> None:
        super().__init__(**options)
        self.notebook = notebook

    def build(self, shape: Any) -> None:
        """Make the count of steps."""
        self.steps = self.add_weight(shape=(), initializer="zeros", trainable=False, name="steps")

    def call(self, x: Any, training: bool | None = None) -> Any:
        """The logits, replaced where the script knows the image."""
        if not _eager(x):
            return x
        book, training = _notebooks[self.notebook], bool(training)
        if training:
            self.steps.assign(self.steps + 1)
        elif book.script is not None:
            values = np.array(x)
            given = book.script(book.images, int(np.array(self.steps)), values)
            x = x + tf.constant(given - values)
        book.diary.note(book.images, training, book.state, np.array(x))
        return x

    def get_config(self) -> dict[str, Any]:
        """What the layer is made of."""
        return {**super().get_config(), "notebook": self.notebook}


def build(request: dict[str, Any], initial: np.ndarray, diary: Diary, script: Script | None) -> keras.Model:
    """A net that notes each pass, uncompiled: a convolution as large as the image, BatchNorm, SiLU, a dense layer."""
    height, width, _ = request["image"]
    _notebooks.append(Notebook(diary, script))
    number = len(_notebooks) - 1
    inputs = keras.Input(tuple(request["image"]))
    x = Opening(number)(inputs)
    x = layers.Conv2D(request["channels"], (height, width), use_bias=False, name="conv")(x)
    x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name="norm")(x)
    x = layers.Flatten()(layers.Activation("silu")(x))
    x = layers.Dense(request["classes"], name="dense")(x)
    model = keras.Model(inputs, Closing(number)(x))
    _notebooks[number].model = model
    values = unpacked(initial, request["image"], request["channels"], request["classes"])
    for slot, variable in zip(SLOTS, _variables(model), strict=True):
        value = values[slot]
        variable.assign(value.transpose(2, 3, 1, 0) if value.ndim == 4 else value.T)
    return model


def _variables(model: Any) -> list[Any]:
    norm, dense = model.get_layer("norm"), model.get_layer("dense")
    statistics = [norm.gamma, norm.beta, norm.moving_mean, norm.moving_variance]
    return [model.get_layer("conv").kernel, *statistics, dense.kernel, dense.bias]


def state(model: Any) -> np.ndarray:
    """All tensors of a noted net in one vector, in the order of SLOTS."""
    arrays = [np.array(variable, dtype=np.float32) for variable in _variables(model)]
    return np.concatenate([(a.transpose(3, 2, 0, 1) if a.ndim == 4 else a.T).reshape(-1) for a in arrays])


def forget() -> None:
    """Let the nets go when a probe has ended."""
    _notebooks.clear()

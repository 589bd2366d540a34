"""Small nets in Keras from a description, with tensors that were drawn elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import layers

from grader.probes.examining.on_keras.weights import canonical_values

SiLU = partial(layers.Activation, "silu")
ROLES = {
    "kernel": "kernel", "bias": "bias", "scale": "gamma", "shift": "beta", "mean": "moving_mean",
    "variance": "moving_variance",
}  # fmt: skip


def named_layers(description: Sequence[Sequence[Any]], *, alike: bool = False) -> dict[str, keras.layers.Layer]:
    """The layers of a description in order, by kind and number; `alike`: those of a kind have one name in Keras."""
    found: dict[str, keras.layers.Layer] = {}
    numbers = Counter[str]()
    for kind, *sizes in description:
        numbers[kind] += 1
        name = kind if alike else None
        match kind:
            case "convolution":
                layer = layers.Conv2D(*sizes, padding="same", use_bias=False, name=name)
            case "norm":
                layer = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)  # as in PyTorch
            case "dense":
                layer = layers.Dense(*sizes, name=name)
            case "dropout":
                layer = layers.Dropout(0.5, name=name)
            case _:
                kinds = {"relu": layers.ReLU, "silu": SiLU, "mean": layers.GlobalAveragePooling2D}
                layer = kinds[kind](name=name)
        found[f"{kind}{numbers[kind]}"] = layer
    return found


def net(
    description: Sequence[Sequence[Any]], values: Mapping[str, np.ndarray], size: Sequence[int]
) -> tuple[keras.Model, dict[str, Any]]:
    """The net of a description with its tensors, for images of a size `h w c`, and its weights by slot.

    All have one name: a student's function that keeps something by it goes on with another net.
    """
    inputs = outputs = keras.Input(tuple(size))
    made = named_layers(description)
    for layer in made.values():
        outputs = layer(outputs)
    slots = {}
    for slot, value in values.items():
        name, _, role = slot.partition("/")
        slots[slot] = getattr(made[name], ROLES[role])
        slots[slot].assign(value.transpose(2, 3, 1, 0) if value.ndim == 4 else value.T)
    return keras.Model(inputs, outputs, name="net"), slots


def state(slots: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Copies of a net's tensors as evidence, `after_SLOT`."""
    return {f"after_{slot}": canonical_values(np.array(weight.numpy())) for slot, weight in slots.items()}

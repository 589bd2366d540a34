"""Transfer learning in Keras: a pretrained ResNet, cut, frozen up to a stage, under a new head."""

from __future__ import annotations

import re
from typing import Any

import keras
from keras import layers

from reference.strategies import Strategy

STAGE = re.compile(r"conv(\d+)_")  # conv1_ is the stem, conv2_ the first stage, as in keras.applications


def stages(backbone: keras.Model) -> list[str]:
    """What the layers of each stage are called: conv2_ to convN_."""
    found = {int(match[1]) for layer in backbone.layers if (match := STAGE.match(layer.name))}
    return [f"conv{number}_" for number in sorted(found) if number > 1]


def transfer(backbone: keras.Model, num_classes: int, strategy: Strategy, seed: int = 0) -> keras.Model:
    """The backbone under a new head, as the strategy has it; the backbone's layers are used, not copied."""
    keras.utils.set_random_seed(seed)  # of the head
    names = stages(backbone)
    last = names[-1 if strategy.keep is None else strategy.keep - 1]
    kept = names[: names.index(last) + 1]
    learns = tuple(kept[::-1][: strategy.learn])  # startswith takes a tuple; of none it is never true
    for layer in backbone.layers:
        # A layer that isn't trainable keeps its BatchNorm statistics, and normalises with them in training mode too.
        layer.trainable = strategy.learn is None or layer.name.startswith(learns)
    features = [layer for layer in backbone.layers if layer.name.startswith(last)][-1].output
    pooled = layers.GlobalAveragePooling2D(name="pool")(features)
    return keras.Model(backbone.inputs, layers.Dense(num_classes, name="head")(pooled))


def rates(model: keras.Model) -> dict[str, Any]:
    """For `Trainer`: the head at the recipe's rate, what was pretrained and learns at a tenth of it."""
    head = {variable.path for variable in model.get_layer("head").weights}
    return {"factors": {path: 0.1 for variable in model.trainable_variables if (path := variable.path) not in head}}

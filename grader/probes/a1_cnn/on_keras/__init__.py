"""Probes of `a1_cnn` in Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from grader.probes import partial
from grader.probes.a1_cnn import layer_arguments, numbered, plan
from grader.probes.a1_cnn.on_keras.classifier import classifier
from grader.probes.a1_cnn.on_keras.functions import count_parameters, evaluate, train_epoch
from grader.probes.examining.on_keras import examine

__all__ = ["classifier", "count_parameters", "evaluate", "layer", "train_epoch"]


def layer(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """Evidence about chains of the student's layers, one for each case."""
    evidence: dict[str, np.ndarray] = {}
    for number, case in enumerate(request["cases"]):

        def build(case: dict[str, Any] = case, images: np.ndarray = request[f"images_{number}"]) -> keras.Model:
            inputs = outputs = keras.Input(images.shape[1:])
            for width, stride in case["steps"]:
                outputs = function(outputs, width, **layer_arguments(width, stride))
            return keras.Model(inputs, outputs)

        images = request[f"images_{number}"]
        evidence |= numbered(number, partial("error", lambda: examine(build, images, plan(request))))  # noqa: B023
    return evidence

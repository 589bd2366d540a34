"""Probes of `a2_resnet` in Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from grader.probes import partial
from grader.probes.a2_resnet import numbered, plan, stride_arguments
from grader.probes.examining.on_keras import examine


def block(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """Evidence about chains of the student's blocks, one for each case."""
    evidence: dict[str, np.ndarray] = {}
    for number, case in enumerate(request["cases"]):

        def build(case: dict[str, Any] = case, images: np.ndarray = request[f"images_{number}"]) -> keras.Model:
            inputs = outputs = keras.Input(images.shape[1:])
            for width, stride in case["steps"]:
                position, names = stride_arguments(case, stride)
                outputs = function(outputs, width, *position, **names)
            return keras.Model(inputs, outputs)

        images = request[f"images_{number}"]
        evidence |= numbered(number, partial("error", lambda: examine(build, images, plan(request, case))))  # noqa: B023
    return evidence


def net(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """Evidence about the student's nets, one for each case."""
    evidence: dict[str, np.ndarray] = {}
    for number, case in enumerate(request["cases"]):

        def build(case: dict[str, Any] = case, images: np.ndarray = request[f"images_{number}"]) -> Any:
            shape = {} if case["default"] and images.shape[1] == 32 else {"input_shape": images.shape[1:]}
            classes = {} if case["default"] else {"num_classes": case["num_classes"]}
            return function(case["depth"], **classes, **shape)

        images = request[f"images_{number}"]
        evidence |= numbered(number, partial("error", lambda: examine(build, images, plan(request, case))))  # noqa: B023
    return evidence

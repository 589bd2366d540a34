"""Probes of `a1_cnn` in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import nn

from grader.probes import partial
from grader.probes.a1_cnn import layer_arguments, numbered, plan
from grader.probes.a1_cnn.on_torch.classifier import classifier
from grader.probes.a1_cnn.on_torch.functions import count_parameters, evaluate, train_epoch
from grader.probes.examining.on_torch import examine

__all__ = ["classifier", "count_parameters", "evaluate", "layer", "train_epoch"]


def layer(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """Evidence about chains of the student's layers, one for each case."""
    evidence: dict[str, np.ndarray] = {}
    for number, case in enumerate(request["cases"]):

        def build(case: dict[str, Any] = case) -> nn.Module:
            channels, parts = case["in_channels"], []
            for width, stride in case["steps"]:
                parts.append(function(channels, width, **layer_arguments(width, stride)))
                channels = width
            return parts[0] if len(parts) == 1 else nn.Sequential(*parts)

        images = request[f"images_{number}"]
        evidence |= numbered(number, partial("error", lambda: examine(build, images, plan(request))))  # noqa: B023
    return evidence

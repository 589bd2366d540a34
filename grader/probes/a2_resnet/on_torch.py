"""Probes of `a2_resnet` in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import nn

from grader.probes import partial
from grader.probes.a2_resnet import numbered, plan, stride_arguments
from grader.probes.examining.on_torch import examine


def block(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """Evidence about chains of the student's blocks, one for each case."""
    evidence: dict[str, np.ndarray] = {}
    for number, case in enumerate(request["cases"]):

        def build(case: dict[str, Any] = case) -> nn.Module:
            channels = case["in_channels"]
            parts = []
            for width, stride in case["steps"]:
                position, names = stride_arguments(case, stride)
                parts.append(function(channels, width, *position, **names))
                channels = width * case["expansion"]
            return parts[0] if len(parts) == 1 else nn.Sequential(*parts)

        images = request[f"images_{number}"]
        evidence |= numbered(number, partial("error", lambda: examine(build, images, plan(request, case))))  # noqa: B023
    return evidence


def net(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """Evidence about the student's nets, one for each case."""
    evidence: dict[str, np.ndarray] = {}
    for number, case in enumerate(request["cases"]):

        def build(case: dict[str, Any] = case) -> Any:
            return function(case["depth"], **({} if case["default"] else {"num_classes": case["num_classes"]}))

        images = request[f"images_{number}"]
        evidence |= numbered(number, partial("error", lambda: examine(build, images, plan(request, case))))  # noqa: B023
    return evidence

"""Probes of `a2_resnet`: `block` builds chains of blocks, `net` whole nets; both return the evidence of each case."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.probes.examining import Plan


def plan(request: dict[str, Any], case: dict[str, Any]) -> Plan:
    """What to look at in one case."""
    return Plan(
        seed=int(request["seed"]),
        gain=float(request["gain"]),
        training=bool(case.get("training", False)),
        registration=bool(case.get("registration", False)),
        conduct=bool(case.get("conduct", False)),
    )


def numbered(number: int, evidence: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The evidence of one case among others."""
    return {f"{number}_{name}": array for name, array in evidence.items()}


def stride_arguments(case: dict[str, Any], stride: int) -> tuple[tuple[int, ...], dict[str, int]]:
    """A stride as positional and named arguments; a block of stride 1 may be asked for without one."""
    given = case["stride_by"]
    if given == "default" and stride == 1:
        return (), {}
    return ((), {"stride": stride}) if given == "keyword" else ((stride,), {})

"""Probes of `a2_resnet`: `block` builds chains of blocks, `net` whole nets; both return the evidence of each case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from grader.probes import StudentError
from grader.probes.examining import Plan


def plan(request: dict[str, Any], case: dict[str, Any]) -> Plan:
    """What to look at in one case."""
    return Plan(
        seed=int(request["seed"]),
        gain=float(request["gain"]),
        training=bool(case.get("training", False)),
        registration=bool(case.get("registration", False)),
    )


@contextmanager
def in_case(case: dict[str, Any]) -> Iterator[None]:
    """Say in which case the student's code failed."""
    try:
        yield
    except StudentError as error:
        raise StudentError(f"{error.phase} with {_words(case)}", error.cause) from error.cause


def _words(case: dict[str, Any]) -> str:
    if "depth" in case:
        return f"depth {case['depth']} and {case['num_classes']} classes"
    width, stride = case["steps"][0]
    several = f", {len(case['steps'])} blocks in one model" if len(case["steps"]) > 1 else ""
    return f"{case['in_channels']} input channels, channels={width}, stride={stride}{several}"


def numbered(number: int, evidence: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The evidence of one case among others."""
    return {f"{number}_{name}": array for name, array in evidence.items()}

"""Reading evidence as what it ought to be; what no honest probe writes is a MalformedError."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from grader.failure import MalformedError
from grader.spec import Evidence


def array(evidence: Evidence, name: str) -> np.ndarray:
    """The array of this name; raises MalformedError."""
    if name not in evidence:
        raise MalformedError(f"no {name}")
    return evidence[name]


def plain(evidence: Evidence, name: str) -> dict[str, Any]:
    """The JSON object of this name; raises MalformedError."""
    try:
        found = json.loads(bytes(array(evidence, name)).decode())
    except (ValueError, TypeError, RecursionError):
        raise MalformedError(f"{name} is no text") from None
    if not isinstance(found, dict):
        raise MalformedError(f"{name} is no object")
    return found


def listed(evidence: Evidence, name: str, key: str) -> list[str]:
    """A list of short texts under a key of a JSON object; raises MalformedError."""
    found = plain(evidence, name).get(key, [])
    if not isinstance(found, list):
        raise MalformedError(f"{name} holds no list of {key}")
    return [str(item)[:100] for item in found[:200]]

"""The measured thresholds, which `make calibrate` writes beside the specs with their figures."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources


@lru_cache
def threshold(assignment: str, question: str, framework: str) -> float:
    """The value that a right program of a question stays above; raises KeyError where none was measured."""
    file = resources.files("grader.specs") / "thresholds" / f"{assignment}.json"
    return float(json.loads(file.read_text(encoding="utf-8"))[question][framework])

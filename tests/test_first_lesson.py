"""What the first lesson says of its thresholds is what the grader asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.checks.basics.classifying import MOST_MULTIPLY_ADDS, MOST_PARAMETERS
from grader.checks.thresholds import threshold
from grader.specs.a1_cnn import BATCH, LOOKS, TRAINING

SOLUTIONS = Path(__file__).parent.parent / "solutions" / "a1_cnn"


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_the_lesson_states_what_is_asked(framework):
    text = " ".join((SOLUTIONS / f"on_{framework}.py").read_text(encoding="utf-8").replace("\n# ", " ").split())
    looks = LOOKS[framework]
    for said in (
        f"at least {threshold('a1_cnn', 'simple_cnn', framework):.0%}".replace("%", " %"),
        f"fewer than {MOST_PARAMETERS:,} trainable parameters",
        f"at most {MOST_MULTIPLY_ADDS // 10**6} million multiply-adds",
        f"{looks[-1]} steps with {BATCH} images",
        f"From step {looks[0]} on",
        f"on {TRAINING:,} images",
    ):
        assert said in text, said

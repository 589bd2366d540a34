"""Reports that repeat, through the real process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.repeating import WRONG, check_repeating

SLOW = ("a1_cnn", "a2_resnet")


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] if n in SLOW else []) for n in WRONG])
def test_a_report_repeats_in_any_order_of_questions(name: str, tmp_path: Path) -> None:
    check_repeating(name, "torch", tmp_path)

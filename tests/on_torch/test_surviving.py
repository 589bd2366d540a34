"""Mechanical mutants: all are killed, or explained as equivalent."""

from __future__ import annotations

import subprocess
import sys

import pytest

# the questions whose nets are small: a few minutes
QUESTIONS = (
    "conv_bn_relu", "count_parameters", "train_epoch", "evaluate", "a2_resnet", "init_weights",
    "make_optimizer", "make_schedule", "fit", "a4_pretrained", "feature_extractor", "fine_tuner", "parameter_groups",
    "choose_strategy",
)  # fmt: skip


@pytest.mark.slow
def test_no_mechanical_mutant_survives_unexplained() -> None:
    command = [sys.executable, "-m", "tests.bank.surviving", "torch", *QUESTIONS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "'equivalent'" in done.stdout

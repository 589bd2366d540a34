"""Mechanical mutants: all are killed, or explained as equivalent."""

from __future__ import annotations

import subprocess
import sys

import pytest

# nets that learn for long are left to the command: `simple_cnn`, `degradation`, `transfer`
QUESTIONS = (
    "conv_bn_relu", "count_parameters", "train_epoch", "evaluate",
    "basic_block", "bottleneck", "resnet", "cifar_resnet", "cifar_plain",
    "init_weights", "make_optimizer", "make_schedule", "fit",
    "preprocess", "classify", "feature_maps", "layer_table",
    "feature_extractor", "fine_tuner", "parameter_groups", "choose_strategy",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("question", QUESTIONS)
def test_no_mechanical_mutant_survives_unexplained(question: str) -> None:
    command = [sys.executable, "-m", "tests.bank.surviving", "torch", question]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "'killed'" in done.stdout

"""What scores went through on their way out: a range alone may be that of logits by chance."""

from __future__ import annotations

import numpy as np
import pytest

from grader.checks.transfer.logits import logits
from grader.specs.a5_transfer import models


def judged(output: np.ndarray, trained: np.ndarray) -> str:
    """The mistake that the judge names for scores before training and behind it, "" where it sees none."""
    request = models(((3, (1,)),), np.random.default_rng(0)) | {"framework": "torch"}
    complaint = logits(request, {"0_output": output, "0_trained": trained})
    return complaint.mistake if complaint else ""


@pytest.mark.parametrize(
    ("before", "behind", "mistake"),
    [
        ((0, 1), (-0.5, 0.5), ""),
        ((0, 1), (0, 1), "sigmoid_at_the_end"),
        ((0, 1), (0, 9), ""),
        ((0, 9), (0, 1), ""),
    ],
)
def test_a_sigmoid_keeps_all_scores_between_0_and_1_before_training_and_behind_it(before, behind, mistake):
    output, trained = (np.random.default_rng(1).uniform(*ends, (64, 5)) for ends in (before, behind))
    assert judged(output, trained) == mistake


def test_a_relu_that_cuts_in_one_of_two_passes_alone_is_one():
    scores = np.random.default_rng(1).uniform(1, 9, (64, 5))
    cut = np.where(scores < 2, 0, scores)
    assert judged(scores, cut) == judged(cut, scores) == "relu_at_the_end"
    assert judged(scores, -cut) == ""

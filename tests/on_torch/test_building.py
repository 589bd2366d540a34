"""Building a student's model in PyTorch: what the grader leaves out of it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from grader.probes.examining.on_torch.building import built


class Listed(nn.Module):
    """A convolution in a plain list, where PyTorch doesn't see it."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = [nn.Conv2d(3, 4, 3)]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.hidden[0](x)


def test_weights_that_nobody_fills_are_no_bare_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.utils.deterministic, "fill_uninitialized_memory", True)
    torch.use_deterministic_algorithms(True)  # bare memory reads as NaN
    try:
        model = built(Listed, torch.zeros(1, 3, 8, 8))
    finally:
        torch.use_deterministic_algorithms(False)
    assert model.hidden[0].weight.count_nonzero() == 0
    assert model.hidden[0].bias.count_nonzero() == 0

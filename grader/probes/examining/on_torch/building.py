"""Building a student's model in PyTorch, and where its parts come from."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from grader.probes import students_code
from grader.probes.examining import ready_made

_RANDOM = (
    "uniform_", "normal_", "trunc_normal_", "xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_",
)  # fmt: skip


@contextmanager
def _without_initialisation() -> Iterator[None]:
    """Zeros for random initialisation, most of the cost of building a deep net: every tensor is filled afterwards.

    What isn't registered is not filled, and bare memory there would make a report that differs from run to run.
    """
    kept = {name: getattr(nn.init, name) for name in _RANDOM}
    try:
        for name in _RANDOM:
            setattr(nn.init, name, lambda tensor, *args, **kwargs: nn.init.zeros_(tensor))
        yield
    finally:
        for name, function in kept.items():
            setattr(nn.init, name, function)


def built(build: Callable[[], Any], inputs: torch.Tensor) -> nn.Module:
    """The model on the CPU in evaluation mode, with all its weights; raises StudentError."""
    with students_code("building the model"), _without_initialisation():
        model = build()
        if not isinstance(model, nn.Module):
            raise TypeError(f"expected an nn.Module, got {type(model).__name__}")
        model.eval()
        if any(isinstance(tensor, nn.UninitializedParameter) for tensor in model.parameters()):
            model(inputs.clone())  # lazy layers get their weights at the first image
        return model.cpu()


def origins(model: nn.Module, before: set[str]) -> list[str]:
    """Classes of ready-made nets among the model's parts, and packages of them imported while it was built."""
    parts = {base.__module__ + "." + base.__qualname__ for part in model.modules() for base in type(part).__mro__}
    fresh = {name for name in set(sys.modules) - before if ready_made(name)}
    return sorted({name for name in parts if ready_made(name)} | fresh)

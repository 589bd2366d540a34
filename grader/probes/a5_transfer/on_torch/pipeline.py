"""`transfer` as a whole in PyTorch: what it does to its arguments, how many images pass, what its `predict` says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from grader import given
from grader.probes.a5_transfer.on_torch.models import Watch
from grader.probes.a5_transfer.transferring import Task, Watcher


class _Heads:
    """Dense layers with one output per class, as they were when they were first used."""

    def __init__(self, num_classes: int) -> None:
        self._classes = num_classes
        self._first: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        self._last: int | None = None

    def used(self, weights: torch.Tensor) -> None:
        """Note that a dense layer with these weights was used."""
        if weights.ndim == 2 and weights.shape[0] == self._classes:
            self._last = id(weights)
            self._first.setdefault(id(weights), (weights, weights.detach().clone()))

    def change(self) -> float:
        """How far the weights of the layer that was used last are from its first use; NaN when there is none."""
        if self._last is None:
            return float("nan")
        weights, first = self._first[self._last]
        return float((weights.detach() - first).abs().max())


def pipeline(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, Any]:
    """Evidence about `transfer` and the `predict` that it gives."""
    backbone = given.backbone("torch")
    first = tuple(backbone.conv1.weight.shape)
    heads = _Heads(int(request["num_classes"]))
    watcher = Watcher(int(request["limit"]))

    def listener(kind: str, inputs: Any, weights: Any) -> None:
        if kind == "linear":
            heads.used(weights)
        elif tuple(weights.shape) == first:
            watcher.passed(len(inputs) if inputs.ndim == 4 else 1)

    with Watch(listener):
        return Task(function, request, watcher, heads.change).evidence(lambda: given.backbone("torch"))

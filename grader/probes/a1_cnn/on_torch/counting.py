"""Counting the multiply-adds of a forward pass in PyTorch, whatever its style, and finding weights nobody owns."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode


class Counting(TorchDispatchMode):  # type: ignore[misc]  # torch is untyped here
    """While it is active, adds up multiply-adds, and notes weights that the model uses and doesn't list."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.total = 0
        self.unregistered: list[tuple[int, ...]] = []
        self._known = {_place(tensor) for tensor in (*model.parameters(), *model.buffers())}

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else torch imports its compiler, 1.4 s, to keep away from it

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = function(*args, **(kwargs or {}))
        for value in args:
            if isinstance(value, torch.Tensor) and value.requires_grad and _place(value) not in self._known:
                self.unregistered.append(tuple(value.shape))
        self.total += _multiply_adds(function._schema.name.removeprefix("aten::"), args, result)
        return result


def _place(tensor: torch.Tensor) -> int:
    """Where a tensor's numbers lie; a view lies where what it looks at does."""
    return int(tensor.untyped_storage().data_ptr())


def _multiply_adds(name: str, args: Any, result: Any) -> int:
    """Multiply-adds of one operation, without biases."""
    if name in ("convolution", "_convolution", "mkldnn_convolution"):
        # a transposed convolution spreads each pixel of its input, an ordinary one gathers each of its output
        spread = name != "mkldnn_convolution" and args[6]
        return int((args[0] if spread else result).numel()) * int(math.prod(args[1].shape[1:]))
    if name in ("mm", "bmm"):
        return int(result.numel()) * int(args[0].shape[-1])
    if name in ("addmm", "baddbmm"):
        return int(result.numel()) * int(args[1].shape[-1])
    return 0

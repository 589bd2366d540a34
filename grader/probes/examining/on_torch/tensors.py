"""The tensors of a PyTorch model: which there are, in canonical shape, and filled."""

from __future__ import annotations

from collections import Counter

import torch
from torch import nn

from grader import fill
from grader.probes.examining import Plan
from grader.probes.tracing import canonical_vector


def tensors_of(model: nn.Module) -> dict[str, torch.Tensor]:
    """Parameters and floating-point buffers by name, each object once."""
    buffers = {name: buffer for name, buffer in model.named_buffers() if not _selects(buffer)}
    found = {**dict(model.named_parameters()), **buffers}
    return {name: tensor for name, tensor in found.items() if tensor is not None and tensor.is_floating_point()}


def _selects(buffer: torch.Tensor) -> bool:
    """Whether a buffer is a matrix of zeros and ones: it picks channels, and nothing ever learns or updates it."""
    return not canonical_vector(buffer.shape) and bool(buffer.any()) and bool(((buffer == 0) | (buffer == 1)).all())


def canonical(shape: torch.Size) -> tuple[int, ...]:
    """Vectors without axes of length one; kernels are `o i kh kw` already."""
    return (shape.numel(),) if canonical_vector(shape) else tuple(shape)


def fill_all(tensors: dict[str, torch.Tensor], plan: Plan) -> None:
    """Fill each tensor from the seed; places that several tensors share are written one after another."""
    places = Counter(tensor.data_ptr() for tensor in tensors.values())
    for index, tensor in enumerate(tensors.values()):
        values = torch.from_numpy(fill.tensor(plan.seed, index, canonical(tensor.shape), plan.gain)).reshape(
            tensor.shape
        )
        if tensor.dtype == values.dtype and places[tensor.data_ptr()] == 1:
            tensor.data = values  # saves a copy of all weights
        else:
            tensor.data.copy_(values)

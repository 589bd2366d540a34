"""Small nets in PyTorch from a description, with tensors that were drawn elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

ROLES = {
    "norm": {"scale": "weight", "shift": "bias", "mean": "running_mean", "variance": "running_var"},
    "convolution": {"kernel": "weight"},
    "dense": {"kernel": "weight", "bias": "bias"},
}


def tensor_of(layer: nn.Module, slot: str) -> torch.Tensor:
    """The tensor of a layer that a slot such as "norm1/scale" names."""
    name, _, role = slot.partition("/")
    tensor: torch.Tensor = getattr(layer, ROLES[name.rstrip("0123456789")][role])
    return tensor


class Mean(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """The mean of a map over height and width, `n c h w -> n c`."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """One number for each channel."""
        return images.mean(dim=(2, 3))


def named_layers(description: Sequence[Sequence[Any]], channels: int = 3) -> dict[str, nn.Module]:
    """The layers of a description in order, by kind and number."""
    layers: dict[str, nn.Module] = {}
    numbers = Counter[str]()
    for kind, *sizes in description:
        numbers[kind] += 1
        match kind:
            case "convolution":
                layer = nn.Conv2d(channels, *sizes, padding=sizes[1] // 2, bias=False)
            case "norm":
                layer = nn.BatchNorm2d(channels)
            case "dense":
                layer = nn.Linear(channels, *sizes)
            case _:
                layer = {"relu": nn.ReLU, "silu": nn.SiLU, "mean": Mean, "dropout": nn.Dropout}[kind]()
        channels = sizes[0] if sizes else channels
        layers[f"{kind}{numbers[kind]}"] = layer
    return layers


def net(description: Sequence[Sequence[Any]], values: Mapping[str, np.ndarray]) -> nn.Sequential:
    """The net of a description with its tensors."""
    model = nn.Sequential()
    for name, layer in named_layers(description).items():
        model.add_module(name, layer)
    with torch.no_grad():
        for slot, tensor in slots(model, values).items():
            tensor.copy_(torch.from_numpy(values[slot]))
    return model


def slots(model: nn.Sequential, values: Mapping[str, np.ndarray]) -> dict[str, torch.Tensor]:
    """The net's tensors by slot."""
    found = {}
    for slot in values:
        found[slot] = tensor_of(getattr(model, slot.partition("/")[0]), slot)
    return found


def state(model: nn.Sequential, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Copies of the net's tensors as evidence, `after_SLOT`."""
    return {f"after_{slot}": tensor.detach().numpy().copy() for slot, tensor in slots(model, values).items()}

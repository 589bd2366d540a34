"""A small backbone with the names of torchvision's ResNets, whose tensors come from the request."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from grader.probes.a5_transfer import Supply


class Block(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """The basic block, or a bottleneck that widens nothing, with the names that torchvision gives its layers."""

    def __init__(self, supply: Supply, inputs: int, channels: int, stride: int, *, bottleneck: bool) -> None:
        super().__init__()
        self.steps, width = ((1, 1), (3, stride), (1, 1)) if bottleneck else ((3, stride), (3, 1)), inputs
        for number, (kernel, step) in enumerate(self.steps, 1):
            setattr(self, f"conv{number}", convolution(supply, width, channels, kernel, step))
            setattr(self, f"bn{number}", norm(supply, channels))
            width = channels
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Module | None = None
        if stride != 1 or inputs != channels:
            self.downsample = nn.Sequential(convolution(supply, inputs, channels, 1, stride), norm(supply, channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """`n c h w` to the block's maps."""
        shortcut = x if self.downsample is None else self.downsample(x)
        for number in range(1, len(self.steps) + 1):
            x = self.relu(x) if number > 1 else x
            x = getattr(self, f"bn{number}")(getattr(self, f"conv{number}")(x))
        return self.relu(x + shortcut)


class ResNet(nn.Module):  # type: ignore[misc]
    """Stem, stages of blocks, pooling and dense head; the children in order are its forward."""

    def __init__(self, case: dict[str, Any], supply: Supply) -> None:
        super().__init__()
        channels, kernel, pooled = int(case["width"]), int(case["stem"]), bool(case["pooled"])
        self.conv1 = convolution(supply, 3, channels, kernel, 2 if pooled else 1)
        self.bn1 = norm(supply, channels)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1) if pooled else nn.Identity()
        self.stages, bottleneck = int(case["depth"]), bool(case["bottleneck"])
        for stage in range(1, self.stages + 1):
            outputs, blocks = int(case["width"]) * 2 ** (stage - 1), []
            for block in range(int(case["blocks"][stage - 1])):
                stride = 1 if stage == 1 or block else 2
                blocks.append(Block(supply, channels, outputs, stride, bottleneck=bottleneck))
                channels = outputs
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(channels, int(case["source_classes"]))
        self.fc.weight.data = torch.from_numpy(supply.take(*self.fc.weight.shape))
        self.fc.bias.data = torch.from_numpy(supply.take(*self.fc.bias.shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Prepared images `n 3 h w` to logits of the source classes."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for stage in range(1, self.stages + 1):
            x = getattr(self, f"layer{stage}")(x)
        return self.fc(torch.flatten(self.avgpool(x), 1))


def build(case: dict[str, Any], flat: np.ndarray) -> tuple[nn.Module, list[np.ndarray]]:
    """A backbone in evaluation mode, all of it trainable, and its tensors in the order of the request."""
    supply = Supply(flat)
    return ResNet(case, supply).eval(), supply.taken


def convolution(supply: Supply, inputs: int, outputs: int, kernel: int, stride: int) -> nn.Conv2d:
    """A convolution with the next kernel."""
    layer = nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=False)
    layer.weight.data = torch.from_numpy(supply.take(outputs, inputs, kernel, kernel))
    return layer


def norm(supply: Supply, channels: int) -> nn.BatchNorm2d:
    """A BatchNorm with the next scale, shift, mean and variance."""
    layer = nn.BatchNorm2d(channels)
    for tensor in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
        tensor.data = torch.from_numpy(supply.take(channels))
    return layer

"""The small nets in PyTorch."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from grader.given.small import CLASSES, WIDTH, blocks_per_stage


class Block(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """Two 3x3 convolutions, with a shortcut or without: (n, in_channels, h, w) -> (n, channels, h', w')."""

    def __init__(self, in_channels: int, channels: int, stride: int, residual: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.residual = residual
        self.shortcut = nn.Identity()
        if residual and (stride != 1 or in_channels != channels):
            projection = nn.Conv2d(in_channels, channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Convolution, BatchNorm, ReLU, convolution, BatchNorm, the shortcut added, ReLU."""
        out = functional.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return functional.relu(out + self.shortcut(x) if self.residual else out)


def build(kind: str, depth: int) -> nn.Module:
    """A new net of a kind and a depth: float32 images (n, 3, h, w) -> logits (n, 10)."""
    count = blocks_per_stage(kind, depth)
    layers: list[nn.Module] = [nn.Conv2d(3, WIDTH, 3, 1, 1, bias=False), nn.BatchNorm2d(WIDTH), nn.ReLU()]
    channels = WIDTH
    for stage in range(3):
        for number in range(count):
            width = WIDTH * 2**stage
            layers.append(Block(channels, width, 2 if stage and not number else 1, kind == "residual"))
            channels = width
    net = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, CLASSES))
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return net

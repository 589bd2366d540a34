"""The pretrained net in PyTorch: a ResNet-14 for 32x32 images, its children named as torchvision's ResNet has them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from grader.given import weights
from grader.given.downloads import check_depth, unavailable
from grader.given.preparation import normalised
from grader.given.weights import BLOCKS, CLASSES, STAGES, WIDTH


class BasicBlock(nn.Module):  # type: ignore[misc]
    """relu(F(x) + shortcut(x)), where F is two 3x3 convolutions."""

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample: nn.Module | None = None
        if stride != 1 or in_channels != channels:
            projection = nn.Conv2d(in_channels, channels, 1, stride, bias=False)
            self.downsample = nn.Sequential(projection, nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        """(n, in_channels, h, w) -> (n, channels, h / stride, w / stride)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(x)) + shortcut)


class ResNet(nn.Module):  # type: ignore[misc]
    """A stem without pooling, three stages, global average pool, dense head `fc`: prepared images to logits."""

    def __init__(self, num_classes: int = CLASSES) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, WIDTH, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTH)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.Identity()  # images of 32 pixels have none to spare
        channels = WIDTH
        for index in range(STAGES):
            in_channels, channels = channels, WIDTH * 2**index
            first = BasicBlock(in_channels, channels, 1 if index == 0 else 2)
            rest = [BasicBlock(channels, channels, 1) for _ in range(BLOCKS - 1)]
            self.add_module(f"layer{index + 1}", nn.Sequential(first, *rest))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """(n, 3, h, w) -> (n, num_classes)."""
        for name, child in self.named_children():
            x = child(torch.flatten(x, 1) if name == "fc" else x)
        return x


def backbone() -> ResNet:
    """A fresh pretrained net, all of it trainable, in evaluation mode."""
    model = ResNet()
    state = {name: torch.from_numpy(tensor) for name, tensor in weights.load("backbone").items()}
    counters = {name: value for name, value in model.state_dict().items() if name.endswith("num_batches_tracked")}
    model.load_state_dict(state | counters)
    model.eval()
    return model


classifier = backbone  # in PyTorch the backbone comes with its head


def prepare(images: NDArray[np.uint8]) -> Tensor:
    """Raw images (n, h, w, 3) uint8 -> (n, 3, h, w) float32: / 255, minus MEAN, over STD."""
    return torch.from_numpy(np.ascontiguousarray(normalised(images).transpose(0, 3, 1, 2)))


def imagenet(depth: int) -> nn.Module:
    """torchvision's ResNet with ImageNet's weights, in evaluation mode; raises DownloadError."""
    check_depth("torch", "torchvision", depth)
    from torchvision import models  # late: only this needs it

    weights_of = models.get_model_weights(f"resnet{depth}").IMAGENET1K_V1
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    try:
        return models.get_model(f"resnet{depth}", weights=weights_of).eval()
    except (OSError, RuntimeError) as error:
        place = str(folder / weights_of.url.rsplit("/", 1)[-1])
        raise unavailable("torch", tried=weights_of.url, place=place, reason=error) from error

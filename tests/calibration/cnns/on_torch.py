"""Right and wrong nets in PyTorch."""

from __future__ import annotations

import torch
from torch import nn


def trio(inputs: int, outputs: int, stride: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]


def average(channels: int, classes: int) -> list[nn.Module]:
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)]


def three_trios(classes: int) -> nn.Module:
    return nn.Sequential(*trio(3, 16), *trio(16, 32, 2), *trio(32, 64, 2), *average(64, classes))


def pooled_trios(classes: int) -> nn.Module:
    parts = [part for a, b in ((3, 16), (16, 32), (32, 48)) for part in (*trio(a, b), nn.MaxPool2d(2))]
    return nn.Sequential(*parts, nn.Flatten(), nn.Dropout(0.1), nn.Linear(48 * 16, classes))


def _plain(inputs: int, outputs: int) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]


def without_norm(classes: int) -> nn.Module:
    return nn.Sequential(*_plain(3, 24), *_plain(24, 48), *_plain(48, 64), *average(64, classes))


def lenet(classes: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(800, 64), nn.ReLU(), nn.Linear(64, classes),
    )  # fmt: skip


def two_strided(classes: int) -> nn.Module:
    first, second = nn.Conv2d(3, 32, 3, 2, 1), nn.Conv2d(32, 64, 3, 2, 1)
    return nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), *average(64, classes))


def softmax_at_the_end(classes: int) -> nn.Module:
    return nn.Sequential(three_trios(classes), nn.Softmax(1))


def relu_at_the_end(classes: int) -> nn.Module:
    return nn.Sequential(three_trios(classes), nn.ReLU())


class FrozenByAList(nn.Module):
    """Convolutions in a plain list, which no optimizer sees."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.layers = [*trio(3, 16), *trio(16, 32, 2), *trio(32, 64, 2)]
        self.head = nn.Sequential(*average(64, classes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            x = layer(x)
        return self.head(x)


frozen_by_a_list = FrozenByAList


def no_activation(classes: int) -> nn.Module:
    return nn.Sequential(*[part for part in three_trios(classes) if not isinstance(part, nn.ReLU)])


def linear(classes: int) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(3072, classes))


def all_zeros(classes: int) -> nn.Module:
    model = without_norm(classes)
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    return model


def one_narrow_layer(classes: int) -> nn.Module:
    return nn.Sequential(*trio(3, 8), *average(8, classes))

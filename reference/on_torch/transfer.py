"""Transfer learning in PyTorch: a pretrained ResNet, cut, frozen up to a stage, under a new head."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from reference.strategies import Strategy


class Transfer(nn.Module):
    """`frozen` doesn't learn, `learning` does, `head` is new: images (n, 3, h, w) -> logits (n, num_classes)."""

    def __init__(self, frozen: nn.Sequential, learning: nn.Sequential, features: int, num_classes: int) -> None:
        super().__init__()
        self.frozen = frozen.requires_grad_(False)
        self.learning = learning.requires_grad_(True)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.head = nn.Linear(features, num_classes)
        self.train(self.training)

    def forward(self, x: Tensor) -> Tensor:
        """Features without gradients, features with, their mean, logits."""
        x = self.learning(self.frozen(x))
        return self.head(self.flatten(self.pool(x)))

    def train(self, mode: bool = True) -> Transfer:
        """As every module's, but what is frozen stays in evaluation mode.

        `requires_grad` doesn't stop BatchNorm: in training mode it would still follow, and use, the new images' mean.
        """
        super().train(mode)
        self.frozen.eval()
        return self


def stages(backbone: nn.Module) -> list[str]:
    """The names of the stages: layer1 to layerN, as in torchvision."""
    return [name for name, _ in backbone.named_children() if name.startswith("layer")]


def transfer(backbone: nn.Module, num_classes: int, strategy: Strategy, seed: int = 0) -> Transfer:
    """The backbone under a new head, as the strategy has it; the backbone's layers are used, not copied."""
    torch.manual_seed(seed)  # of the head
    names = stages(backbone)
    last = names[-1 if strategy.keep is None else strategy.keep - 1]
    layers = dict(backbone.named_children())
    order = list(layers)
    kept = order[: order.index(last) + 1]  # the stem and the stages up to the cut; pool and head are replaced
    learns = kept if strategy.learn is None else [name for name in kept if name in names][::-1][: strategy.learn]
    frozen = {name: layers[name] for name in kept if name not in learns}
    learning = {name: layers[name] for name in kept if name in learns}
    norms = [layer for layer in layers[last].modules() if isinstance(layer, nn.BatchNorm2d)]
    return Transfer(named(frozen), named(learning), norms[-1].num_features, num_classes)


def named(layers: dict[str, nn.Module]) -> nn.Sequential:
    """These layers, one after the other, under their names."""
    chain = nn.Sequential()
    for name, layer in layers.items():
        chain.add_module(name, layer)
    return chain


def rates(model: Transfer) -> dict[str, Any]:
    """For `Trainer`: the head at the recipe's rate, what was pretrained and learns at a tenth of it."""
    groups = [{"params": list(model.head.parameters()), "factor": 1.0}]
    pretrained = list(model.learning.parameters())
    return {"groups": [*groups, {"params": pretrained, "factor": 0.1}] if pretrained else groups}

"""Pretrains the backbone that students are given, in PyTorch: SGD with momentum, one cycle of the learning rate."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from grader import given
from grader.given.on_torch import ResNet
from reference.progress import Progress

Numbers = dict[str, float]
VALIDATION = 2000  # images for each epoch's accuracy
FRESH = 5000  # images for the stored weights' accuracy, which neither an epoch nor its validation has shown
MOMENTUM = 0.9


def batches(images: Tensor, labels: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """All images once, in a new order."""
    for rows in torch.randperm(len(images)).split(size):
        yield images[rows].contiguous(memory_format=torch.channels_last), labels[rows]


def load(split: str, count: int, seed: int | str) -> tuple[Tensor, Tensor]:
    """Prepared images of the source task, and their labels."""
    images, labels, _ = given.images("source", split, count, seed)
    return given.prepare(images, "torch"), torch.from_numpy(labels)


@torch.no_grad()
def evaluate(model: nn.Module, images: Tensor, labels: Tensor) -> Numbers:
    """Mean loss and share of right answers in evaluation mode."""
    was = model.training
    model.eval()
    logits = torch.cat([model(part.contiguous(memory_format=torch.channels_last)) for part in images.split(500)])
    model.train(was)
    right = (logits.argmax(1) == labels).float().mean()
    return {"loss": F.cross_entropy(logits, labels).item(), "accuracy": right.item()}


def build() -> nn.Module:
    """The untrained net: convolutions from a normal distribution of variance 2 / fan-out."""
    model = ResNet()
    for layer in model.modules():
        # Scales that start at zero, as others like them at the end of a block, cost the first two epochs here.
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return model.to(memory_format=torch.channels_last)


def train(
    epochs: int, images: int, batch: int, rate: float, decay: float, seed: int
) -> tuple[nn.Module, list[Numbers]]:
    """The trained net, and what each epoch came to; every epoch sees images that are rendered for it."""
    torch.manual_seed(seed)
    model = build()
    optimizer = torch.optim.SGD(model.parameters(), rate, MOMENTUM, weight_decay=decay, nesterov=True)
    steps = epochs * -(-images // batch)
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=steps, pct_start=0.25, cycle_momentum=False
    )
    shown = Progress(steps)
    validation = load("validation", VALIDATION, seed)
    history = []
    for epoch in range(epochs):
        started = time.process_time()
        loss = train_epoch(
            model, batches(*load("train", images, f"{seed} epoch {epoch}"), batch), optimizer, cycle, shown
        )
        row = {"epoch": epoch + 1, "training_loss": loss, "cpu_seconds": time.process_time() - started}
        row |= {f"validation_{name}": value for name, value in evaluate(model, *validation).items()}
        history.append({name: round(value, 4) for name, value in row.items()})
        shown.say(str(history[-1]))
    return model.eval(), history


def train_epoch(
    model: nn.Module,
    passed: Iterator[tuple[Tensor, Tensor]],
    optimizer: torch.optim.Optimizer,
    cycle: torch.optim.lr_scheduler.LRScheduler,
    shown: Progress,
) -> float:
    """One pass; the mean of the batches' losses."""
    model.train()
    losses: list[float] = []
    right: list[float] = []
    for images, labels in passed:
        logits = model(images)
        loss = F.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        cycle.step()
        losses.append(loss.item())
        right.append((logits.argmax(1) == labels).float().mean().item())
        shown.step(len(labels), lambda: (float(np.mean(losses[-50:])), float(np.mean(right[-50:]))))
    return float(np.mean(losses))


def numbers(model: nn.Module) -> dict[str, NDArray[np.float32]]:
    """Parameters and running statistics, by name."""
    state = model.state_dict().items()
    return {name: value.numpy() for name, value in state if not name.endswith("num_batches_tracked")}


def examine(seed: int) -> Numbers:
    """What the stored weights, in half precision, come to on images rendered afresh."""
    return evaluate(given.classifier("torch"), *load("test", FRESH, seed))

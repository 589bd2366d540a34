"""Training a student's fine-tuned PyTorch model, made from the given backbone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from grader import given
from grader.probes.a5_transfer.on_torch.models import evaluated, inventory, made, steps, tensor, tensors
from grader.probes.setting.on_torch import channels_last


def tuning(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """The scores of unseen images after SGD with momentum: the head at one rate, the rest that learns at a tenth."""
    images = tensor(request["images"])
    labels = torch.from_numpy(np.asarray(request["labels"], np.int64))
    backbone = given.backbone("torch")
    pretrained = [value.detach().numpy().copy() for value in tensors(backbone).values()]
    model = made(lambda: function(backbone, int(request["num_classes"]), 1), images)
    images = channels_last(model, images)
    held = inventory(model, pretrained)
    parameters = dict(model.named_parameters())
    head: list[Any] = []
    rest: list[Any] = []
    for place, learns in held.learners([name in parameters and parameters[name].requires_grad for name in held.names]):
        (rest if learns else head).append(parameters[held.names[place]])
    rate = float(request["rate"])
    groups = [{"params": head, "lr": rate}, {"params": rest, "lr": rate / 10}]
    rows = np.asarray(request["batches"], np.int64)
    if head or rest:
        steps(model, torch.optim.SGD(groups, lr=rate, momentum=0.9), ((images[row], labels[row]) for row in rows))
    test = channels_last(model, tensor(request["test_images"]))
    return {"scores": evaluated(model, test)}

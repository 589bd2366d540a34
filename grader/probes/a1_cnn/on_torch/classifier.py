"""The probe in PyTorch of a net of the student's own design."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from grader import given
from grader.probes import partial, students_code
from grader.probes.a1_cnn import numbered
from grader.probes.a1_cnn.on_torch.counting import Counting
from grader.probes.examining import names
from grader.probes.setting.on_torch import channels_last

CHUNK = 250  # images at a time in evaluation mode


def classifier(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """Shapes for some numbers of classes; size, training and behaviour of the net for the task's classes."""
    evidence: dict[str, np.ndarray] = {}
    images = given.prepare(request["images"], "torch")
    for number, classes in enumerate(request["classes"]):

        def look(classes: int = classes) -> dict[str, np.ndarray]:
            model = _built(function, classes, images).eval()
            few, one = _forward(model, images[:3]), _forward(model, images[:1])
            return {"few": np.array(few.shape, dtype=np.int64), "one": np.array(one.shape, dtype=np.int64)}

        evidence |= numbered(number, partial("error", look))
    return evidence | partial("net_error", lambda: _net(function, images, request))


def _built(function: Callable[..., Any], classes: int, images: torch.Tensor) -> nn.Module:
    with students_code("building the model"):
        model = function(classes)
        if not isinstance(model, nn.Module):
            raise TypeError(f"expected an nn.Module, got {type(model).__name__}")
        with torch.no_grad():
            model.cpu().eval()(images[:2].clone())  # some nets get their weights at the first image
        return model


@torch.no_grad()  # type: ignore[untyped-decorator]
def _forward(model: nn.Module, images: torch.Tensor, calls: int = 1) -> np.ndarray:
    """The logits of the last of some calls on the same tensors, which a call must leave as they are."""
    with students_code("computing logits in evaluation mode"):
        parts = [[model(part) for _ in range(calls)][-1] for part in images.clone().split(CHUNK)]
        for part in parts:
            if not isinstance(part, torch.Tensor):
                raise TypeError(f"expected one tensor from the forward pass, got {type(part).__name__}")
        return np.array(torch.cat(parts).to(torch.float32).numpy())


def _net(function: Callable[..., Any], images: torch.Tensor, request: dict[str, Any]) -> dict[str, np.ndarray]:
    model = _built(function, request["task_classes"], images)
    evidence = _size(model, images)
    if evidence["multiply_adds"] > request["hopeless"]:
        return evidence
    return evidence | partial("training_error", lambda: _trained(model, function, images, request))


def _size(model: nn.Module, images: torch.Tensor) -> dict[str, np.ndarray]:
    counting = Counting(model.eval())
    with counting:
        _forward(model, images[:1])
    trainable = sum(tensor.numel() for tensor in model.parameters() if tensor.requires_grad)
    return {
        "trainable": np.array(trainable),
        "multiply_adds": np.array(counting.total),
        "unregistered": names(counting.unregistered),
    }


def _trained(
    model: nn.Module, function: Callable[..., Any], images: torch.Tensor, request: dict[str, Any]
) -> dict[str, np.ndarray]:
    test = given.prepare(request["test_images"], "torch")
    evidence = {"outputs": _train(model, images, torch.from_numpy(request["labels"]), test, request)}
    model.eval()
    few = test[: request["few"]]
    evidence |= {
        "first": _forward(model, few),
        "again": _forward(model, few, calls=2),
        "alone": _forward(model, few[:1]),
        "other": _forward(model, few.flip(0)),
    }
    evidence |= partial("gradient_error", lambda: _gradients(model, few))
    evidence |= partial("reload_error", lambda: _reloaded(model, function, few, request["task_classes"]))
    return evidence


def _train(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, test: torch.Tensor, request: dict[str, Any]
) -> np.ndarray:
    """Adam on the mean cross-entropy of the logits, a row of `order` for each step; the test logits at each look."""
    images = channels_last(model, images)
    learning, looks = [tensor for tensor in model.parameters() if tensor.requires_grad], request["looks"]["torch"]
    found = []
    with students_code("training"), torch.enable_grad():
        optimizer = torch.optim.Adam(learning, lr=request["rate"])
        for number, rows in enumerate(torch.from_numpy(request["order"][: looks[-1]]), 1):
            model.train()
            optimizer.zero_grad()
            functional.cross_entropy(model(images[rows]), labels[rows]).backward()
            optimizer.step()
            if number in looks:
                found.append(_forward(model.eval(), test))
        return np.stack(found)


def _gradients(model: nn.Module, images: torch.Tensor) -> dict[str, np.ndarray]:
    """For each trainable parameter whether anything of its gradient isn't zero, in evaluation mode."""
    learning = {name: tensor for name, tensor in model.named_parameters() if tensor.requires_grad}
    weights = torch.linspace(-1, 2, images.shape[0])[:, None]
    with students_code("computing the gradients in evaluation mode"), torch.enable_grad():
        output = model(images.clone())
        total = (output * weights * torch.arange(1, output.shape[1] + 1).sin()).sum()
        found = torch.autograd.grad(total, list(learning.values()), allow_unused=True)
    alive = [gradient is not None and bool(torch.count_nonzero(gradient)) for gradient in found]
    return {"alive": np.array(alive, dtype=np.bool_), "parameters": names(list(learning))}


def _reloaded(
    model: nn.Module, function: Callable[..., Any], images: torch.Tensor, classes: int
) -> dict[str, np.ndarray]:
    second = _built(function, classes, images)
    with students_code("loading the state of one model into a second one"):
        second.load_state_dict(model.state_dict())
    return {"reloaded": _forward(second.eval(), images)}

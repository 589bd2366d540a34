"""What the student's training functions do with nets that keep a diary, in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from grader.probes import StudentError, students_code
from grader.probes.a3_training import SLOTS, Diary, Script, called, defaults, history, kept, losses, second, unpacked


class Noted(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """A net that notes each forward pass: a convolution as large as the image, BatchNorm, SiLU, a dense layer."""

    def __init__(self, request: dict[str, Any], initial: np.ndarray, diary: Diary, script: Script | None) -> None:
        super().__init__()
        height, width, depth = request["image"]
        self.conv1 = nn.Conv2d(depth, request["channels"], (height, width), bias=False)
        self.bn1 = nn.BatchNorm2d(request["channels"])
        self.fc = nn.Linear(request["channels"], request["classes"])
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))
        self._diary, self._script = diary, script
        values = unpacked(initial, request["image"], request["channels"], request["classes"])
        with torch.no_grad():
            for slot, tensor in self._tensors().items():
                tensor.copy_(torch.from_numpy(values[slot]))

    def _tensors(self) -> dict[str, torch.Tensor]:
        norm = (self.bn1.weight, self.bn1.bias, self.bn1.running_mean, self.bn1.running_var)
        return dict(zip(SLOTS, (self.conv1.weight, *norm, self.fc.weight, self.fc.bias), strict=True))

    def state(self) -> np.ndarray:
        """All tensors in one vector, in the order of SLOTS."""
        return np.concatenate([_numbers(tensor).reshape(-1) for tensor in self._tensors().values()])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Images (n, c, h, w) -> logits (n, k)."""
        state, training = self.state(), bool(self.bn1.training)
        images = _numbers(x.permute(0, 2, 3, 1))
        logits = self.fc(functional.silu(self.bn1(self.conv1(x))).flatten(1))
        if training:
            self.steps += 1
        elif self._script is not None:
            given = self._script(images, int(self.steps), _numbers(logits))
            logits = logits + (torch.from_numpy(given) - logits.detach())
        self._diary.note(images, training, state, _numbers(logits))
        return logits


def _numbers(tensor: torch.Tensor) -> np.ndarray:
    """A copy of a float32 tensor; inside `torch.func` it has no memory to look into, but tells its numbers."""
    try:
        return np.array(tensor.detach().numpy())
    except RuntimeError:
        return np.array(tensor.detach().tolist(), dtype=np.float32).reshape(tensor.shape)


def _tensors(images: np.ndarray, labels: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2))), torch.from_numpy(labels.copy())


def fit(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """The diaries of two nets that the student's `fit` trains, their last states, and the histories."""
    found = _trained(function, request)
    return found | second(lambda short: _trained(function, short), request) | _own(request, found)


def _trained(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    diary = Diary()
    script = Script(request["validation_images"], request["script"], request["steps"])
    model = Noted(request, request["initial"], diary, script)
    train = _tensors(request["train_images"], request["train_labels"])
    validation = _tensors(request["validation_images"], request["validation_labels"])
    result = called("training", function, model, train, validation, request["epochs"], batch_size=request["batch_size"])
    with students_code("reading the history"):
        found = diary.evidence() | history(result) | {"final": model.state()}
    return found | {"defaults": defaults(function, ["batch_size"])}


def _own(request: dict[str, Any], found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What the notebook's own optimizer and schedule do: their mistakes are told elsewhere."""
    make_optimizer, make_schedule = (request["companions"].get(name) for name in ("make_optimizer", "make_schedule"))
    own: dict[str, np.ndarray] = {}
    if make_optimizer is None:
        return own
    try:
        own["own_states"] = _twin(make_optimizer, request, found)
        if make_schedule is not None:
            monitors = ("validation_losses", "validation_errors")
            own["own_rates"] = np.array([_rates(make_optimizer, make_schedule, request, name) for name in monitors])
    except StudentError:
        return own  # no comparison, then
    return own


def _twin(make_optimizer: Callable[..., Any], request: dict[str, Any], found: dict[str, np.ndarray]) -> np.ndarray:
    """The states of a second net after each step of the first epoch, by the notebook's optimizer and a right loop."""
    model = Noted(request, request["initial"], Diary(), None)
    labels = {
        image[0, 0, 0].item(): label
        for image, label in zip(request["train_images"], request["train_labels"], strict=True)
    }
    states: list[np.ndarray] = []
    with students_code("training a second net"):
        optimizer = make_optimizer(model)
        start = 0
        for count, training in zip(found["counts"], found["training"], strict=True):
            images = found["images"][start : start + count]
            start += count
            if not training and not states:
                continue  # a look at the net before the first step
            known = [labels.get(image[0, 0, 0].item(), -1) for image in images]
            if not training or -1 in known:
                break
            x, y = _tensors(images, np.array(known, dtype=np.int64))
            model.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            optimizer.step()
            states.append(model.state())
            if len(states) == request["steps"]:
                break
    return np.array(states, dtype=np.float32)


def _rates(
    make_optimizer: Callable[..., Any], make_schedule: Callable[..., Any], request: dict[str, Any], monitor: str
) -> list[float]:
    """The rates before the first epoch and after each, when the notebook's schedule follows one of the errors."""
    with students_code("stepping the schedule"):
        model = Noted(request, request["initial"], Diary(), None)
        optimizer = make_optimizer(model)
        schedule = make_schedule(optimizer)
        rates = [float(optimizer.param_groups[0]["lr"])]
        for error in request[monitor]:
            schedule.step(float(error))
            rates.append(float(optimizer.param_groups[0]["lr"]))
    return rates


def degradation(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """For each case the diaries of the nets that the student's experiment builds, and the losses that it returns."""
    found: dict[str, np.ndarray] = {"defaults": defaults(function, ["depths", "steps"])}
    built: list[tuple[str, Diary]] = []

    def build(kind: str, depth: int) -> nn.Module:  # one and the same for all calls, which build their own nets
        name = f"{kind}_{int(depth)}"
        if f"initial_{name}" not in request:
            raise ValueError(f"expected 'plain' or 'residual' and a depth that was asked for; got {name!r}")
        built.append((name, Diary()))
        torch.rand(int(depth) + (kind == "residual"))  # as first weights do: no two nets move the generator alike
        return Noted(request, request[f"initial_{name}"], built[-1][1], None)

    for number, case in enumerate(request["cases"]):
        built.clear()
        images, labels = _tensors(request["images"], request["labels"])
        depths, steps = tuple(case["depths"]), case["steps"]
        result = called("running the experiment", function, build, images, labels, depths=depths, steps=steps)
        with students_code("reading the losses"):
            found |= {f"{number}_{name}": array for name, array in losses(result).items()}
        found |= kept(number, built)
    return found

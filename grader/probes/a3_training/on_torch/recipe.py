"""What the student's initialisation, optimizer and schedule do to small nets in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import torch
from torch import nn

from grader.probes import StudentError, students_code
from grader.probes.a3_training import called, made, text


class Unit(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """A block with a shortcut that has a bias, as students' own blocks have them; it is never run."""

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, (3, 5), padding=(2, 4), dilation=2)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = nn.Sequential(nn.Conv2d(in_channels, channels, 1), nn.BatchNorm2d(channels))


def _nested(first: int, second: int, third: int) -> nn.Module:
    stages = nn.ModuleList([nn.Sequential(Unit(first, second), Unit(second, second)), Unit(second, third)])
    return nn.Sequential(nn.Conv2d(3, first, 7, 2, 3), nn.BatchNorm2d(first), stages, nn.Linear(third, 5))


def init_weights(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """All convolutions and norms of a nested net, the second one, before and after the student's initialisation."""
    called("initialising a model", function, _nested(*request["widths"]))
    model = _nested(*request["widths"])
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.weight, 0.5, 1.5)
            if isinstance(module, nn.BatchNorm2d | nn.Conv2d) and module.bias is not None:
                nn.init.uniform_(module.bias, 0.5, 1.5)
    convolutions = {name: module for name, module in model.named_modules() if isinstance(module, nn.Conv2d)}
    norms = {name: module for name, module in model.named_modules() if isinstance(module, nn.BatchNorm2d)}
    before = [_array(module.weight) for module in convolutions.values()]
    called("initialising a model", function, model)
    names = {
        "convolutions": [f"`{name}`" for name in convolutions],
        "biased": [f"`{name}`" for name, module in convolutions.items() if module.bias is not None],
        "norms": [f"`{name}`" for name in norms],
        "frozen": [f"`{name}`" for name, module in convolutions.items() if not _learns(module)],
    }
    found = {"names": text(names)}
    for number, module in enumerate(convolutions.values()):
        found |= {f"before_{number}": before[number], f"kernel_{number}": _array(module.weight)}
    for number, module in enumerate(module for module in convolutions.values() if module.bias is not None):
        found[f"bias_{number}"] = _array(module.bias)
    for number, module in enumerate(norms.values()):
        found |= {f"scale_{number}": _array(module.weight), f"shift_{number}": _array(module.bias)}
    return found


def _learns(module: nn.Module) -> bool:
    return isinstance(module.weight, nn.Parameter) and bool(module.weight.requires_grad)


def _array(tensor: Any) -> np.ndarray:
    """A copy of a tensor as float32 NumPy; what is none gives an empty array."""
    return np.array(tensor.detach().float()) if isinstance(tensor, torch.Tensor) else np.zeros(0, dtype=np.float32)


def _model(request: dict[str, Any]) -> tuple[nn.Module, list[nn.Parameter], nn.Parameter]:
    """A net filled from the request, its parameters that learn in the request's order, and one that is frozen."""
    channels, inputs, *size = request["weights_kernel"].shape
    convolution, norm, slope = nn.Conv2d(inputs, channels, size), nn.BatchNorm2d(channels), nn.PReLU(channels)
    dense, frozen = nn.Linear(channels, len(request["weights_matrix"])), nn.Linear(2, 2, bias=False)
    model = nn.Sequential(convolution, norm, slope, nn.Flatten(), dense, frozen.requires_grad_(False))
    learning = [*convolution.parameters(), *norm.parameters(), slope.weight, *dense.parameters()]
    with torch.no_grad():
        for parameter, name in zip(learning, request["slots"], strict=True):
            parameter.copy_(torch.from_numpy(request[f"weights_{name}"]))
    return model, learning, frozen.weight


def make_optimizer(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """The weights after steps with given gradients, and of a second net after steps whose gradients are zero."""
    found: dict[str, np.ndarray] = {}
    for phase, steps in (("steps", request["steps"]), ("decay", request["idle_steps"])):
        model, learning, frozen = _model(request)
        kept = _array(frozen)
        earlier = made("making the optimizer", function, model)
        with suppress(Exception):  # what has no groups keeps its rate
            for group in earlier.param_groups:
                group["lr"] = group["lr"] / 10  # as a schedule left it
        for parameter in learning:
            parameter.requires_grad_(True)  # as it was given
        optimizer = made("making the optimizer a second time", function, model)
        found["type"] = text(type(optimizer).__name__)
        states = []
        for step in range(steps):
            with students_code("taking a step with the optimizer"):
                getattr(optimizer, "zero_grad", model.zero_grad)()
                for parameter, name in zip(learning, request["slots"], strict=True):
                    given = request[f"gradients_{name}"][step] if phase == "steps" else np.zeros(parameter.shape, "f4")
                    parameter.grad = torch.from_numpy(given.copy())
                optimizer.step()
                states.append(np.concatenate([_array(parameter).reshape(-1) for parameter in learning]))
        if any(state.size != states[0].size for state in states):
            raise StudentError("taking a step with the optimizer", ValueError("parameters that change their shapes"))
        found[phase] = np.array(states)
        found[f"{phase}_frozen"] = np.array(0.0 if np.array_equal(_array(frozen), kept) else 1.0)
        found[f"{phase}_learning"] = np.array(sum(parameter.requires_grad for parameter in learning))
    return found


def make_schedule(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """The rates of two groups after each epoch of each sequence; one without `patience`."""
    found: dict[str, np.ndarray] = {}
    for number, patience in enumerate(request["patiences"]):
        parameters = [nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))]
        groups = [{"params": [p], "lr": rate} for p, rate in zip(parameters, request["rates"], strict=True)]
        optimizer = torch.optim.SGD(groups, lr=request["rates"][0], momentum=0.9)
        named = {} if patience is None else {"patience": patience}
        schedule = made("making the schedule", function, optimizer, **named)
        with students_code("making the schedule"):
            rates = [[float(group["lr"]) for group in optimizer.param_groups]]
        for parameter in parameters:
            parameter.grad = torch.zeros(1)
        for error in request[f"errors_{number}"]:
            with students_code("stepping the schedule with a validation error"):
                optimizer.step()
                schedule.step(float(error))
                now = [float(group["lr"]) for group in optimizer.param_groups]
                if len(now) != len(rates[0]):
                    raise ValueError(f"the optimizer had {len(rates[0])} groups, now it has {len(now)}")
            rates.append(now)
        found[f"rates_{number}"] = np.array(rates)
    return found

"""Examining one PyTorch model."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from grader import fill
from grader.probes import partial, students_code
from grader.probes.examining import Plan, names
from grader.probes.examining.on_torch.building import built, origins
from grader.probes.examining.on_torch.tensors import canonical, fill_all, tensors_of
from grader.probes.tracing import TraceBuilder, encode
from grader.probes.tracing.on_torch import Trace


def examine(build: Callable[[], Any], images: np.ndarray, plan: Plan) -> dict[str, np.ndarray]:
    """Evidence about the model that `build` gives, for images `n h w c`."""
    inputs = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
    before = set(sys.modules)
    model = built(build, inputs)
    evidence = {"ready_made": names(origins(model, before))}
    tensors = tensors_of(model)
    fill_all(tensors, plan)
    evidence |= _evaluation(model, inputs, tensors)
    if plan.conduct:
        evidence |= partial("conduct_error", lambda: _conduct(model, inputs))
    if plan.registration:
        evidence |= partial("registration_error", lambda: _registration(model, build, inputs))
    if plan.training:
        evidence |= partial("training_error", lambda: _training(model, inputs, tensors, plan))
    return evidence


def _forward(model: nn.Module, inputs: torch.Tensor, phase: str) -> torch.Tensor:
    with students_code(phase):
        output = model(inputs)
        if not isinstance(output, torch.Tensor):
            raise TypeError(f"expected one tensor from the forward pass, got {type(output).__name__}")
        if output.layout != torch.strided or output.is_meta:
            raise TypeError(
                f"expected an ordinary tensor from the forward pass, got {output.layout} on {output.device}"
            )
        return output


def _array(tensor: torch.Tensor) -> np.ndarray:
    """A tensor as float32 NumPy, maps as `n h w c`."""
    array = tensor.detach().to(torch.float32).numpy()
    return np.array(array.transpose(0, 2, 3, 1) if array.ndim == 4 else array)


def _evaluation(model: nn.Module, inputs: torch.Tensor, tensors: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    phase = "computing the output in evaluation mode"
    model.eval()
    given = inputs.clone()
    builder = TraceBuilder()
    builder.know(given, "x")
    for index, tensor in enumerate(tensors.values()):
        builder.know(tensor, f"t{index}")
    with torch.no_grad():
        with Trace(builder):
            output = _forward(model, given, phase)
        reference = builder.reference(output)
        first = _array(output)
    owners = dict(model.named_modules())
    described = [
        {
            "name": name, "shape": canonical(tensor.shape), "trainable": isinstance(tensor, nn.Parameter),
            "owner": type(owners.get(name.rpartition(".")[0], model)).__name__,
        }
        for name, tensor in tensors.items()
    ]  # fmt: skip
    return {
        "trace": encode(described, builder, reference),
        "output": first,
        "input_changed": np.array((given - inputs).abs().max().item()),
    }


def _conduct(model: nn.Module, inputs: torch.Tensor) -> dict[str, np.ndarray]:
    with torch.enable_grad():  # evaluation mode is no matter of gradients
        again = _forward(model, inputs.clone(), "computing the output a second time")
    with torch.no_grad():
        alone = _forward(model, inputs[:1].clone(), "computing the output for a single image")
        turned = _forward(model, inputs.flip(0), "computing the output for the images in reverse order")
    return {"again": _array(again), "alone": _array(alone), "turned": _array(turned)}


def _registration(model: nn.Module, build: Callable[[], Any], inputs: torch.Tensor) -> dict[str, np.ndarray]:
    second = built(build, inputs)
    counts = [len(tensors_of(model)), len(tensors_of(second))]
    if counts[0] != counts[1]:
        return {"counts": np.array(counts, np.int32)}
    places = {tensor.data_ptr(): name for name, tensor in tensors_of(model).items() if tensor.numel()}
    shared = [name for name, tensor in tensors_of(second).items() if tensor.numel() and tensor.data_ptr() in places]
    with torch.no_grad():
        with students_code("loading the state of one model into a second one"):
            second.load_state_dict(model.state_dict())
        reloaded = _forward(second.eval(), inputs.clone(), "computing the output of a reloaded model")
        with students_code("copying the model with copy.deepcopy"):
            twin = copy.deepcopy(model)
        copied = _forward(twin.eval(), inputs.clone(), "computing the output of a copy")
    return {"reloaded": _array(reloaded), "copied": _array(copied), "shared": names(shared)}


def _training(
    model: nn.Module, inputs: torch.Tensor, tensors: dict[str, torch.Tensor], plan: Plan
) -> dict[str, np.ndarray]:
    model.train()
    leaf = inputs.clone().requires_grad_()
    builder = TraceBuilder()
    with Trace(builder):
        output = _forward(model, leaf.clone(), "computing the output in training mode")
    result = _array(output)
    cotangent = fill.cotangent(plan.seed, result.shape)
    weights = torch.from_numpy(cotangent.transpose(0, 3, 1, 2).copy() if cotangent.ndim == 4 else cotangent)
    learning = {name: tensor for name, tensor in tensors.items() if tensor.requires_grad}
    gradients: dict[str, torch.Tensor | None] = dict.fromkeys(tensors)
    found: tuple[torch.Tensor | None, ...] = (None,) * (1 + len(learning))
    if output.requires_grad:
        with students_code("computing the gradients"):
            found = torch.autograd.grad((output * weights).sum(), [leaf, *learning.values()], allow_unused=True)
    gradients |= dict(zip(learning, found[1:], strict=True))
    sketches = [
        np.full(4, np.nan) if gradient is None else fill.sketch(plan.seed, gradient.numpy())
        for gradient in gradients.values()
    ]
    after = tensors_of(model)  # looked up again: a program may have bound a new tensor to a buffer's name
    statistics = [after.get(name, tensor) for name, tensor in tensors.items() if not isinstance(tensor, nn.Parameter)]
    return {
        "training_output": result,
        "input_gradient": np.zeros(0) if found[0] is None else _array(found[0]),
        "gradients": np.array(sketches).reshape(len(tensors), 4),
        "statistics": np.concatenate([_array(tensor).reshape(-1) for tensor in statistics] or [np.zeros(0)]),
        "training_operations": names(sorted({operation[0] for operation in builder.operations})),
    }

"""Probes in PyTorch of functions that count, train and evaluate: nets of the probe's own go in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from grader.probes import partial, students_code
from grader.probes.a1_cnn import cut, number, numbered, pair, tensors
from grader.probes.a1_cnn.on_torch.nets import named_layers, net, state, tensor_of
from grader.probes.examining import names


def count_parameters(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """What the student's function gives for each model."""
    evidence: dict[str, np.ndarray] = {}
    for place, case in enumerate(request["cases"]):

        def look(case: dict[str, Any] = case) -> dict[str, np.ndarray]:
            model, layers = _model(case)
            with students_code("counting"):
                if case["frozen"]:  # what was counted before is no answer to what is counted now
                    function(model)
                    _freeze(layers, case["frozen"])
                    function(model)
                found = function(model)
            return pair(found)

        evidence |= numbered(place, partial("error", look))
    return evidence


def _model(case: dict[str, Any]) -> tuple[nn.Module, dict[str, nn.Module]]:
    """A model to count, and its layers: nested, one layer's tensors twice, or a parameter outside of any layer."""
    model = nn.Sequential()
    layers = named_layers(case["layers"])
    inner = nn.Sequential()
    for name, layer in layers.items():
        (inner if case["nested"] and "dense" not in name else model).add_module(name, layer)
    if case["again"]:
        twin = nn.Linear(*case["again"])
        twin.weight, twin.bias = layers["dense1"].weight, layers["dense1"].bias
        model.add_module("twin", twin)
    if len(inner):
        model = nn.Sequential(inner, *model)
    if case["offset"]:
        model.register_parameter("offset", nn.Parameter(torch.zeros(case["offset"])))
    return model.train(case["training"]).to(torch.float64 if case["double"] else torch.float32), layers


def _freeze(layers: dict[str, nn.Module], slots: list[str]) -> None:
    """Freeze whole layers, or single tensors of them."""
    for slot in slots:
        name, _, role = slot.partition("/")
        (tensor_of(layers[name], slot) if role else layers[name]).requires_grad_(False)


def train_epoch(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """Two epochs by the student's function: what it returned, and the net's tensors afterwards."""
    evidence: dict[str, np.ndarray] = {}
    for place, case in enumerate(request["cases"]):

        def look(place: int = place, case: dict[str, Any] = case) -> dict[str, np.ndarray]:
            values = tensors(request, place)
            model = net(case["layers"], values).train(case["training"])
            every = list(model.parameters())
            groups = [{"params": every[place :: case["groups"]]} for place in range(case["groups"])]
            optimizer = torch.optim.SGD(groups, lr=case["rate"], momentum=case["momentum"])
            results = []
            for epoch in range(case["epochs"]):
                batches = _batches(request, place, case["sizes"], f"{place}_labels_{epoch}")
                with students_code("training for an epoch"), torch.enable_grad():
                    results.append(function(model, _given(batches, case), optimizer))
            read = [number(result) for result in results]
            returned = {"losses": np.array([value for value, _ in read]), "types": names([kind for _, kind in read])}
            return returned | state(model, values)

        evidence |= numbered(place, partial("error", look))
    return evidence


def _given(batches: list[Any], case: dict[str, Any]) -> Any:
    """The batches as a list, or as a generator: no length, one pass."""
    return (batch for batch in batches) if case["generator"] else batches


def _batches(request: dict[str, Any], place: int, sizes: list[int], labels: str) -> list[Any]:
    images = torch.from_numpy(np.ascontiguousarray(request[f"{place}_images"].transpose(0, 3, 1, 2)))
    return cut(images, torch.from_numpy(request[labels].copy()), sizes)


def evaluate(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """What the student's function gives for each call, and what it left of the net."""
    evidence: dict[str, np.ndarray] = {}
    for place, case in enumerate(request["cases"]):

        def look(place: int = place, case: dict[str, Any] = case) -> dict[str, np.ndarray]:
            values = tensors(request, place)
            model = net(case["layers"], values).train(case["training"])
            next(model.parameters()).requires_grad_(not case["frozen"])
            flags = [parameter.requires_grad for parameter in model.parameters()]
            before = {name: _with_gradient(parameter, case) for name, parameter in model.named_parameters()}
            results = []
            for call in range(case["calls"]):
                batches = _batches(request, place, case["sizes"], f"{place}_labels_{call}")
                with students_code("evaluating"), torch.enable_grad():
                    results.append(function(model, _given(batches, case)))
            read = [number(result) for result in results]
            gradients = [name for name, tensor in model.named_parameters() if not _alike(tensor.grad, before[name])]
            changed = [parameter.requires_grad for parameter in model.parameters()] != flags
            single = all(parameter.dtype == torch.float32 for parameter in model.parameters())
            left = {"training": np.array(model.training), "flags": np.array(changed), "gradients": names(gradients)}
            left["single"] = np.array(single)
            returned = {"shares": np.array([value for value, _ in read]), "types": names([kind for _, kind in read])}
            return left | returned | state(model, values)

        evidence |= numbered(place, partial("error", look))
    return evidence


def _with_gradient(parameter: nn.Parameter, case: dict[str, Any]) -> torch.Tensor | None:
    """A copy of the gradient that a parameter comes with: that of an earlier step, or none."""
    if not case["gradients"]:
        return None
    parameter.grad = torch.linspace(-1, 1, parameter.numel()).reshape(parameter.shape)
    return parameter.grad.clone()


def _alike(one: torch.Tensor | None, other: torch.Tensor | None) -> bool:
    return one is other if one is None or other is None else torch.equal(one, other)

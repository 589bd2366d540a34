"""Probes of `a4_pretrained` in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from grader.probes import partial, students_code
from grader.probes.a4_pretrained import (
    array,
    differences,
    each_case,
    options,
    refusal,
    text,
    told,
    unordered_partitions,
)
from grader.probes.a4_pretrained.on_torch import nets, state

Function = Callable[..., Any]
Request = dict[str, Any]
Evidence = dict[str, np.ndarray]


def preprocess(function: Function, request: Request) -> Evidence:
    """What the function makes of raw images."""

    def look(number: int, case: dict[str, Any]) -> Evidence:
        given = request[f"images_{number}"].copy()
        positional, named = options(case, "size")
        with students_code("preparing the images"):
            found = function(given, *positional, **named)
        kind = type(found).__name__
        with students_code("reading what it returned"):
            numbers = found.detach().cpu() if isinstance(found, torch.Tensor) else found
            evidence = array(numbers.float().numpy() if isinstance(numbers, torch.Tensor) else numbers)
            told_of = {"type": kind, "dtype": str(getattr(found, "dtype", "")), "shape": _shape(found)}
        unchanged = np.array_equal(given, request[f"images_{number}"])
        return evidence | {"returned": text(told_of), "untouched": np.array(unchanged)}

    return each_case(request, look)


def classify(function: Function, request: Request) -> Evidence:
    """What the function says of images, and what it left behind in the model."""

    def look(number: int, case: dict[str, Any]) -> Evidence:
        positional, named = options(case, "k")
        images = _images(request, number)

        def call(model: nets.Net) -> Evidence:
            with students_code("classifying the images"), unordered_partitions():
                if case.get("earlier"):
                    function(model, 1 - images, case["names"], *positional, **named)
                return {"answer": text(told(lambda: function(model, images, case["names"], *positional, **named)))}

        return _beside(request, case, images, call)

    return each_case(request, look)


def feature_maps(function: Function, request: Request) -> Evidence:
    """The maps that the function gives for each layer, and what it does about a layer that isn't there."""

    def look(number: int, case: dict[str, Any]) -> Evidence:
        images = _images(request, number)

        def call(model: nets.Net) -> Evidence:
            found: Evidence = {}
            if case.get("earlier"):
                with students_code("looking at other images"):
                    function(model, 1 - images, case["layers"]["torch"][0])
            for place, layer in enumerate(case["layers"]["torch"]):
                with students_code(f"looking at the layer {layer!r}"):
                    result = function(model, images.clone(), layer)
                found |= {f"{name}_{place}": part for name, part in array(result).items()}
            return found

        evidence = _beside(request, case, images, call)
        if "unknown" in case:
            model = _model(request, case)
            before = state.note(model)
            evidence["refusal"] = refusal(lambda: function(model, images.clone(), case["unknown"]["torch"]))
            evidence["after_refusal"] = differences(before, state.note(model))
            state.forget_hooks()
        return evidence

    return each_case(request, look)


def layer_table(function: Function, request: Request) -> Evidence:
    """The table that the function makes of a model."""

    def look(number: int, case: dict[str, Any]) -> Evidence:
        images = _images(request, number)

        def call(model: nets.Net) -> Evidence:
            with students_code("making the table"):
                if case.get("earlier"):
                    function(model, (images.shape[1], *(size + 5 for size in images.shape[2:])))
                return {"answer": text(told(lambda: function(model, tuple(images.shape[1:]))))}

        return _beside(request, case, images, call)

    return each_case(request, look)


def _shape(found: Any) -> list[int]:
    return [int(size) for size in getattr(found, "shape", ())]


def _images(request: Request, number: int) -> torch.Tensor:
    """The images of a case as `n c h w`."""
    return torch.from_numpy(np.ascontiguousarray(request[f"images_{number}"].transpose(0, 3, 1, 2)))


def _model(request: Request, case: dict[str, Any]) -> nets.Net:
    model = nets.build(case["net"], int(request["seed"]))
    model.train(case["training"])
    if case.get("gradients"):
        state.leave_gradients(model)
    return model


def _beside(request: Request, case: dict[str, Any], images: torch.Tensor, call: Callable[..., Evidence]) -> Evidence:
    """What a call finds, what it changed in the model, and what the model gives afterwards."""
    model = _model(request, case)
    with torch.set_grad_enabled(not case.get("without_gradients", False)):
        before = state.note(model)
        try:
            found = call(model)
            found["changed"] = differences(before, state.note(model))
        finally:
            state.forget_hooks()
    return found | partial("after_crash", lambda: _after(model, images))


def _after(model: nets.Net, images: torch.Tensor) -> Evidence:
    """What the model gives once the function is through with it."""
    with torch.no_grad(), students_code("using the model afterwards"):
        return {"after": model.eval()(images.clone()).detach().numpy()}

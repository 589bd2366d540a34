"""Probes of `a4_pretrained` in Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from grader.probes import StudentError, partial, students_code
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
from grader.probes.a4_pretrained.on_keras import nets, state

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
        with students_code("reading what it returned"):
            numbers = found.numpy() if isinstance(found, tf.Tensor | tf.Variable) else found
            evidence = array(numbers)
        return evidence | {"untouched": np.array(np.array_equal(given, request[f"images_{number}"]))}

    return each_case(request, look)


def classify(function: Function, request: Request) -> Evidence:
    """What the function says of images, and what it left behind in the model."""

    def look(number: int, case: dict[str, Any]) -> Evidence:
        positional, named = options(case, "k")
        images = request[f"images_{number}"]

        def call(model: keras.Model) -> Evidence:
            with students_code("classifying the images"), unordered_partitions():
                if case.get("earlier"):
                    function(model, 1 - images, case["names"], *positional, **named)
                result = told(lambda: function(model, images.copy(), case["names"], *positional, **named))
            return {"answer": text(result)}

        return _beside(request, case, images, call)

    return each_case(request, look)


def feature_maps(function: Function, request: Request) -> Evidence:
    """The maps that the function gives for each layer, and what it does about a layer that isn't there."""

    def look(number: int, case: dict[str, Any]) -> Evidence:
        images = request[f"images_{number}"]

        def call(model: keras.Model) -> Evidence:
            found: Evidence = {}
            if case.get("earlier"):
                with students_code("looking at other images"):
                    function(model, 1 - images, case["layers"]["keras"][0])
            for place, layer in enumerate(case["layers"]["keras"]):
                with students_code(f"looking at the layer {layer!r}"):
                    result = function(model, images.copy(), layer)
                found |= {f"{name}_{place}": part for name, part in array(result).items()}
            return found

        evidence = _beside(request, case, images, call)
        if "unknown" in case:
            model = _model(request, case, images)
            before = state.note(model)
            evidence["refusal"] = refusal(lambda: function(model, images.copy(), case["unknown"]["keras"]))
            evidence["after_refusal"] = differences(before, state.note(model))
        return evidence

    return each_case(request, look)


def layer_table(function: Function, request: Request) -> Evidence:
    """The table that the function makes of a model."""

    def look(number: int, case: dict[str, Any]) -> Evidence:
        images = request[f"images_{number}"]

        def call(model: keras.Model) -> Evidence:
            with students_code("making the table"):
                if case.get("earlier"):
                    function(model, (*(size + 5 for size in images.shape[1:3]), images.shape[3]))
                return {"answer": text(told(lambda: function(model, tuple(images.shape[1:]))))}

        if case.get("chain"):
            try:
                return _beside(request, case | {"sequential": True}, images, call)
            except StudentError:
                pass  # a `Sequential` has no `model.input`, and not to need it isn't asked for: its functional twin has
        return _beside(request, case, images, call)

    return each_case(request, look)


def _model(request: Request, case: dict[str, Any], images: np.ndarray) -> keras.Model:
    shape = (None, None, images.shape[-1]) if case.get("any_size") else images.shape[1:]
    return nets.build(case["net"], int(request["seed"]), shape, sequential=case.get("sequential", False))


def _beside(request: Request, case: dict[str, Any], images: np.ndarray, call: Callable[..., Evidence]) -> Evidence:
    """What a call finds, what it changed in the model, and what the model gives afterwards."""
    model = _model(request, case, images)
    before = state.note(model)
    found = call(model)
    found["changed"] = differences(before, state.note(model))
    return found | partial("after_crash", lambda: _after(model, images))


def _after(model: keras.Model, images: np.ndarray) -> Evidence:
    """What the model gives once the function is through with it."""
    with students_code("using the model afterwards"):
        return {"after": np.asarray(model(images, training=False))}

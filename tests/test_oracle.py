"""The oracle's operations: the way back of each is the derivative of the way there, by finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.oracle.operations import OPERATIONS
from grader.oracle.operations.types import Outcome

STEP = 1e-6
BOUND = 1e-8  # the measured worst was 7e-11

Situation = tuple[list[np.ndarray], dict[str, np.ndarray], dict[str, Any], bool]  # inputs, tensors, attributes, mode
sides = st.integers(0, 2)
paddings = st.tuples(st.tuples(sides, sides), st.tuples(sides, sides))


def numbers(generator: np.random.Generator, *shape: int) -> np.ndarray:
    """Numbers that differ from each other and from zero by more than a step."""
    steps = generator.permutation(np.arange(1, 1 + int(np.prod(shape))))
    return (0.01 * steps * generator.choice((-1, 1), len(steps))).reshape(shape)


@st.composite
def maps(draw: st.DrawFn, smallest: int = 1) -> tuple[np.random.Generator, np.ndarray]:
    """A map `n h w c` with the generator that made it."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    shape = [draw(st.integers(low, high)) for low, high in ((1, 3), (smallest, 6), (smallest, 6), (1, 4))]
    return generator, numbers(generator, *shape)


@st.composite
def pointwise(draw: st.DrawFn, name: str) -> Situation:
    _, images = draw(maps())
    return [images], {}, {"slope": 0.2} if name == "leaky_relu" else {}, False


@st.composite
def joined(draw: st.DrawFn, name: str) -> Situation:
    generator, first = draw(maps())
    width = first.shape[-1] + (draw(sides) if name == "concatenate" else 0)
    factor = {"factor": -1.0} if name == "add" and draw(st.booleans()) else {}
    return [first, numbers(generator, *first.shape[:3], width)], {}, factor, False


@st.composite
def pooled(draw: st.DrawFn, name: str) -> Situation:
    _, images = draw(maps(3))
    attributes: dict[str, Any] = {"size": draw(st.integers(1, 3)), "stride": draw(st.integers(1, 3))}
    attributes["padding"] = ((0, 0), (0, 0))
    if attributes["size"] == 3:
        attributes["padding"] = draw(paddings)
    return [images], {}, attributes | ({"count_padding": draw(st.booleans())} if name == "average_pool" else {}), False


@st.composite
def sliced(draw: st.DrawFn) -> Situation:
    _, images = draw(maps(2))
    names = ("before", "after", "first")
    return [images], {}, {"stride": 2, **{name: draw(st.integers(0, 1)) for name in names}}, False


@st.composite
def averaged(draw: st.DrawFn) -> Situation:
    _, images = draw(maps())
    return [images], {}, {"keep": draw(st.booleans())}, False


@st.composite
def convolved(draw: st.DrawFn) -> Situation:
    generator, images = draw(maps(3))
    outputs, rows, columns = (draw(st.integers(1, 3)) for _ in range(3))
    tensors = {"kernel": numbers(generator, outputs, images.shape[-1], rows, columns)}
    if draw(st.booleans()):
        tensors["bias"] = numbers(generator, outputs)
    return [images], tensors, {"stride": draw(st.integers(1, 3)), "padding": draw(paddings)}, False


@st.composite
def multiplied(draw: st.DrawFn) -> Situation:
    generator, images = draw(maps())
    features = images[:, 0, 0] if draw(st.booleans()) else images
    tensors = {"kernel": numbers(generator, 3, features.shape[-1])}
    if draw(st.booleans()):
        tensors["bias"] = numbers(generator, 3)
    return [features], tensors, {}, False


@st.composite
def normalised(draw: st.DrawFn) -> Situation:
    generator, images = draw(maps(2))
    roles = ["mean", "variance", *(role for role in ("scale", "shift") if draw(st.booleans()))]
    tensors = {role: generator.uniform(0.5, 1.5, images.shape[-1]) for role in roles}
    over = draw(st.sampled_from(("batch", "instance", "whole")))
    attributes = {"epsilon": 0.1, "over": over, "unbiased": draw(st.booleans())}
    return [images], tensors, attributes, draw(st.booleans())


SITUATIONS: dict[str, st.SearchStrategy[Situation]] = {
    **{name: pointwise(name) for name in ("relu", "gelu", "silu", "sigmoid", "tanh", "elu", "leaky_relu")},
    **{name: pointwise(name) for name in ("softmax", "log_softmax", "identity", "global_max")},
    **{name: joined(name) for name in ("add", "multiply", "concatenate")},
    **{name: pooled(name) for name in ("max_pool", "average_pool")},
    "mean": averaged(),
    "subsample": sliced(),
    "convolution": convolved(),
    "dense": multiplied(),
    "norm": normalised(),
}


def test_no_operation_is_left_out() -> None:
    assert set(SITUATIONS) | {"stop"} == set(OPERATIONS)


def slope_error(name: str, situation: Situation) -> float:
    """How far the gradients of an operation are from finite differences, along random directions."""
    inputs, tensors, attributes, training = situation
    values = {**dict(enumerate(inputs)), **tensors}

    def compute(changes: dict[Any, np.ndarray]) -> Outcome:
        moved = {place: value + changes.get(place, 0) for place, value in values.items()}
        return OPERATIONS[name](
            tuple(moved[place] for place in range(len(inputs))),
            {role: moved[role] for role in tensors}, attributes, training,
        )  # fmt: skip

    generator = np.random.default_rng(len(values))
    result, backward = compute({})
    cotangent = generator.normal(size=result.shape)
    above, below = backward(cotangent)
    gradients = {**dict(enumerate(above)), **below}
    assert set(gradients) == set(values) - {"mean", "variance"}
    errors = []
    for place, gradient in gradients.items():
        assert gradient.shape == values[place].shape
        direction = generator.uniform(-1, 1, gradient.shape)
        change = compute({place: STEP * direction})[0] - compute({place: -STEP * direction})[0]
        slope = float((change * cotangent).sum()) / (2 * STEP)
        errors.append(abs(float((gradient * direction).sum()) - slope) / float(np.abs(cotangent).sum()))
    return max(errors)


@pytest.mark.parametrize("name", SITUATIONS)
@given(data=st.data())
def test_the_way_back_is_the_derivative(name: str, data: st.DataObject) -> None:
    assert slope_error(name, data.draw(SITUATIONS[name])) < BOUND


@given(pointwise("stop"))
def test_a_way_back_that_is_none_is_noticed(situation: Situation) -> None:
    assert slope_error("stop", situation) > 10 * BOUND

"""Traces: aligned alike in whatever order tensors and operations come, and refused by one error when they are none."""

from __future__ import annotations

import contextlib
import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.oracle import nets
from grader.oracle.alignment import Aligned, Misfit, align
from grader.oracle.graph import Graph
from grader.oracle.parts import put_together
from grader.oracle.reading import UnreadableTraceError, read
from grader.oracle.steps import IMAGES, Step
from tests import traces

GRAPHS = {
    "basic_block": nets.blocks("basic_block", 5, [(6, 2), (6, 1)]),
    "bottleneck": nets.blocks("bottleneck", 5, [(6, 2), (6, 1)]),
    "resnet": nets.resnet(18, 7),
    "deep": nets.resnet(50, 7),
    "cifar": nets.cifar(20, 7),
    "option_a": nets.cifar(20, 7, nets.Style(option_a=True)),
    "plain": nets.cifar(20, 7, skip=False),
}
SEEDS = st.integers(0, 2**32)


def trace(graph: Graph, seed: int) -> tuple[list[str], dict[str, Any]]:
    """The order of the tensors, and the trace in it."""
    generator = np.random.default_rng(seed)
    tensors = [str(slot) for slot in generator.permutation(list(graph.slots()))]
    return tensors, traces.of(graph, tensors, traces.shuffled(graph, generator))


@pytest.mark.parametrize("name", GRAPHS)
@settings(max_examples=20)
@given(seed=SEEDS)
def test_alignment_is_the_same_in_any_order(name: str, seed: int) -> None:
    graph = GRAPHS[name]
    tensors, found = trace(graph, seed)
    fit = align(graph, read(traces.encode(found)))
    assert isinstance(fit, Aligned)
    assert fit.binding == {slot: tensors.index(slot) for slot in graph.slots()}
    assert [(node.name, node.attributes) for node in fit.graph.nodes] == [
        (node.name, node.attributes) for node in graph.nodes
    ]


@settings(max_examples=5)
@given(seed=SEEDS)
def test_another_net_does_not_align(seed: int) -> None:
    _, found = trace(GRAPHS["cifar"], seed)
    assert isinstance(align(GRAPHS["plain"], read(traces.encode(found))), Misfit)


def test_a_bias_of_another_size_does_not_align() -> None:
    tensors, found = trace(GRAPHS["cifar"], 0)
    found["tensors"][tensors.index("dense/bias")]["shape"] = [10**12]
    assert isinstance(align(GRAPHS["cifar"], read(traces.encode(found))), Misfit)


@pytest.mark.parametrize("forged", [None, [], [[1]], [[1, 2, 3]], [["x", 0]], 1, [[float("inf"), 0]]])
def test_padding_that_is_none_is_refused(forged: Any) -> None:
    _, found = trace(GRAPHS["basic_block"], 0)
    next(operation for operation in found["operations"] if operation[0] == "convolution")[4]["padding"] = forged
    with pytest.raises(UnreadableTraceError):
        read(traces.encode(found))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 300) | st.floats() | st.sampled_from(("x", "t0", "t999", "add", "")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(("constant", "stride")), inner),
    max_leaves=8,
)


@given(st.binary() | st.binary().map(lambda text: b'{"tensors": [], ' + text))
def test_bytes_that_are_no_trace_are_refused(garbage: bytes) -> None:
    with pytest.raises(UnreadableTraceError):
        read(np.frombuffer(garbage, dtype=np.uint8))


@given(JSON, JSON, JSON)
def test_what_is_shaped_like_a_trace_is_read_or_refused(tensors: Any, operations: Any, output: Any) -> None:
    with contextlib.suppress(UnreadableTraceError):
        read(traces.encode({"tensors": tensors, "operations": operations, "output": output}))


@settings(max_examples=300)
@given(st.sampled_from(("basic_block", "option_a")), SEEDS, JSON)
def test_a_forged_trace_is_read_or_refused_and_never_breaks_the_alignment(name: str, seed: int, forged: Any) -> None:
    _, found = trace(GRAPHS[name], 0)
    found = copy.deepcopy(found)
    _forge(found, np.random.default_rng(seed), forged)
    with contextlib.suppress(UnreadableTraceError):
        align(GRAPHS[name], read(traces.encode(found)))


def _forge(found: Any, generator: np.random.Generator, forged: Any) -> None:
    """Put something else in one place of a trace, at any depth."""
    while True:
        places = list(found) if isinstance(found, dict) else list(range(len(found)))
        place = places[int(generator.integers(len(places)))]
        if not isinstance(found[place], dict | list) or not found[place] or generator.random() < 0.2:
            found[place] = forged
            return
        found = found[place]


def test_what_puts_a_layer_together_is_found_however_long_the_sum_is() -> None:
    kernel = Step("convolution", (IMAGES,), (1, 4, 4, 2), kernel=0)
    doubled = [Step("add", (number, number), (1, 4, 4, 2)) for number in range(5_000)]  # each the last one twice
    assert put_together([kernel, *doubled], 5_000) is kernel
    with_images = Step("add", (5_000, IMAGES), (1, 4, 4, 2))
    assert put_together([kernel, *doubled, with_images], 5_001) is None
    other = Step("convolution", (IMAGES,), (1, 4, 4, 2), kernel=1)
    assert put_together([kernel, other, Step("add", (0, 1), (1, 4, 4, 2))], 2) is None

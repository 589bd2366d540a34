"""How the oracle learns: cross-entropy against its definition and finite differences, SGD against steps by hand."""

from __future__ import annotations

import numpy as np
import pytest

from grader.oracle.graph import Graph, run
from grader.oracle.learning import Learning, Way, cross_entropy, train
from grader.oracle.nets import Builder

STEP = 1e-6


def net() -> tuple[Graph, dict[str, np.ndarray]]:
    """Convolution, BatchNorm, ReLU, mean and a dense layer, with tensors that differ from each other."""
    builder = Builder(2)
    builder.stem(3, 3, 1)
    builder.add("pool", "mean")
    builder.dense("dense", 4)
    graph, generator = builder.graph(), np.random.default_rng(0)
    return graph, {slot: generator.uniform(0.3, 1.2, shape) for slot, shape in graph.slots().items()}


def batches(*counts: int) -> list[tuple[np.ndarray, np.ndarray]]:
    generator = np.random.default_rng(1)
    return [(generator.standard_normal((n, 5, 4, 2)), generator.integers(0, 4, n)) for n in counts]


def mean_loss(graph: Graph, values: dict[str, np.ndarray], batch: tuple[np.ndarray, np.ndarray]) -> float:
    logits = run(graph, batch[0], values, training=True).output
    powers = np.exp(logits)
    return float(-np.log(powers[np.arange(len(logits)), batch[1]] / powers.sum(axis=1)).mean())


def test_cross_entropy_is_the_mean_of_minus_log_probability():
    logits, labels = np.random.default_rng(2).standard_normal((5, 3)), np.array([0, 2, 1, 1, 0])
    losses, gradient = cross_entropy(logits, labels)
    powers = np.exp(logits)
    np.testing.assert_allclose(losses, -np.log(powers[np.arange(5), labels] / powers.sum(axis=1)))
    for place in np.ndindex(*logits.shape):
        moved = logits.copy()
        moved[place] += STEP
        slope = (cross_entropy(moved, labels)[0].mean() - losses.mean()) / STEP
        np.testing.assert_allclose(gradient[place], slope, atol=1e-6)


def test_cross_entropy_of_large_logits_is_finite():
    losses, gradient = cross_entropy(np.array([[1e4, -1e4], [-1e4, 1e4]]), np.array([0, 0]))
    np.testing.assert_array_equal(losses, [0.0, 2e4])
    assert np.isfinite(gradient).all()


def test_one_step_goes_down_the_true_gradient_in_every_tensor():
    graph, values = net()
    (batch,) = batches(6)
    after = train(graph, values, [batch], 0.1, 0.0).values
    for slot, old in values.items():
        if slot.endswith(("mean", "variance")):
            continue
        slope = np.zeros_like(old)
        for place in np.ndindex(*old.shape):
            sides = []
            for sign in (1, -1):
                moved = values | {slot: old.copy()}
                moved[slot][place] += sign * STEP
                sides.append(mean_loss(graph, moved, batch))
            slope[place] = (sides[0] - sides[1]) / (2 * STEP)
        np.testing.assert_allclose(after[slot], old - 0.1 * slope, atol=1e-8, err_msg=slot)


@pytest.mark.parametrize(("nesterov", "coupled"), [(False, True), (False, False), (True, True)])
def test_momentum_and_decay_by_hand(nesterov, coupled):
    graph, values = net()
    rate, momentum, decay = 0.1, 0.8, 0.05
    way, slot = Way(nesterov=nesterov, coupled=coupled), "dense/kernel"
    weight, velocity = values[slot], 0.0
    state = Learning(dict(values))
    for batch in batches(4, 4, 3):
        plain = train(graph, state.values, [batch], 1.0, 0.0).values[slot]
        gradient = state.values[slot] - plain + (decay * weight if coupled else 0)
        velocity = momentum * velocity + gradient
        move = gradient + momentum * velocity if nesterov else velocity
        weight = weight * (1 if coupled else 1 - rate * decay) - rate * move
        train(graph, values, [batch], rate, momentum, decay, way=way, learning=state)
        np.testing.assert_allclose(state.values[slot], weight)


def test_losses_are_taken_before_the_step_and_statistics_move_by_a_share():
    graph, values = net()
    (batch,) = batches(6)
    for unbiased, count in ((True, 119), (False, 120)):
        state = train(graph, values, [batch], 0.1, 0.9, way=Way(share=0.25, unbiased=unbiased))
        np.testing.assert_allclose(state.losses[0].mean(), mean_loss(graph, values, batch))
        mean, variance, _ = run(graph, batch[0], values, training=True).statistics["stem.norm"]
        np.testing.assert_allclose(state.values["stem.norm/mean"], 0.75 * values["stem.norm/mean"] + 0.25 * mean)
        expected = 0.75 * values["stem.norm/variance"] + 0.25 * variance * 120 / count
        np.testing.assert_allclose(state.values["stem.norm/variance"], expected)


def test_ways_that_go_wrong_go_another_way():
    graph, values = net()
    two = batches(5, 4)
    right = train(graph, values, two, 0.1, 0.9).values
    for way in (Way(training=False), Way(clear=False), Way(frozen={"dense/bias"})):
        other = train(graph, values, two, 0.1, 0.9, way=way).values
        assert any(not np.allclose(other[slot], right[slot]) for slot in right), way
    frozen = train(graph, values, two, 0.1, 0.9, way=Way(frozen={"dense/bias"})).values
    np.testing.assert_array_equal(frozen["dense/bias"], values["dense/bias"])
    still = train(graph, values, two, 0.1, 0.9, way=Way(training=False)).values
    np.testing.assert_array_equal(still["stem.norm/mean"], values["stem.norm/mean"])

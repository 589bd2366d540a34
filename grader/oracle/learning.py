"""How a right program learns: cross-entropy of logits, and SGD steps on a graph that update its running statistics."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from grader.oracle.graph import Graph, Values, run
from grader.oracle.operations import Array

Loss: TypeAlias = Callable[[Array, Array], tuple[Array, Array]]
STATISTICS = ("mean", "variance")  # the roles of a norm that are no parameters


def cross_entropy(logits: Array, labels: Array) -> tuple[Array, Array]:
    """The loss `n` of each example, for logits `n k` and labels `n`, and the gradient `n k` of their mean."""
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    total = powers.sum(axis=1)
    gradient = powers / total[:, None]
    gradient[rows, labels] -= 1
    return np.log(total) - shifted[rows, labels], gradient / len(labels)


@dataclass(frozen=True)
class Way:
    """How a step is taken beside rate, momentum and decay: the defaults are a right program's in PyTorch."""

    loss: Loss = cross_entropy
    training: bool = True  # batch statistics in the forward pass
    clear: bool = True  # False: gradients add up from step to step
    coupled: bool = (
        True  # decay joins the gradient (PyTorch's SGD); else it shrinks the weights by themselves (Keras's)
    )
    nesterov: bool = False
    share: float = 0.1  # of the batch in the running statistics: 1 - momentum in Keras
    unbiased: bool = True  # the running variance takes the batch's variance over n - 1 (PyTorch) or n (Keras)
    frozen: Collection[str] = frozenset()  # slots that don't learn


@dataclass
class Learning:
    """A graph's tensors while it learns, with the loss of each example of each batch, taken before its step."""

    values: dict[str, Array]
    losses: list[Array] = field(default_factory=list)
    velocity: dict[str, Array] = field(default_factory=dict)
    held: dict[str, Array] = field(default_factory=dict)  # gradients that were not cleared


def train(
    graph: Graph,
    values: Values,
    batches: Iterable[tuple[Array, Array]],
    rate: float,
    momentum: float,
    decay: float = 0.0,
    *,
    way: Way | None = None,
    learning: Learning | None = None,
) -> Learning:
    """One SGD step for each batch of images `n h w c` and labels `n`; goes on from `learning` when it is given."""
    way = way or Way()
    state = learning or Learning(dict(values))
    for images, labels in batches:
        step(graph, state, images, labels, rate, momentum, decay, way)
    return state


def step(
    graph: Graph,
    state: Learning,
    images: Array,
    labels: Array,
    rate: float,
    momentum: float,
    decay: float,
    way: Way,
) -> None:
    """One SGD step in place: v = momentum * v + gradient, w = w - rate * v, which is PyTorch's and Keras's alike."""
    forward = run(graph, images, state.values, training=way.training)
    losses, cotangent = way.loss(forward.output, labels)
    found = run(graph, images, state.values, training=way.training, cotangent=cotangent)
    state.losses.append(losses)
    for slot, fresh in found.gradients.items():
        if slot not in state.values or slot in way.frozen:
            continue
        gradient = fresh if way.clear else fresh + state.held.get(slot, 0.0)
        state.held[slot] = gradient
        _move(state, slot, gradient, rate, momentum, decay, way)
    for name, (mean, variance, count) in found.statistics.items():
        factor = count / max(count - 1, 1) if way.unbiased else 1.0
        for role, target in zip(STATISTICS, (mean, variance * factor), strict=True):
            old = state.values.get(f"{name}/{role}")
            if old is not None:
                state.values[f"{name}/{role}"] = old + way.share * (target - old)


def _move(state: Learning, slot: str, gradient: Array, rate: float, momentum: float, decay: float, way: Way) -> None:
    value = state.values[slot]
    if way.coupled:
        gradient = gradient + decay * value
    else:
        value = value - rate * decay * value
    velocity = momentum * state.velocity.get(slot, np.zeros_like(value)) + gradient
    state.velocity[slot] = velocity
    state.values[slot] = value - rate * (gradient + momentum * velocity if way.nesterov else velocity)

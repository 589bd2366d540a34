"""What a right program of `train_epoch` does with a net's tensors, and what programs with known mistakes do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import permutations

import numpy as np

from grader.checks.basics.mistaken_losses import as_probabilities, smoothed, softmax_first, summed, without
from grader.oracle.graph import Graph, run
from grader.oracle.learning import Learning, Way, cross_entropy, train

Batch = tuple[np.ndarray, np.ndarray]
Epochs = list[list[Batch]]
Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Setup:
    """The net that is trained, its tensors, the batches of each epoch, and the optimizer."""

    graph: Graph
    values: Arrays
    epochs: Epochs
    rate: float
    momentum: float
    framework: str

    @property
    def way(self) -> Way:
        """A right step in the framework: how its BatchNorm keeps the running variance."""
        return Way() if self.framework == "torch" else Way(unbiased=False)


@dataclass(frozen=True)
class Outcome:
    """The tensors after all epochs, and the losses of each example, of each batch, of each epoch."""

    values: Arrays
    losses: list[list[np.ndarray]]


Program = Callable[[Setup], Outcome]


def right(setup: Setup, way: Way | None = None) -> Outcome:
    """One step for each batch of each epoch."""
    learning = Learning(dict(setup.values))
    for batches in setup.epochs:
        train(setup.graph, setup.values, batches, setup.rate, setup.momentum,
              way=way or setup.way, learning=learning)  # fmt: skip
    losses, start = [], 0
    for batches in setup.epochs:
        losses.append(learning.losses[start : start + len(batches)])
        start += len(batches)
    return Outcome(learning.values, losses)


def _with(**changes: object) -> Program:
    return lambda setup: right(setup, replace(setup.way, **changes))  # type: ignore[arg-type]  # names of fields


def _batches(change: Callable[[list[Batch]], list[Batch]]) -> Program:
    """Other batches than those that were given."""
    return lambda setup: right(replace(setup, epochs=[change(batches) for batches in setup.epochs]))


def _nothing_moves(setup: Setup) -> Outcome:
    """Forward passes in training mode, and no step."""
    return right(replace(setup, rate=0.0))


def _fresh_optimizer(setup: Setup) -> Outcome:
    """The momentum of one epoch is lost in the next."""
    values = setup.values
    losses: list[list[np.ndarray]] = []
    for batches in setup.epochs:
        part = right(replace(setup, values=values, epochs=[batches]))
        values, losses = part.values, [*losses, *part.losses]
    return Outcome(values, losses)


def _one_step(setup: Setup, *, keep: bool) -> Outcome:
    """One step for an epoch, behind its loop, with the last batch's gradient or, `keep`, with the sum of all."""
    state, losses = Learning(dict(setup.values)), []
    for batches in setup.epochs:
        before, losses_here = dict(state.values), []
        total: Arrays = {}
        for images, labels in batches:
            probe = train(setup.graph, state.values, [(images, labels)], 1.0, 0.0, way=setup.way)
            losses_here.append(probe.losses[0])
            for slot, value in probe.values.items():
                if slot.endswith(("/mean", "/variance")):
                    state.values[slot] = value
                else:
                    gradient = before[slot] - value
                    total[slot] = total.get(slot, 0.0) + gradient if keep else gradient
        for slot, gradient in total.items():
            state.velocity[slot] = setup.momentum * state.velocity.get(slot, 0.0) + gradient
            state.values[slot] = before[slot] - setup.rate * state.velocity[slot]
        losses.append(losses_here)
    return Outcome(state.values, losses)


def clipped(setup: Setup, most: float) -> Outcome:
    """Gradients scaled so that their common norm is at most `most`."""

    def loss(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        losses, gradient = cross_entropy(logits, labels)
        found = run(setup.graph, current[0], current[1], training=True, cotangent=gradient).gradients
        norm = np.sqrt(sum(float((part**2).sum()) for slot, part in found.items() if slot in setup.values))
        return losses, gradient * min(1.0, most / max(norm, 1e-12))

    learning, losses = Learning(dict(setup.values)), []
    for batches in setup.epochs:
        start = len(learning.losses)
        for images, labels in batches:
            current = (images, dict(learning.values))
            train(setup.graph, {}, [(images, labels)], setup.rate, setup.momentum,
                  way=replace(setup.way, loss=loss), learning=learning)  # fmt: skip
        losses.append(learning.losses[start:])
    return Outcome(learning.values, losses)


def losses_after_steps(setup: Setup) -> list[list[np.ndarray]]:
    """The losses in evaluation mode of each batch of each epoch, behind its own step."""
    learning, losses = Learning(dict(setup.values)), list[list[np.ndarray]]()
    for batches in setup.epochs:
        losses.append([])
        for images, labels in batches:
            train(setup.graph, {}, [(images, labels)], setup.rate, setup.momentum, way=setup.way, learning=learning)
            losses[-1].append(cross_entropy(run(setup.graph, images, learning.values).output, labels)[0])
    return losses


def _twice(batches: list[Batch]) -> list[Batch]:
    return [batch for batch in batches for _ in range(2)]


def _cleared_once(setup: Setup) -> Outcome:
    """Gradients add up from batch to batch, and are cleared before each epoch."""
    learning = Learning(dict(setup.values))
    losses, way = [], replace(setup.way, clear=False)
    for batches in setup.epochs:
        learning.held.clear()
        train(setup.graph, {}, batches, setup.rate, setup.momentum, way=way, learning=learning)
        losses.append(learning.losses[-len(batches) :])
    return Outcome(learning.values, losses)


PROGRAMS: tuple[tuple[str, Program], ...] = (
    ("epoch_in_evaluation_mode", _with(training=False)),
    ("gradients_add_up", _with(clear=False)),
    ("gradients_add_up_in_an_epoch", _cleared_once),
    ("nothing_learned", _nothing_moves),
    ("nothing_learned_in_evaluation_mode", lambda setup: Outcome(setup.values, right(setup).losses)),
    ("softmax_before_cross_entropy", _with(loss=softmax_first)),
    ("logits_as_probabilities", _with(loss=as_probabilities)),
    ("summed_loss", _with(loss=summed)),
    ("last_batch_dropped", _batches(lambda batches: batches[:-1])),
    ("first_batch_lost", _batches(lambda batches: batches[1:])),
    ("first_batch_alone_trained", _batches(lambda batches: batches[:1])),
    *(("later_batches_left_out", _batches(lambda batches, n=n: batches[:n])) for n in (5, 8, 10, 16, 20)),  # type: ignore[misc]  # n is bound
    ("two_steps_for_each_batch", _batches(_twice)),
    ("fresh_optimizer", _fresh_optimizer),
    ("one_step_for_an_epoch", lambda setup: _one_step(setup, keep=False)),
    ("one_step_with_all_gradients", lambda setup: _one_step(setup, keep=True)),
    *(("clipped_gradients", partial(clipped, most=most)) for most in (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)),
    ("smoothed_labels", _with(loss=smoothed(0.1))),
    ("class_0_left_out", _with(loss=without(0))),
)


def orders(setup: Setup) -> Iterator[Outcome]:
    """The outcomes of all other orders of the batches, alike or not in each epoch, where there are few batches."""
    if len(setup.epochs[0]) > 4:
        return
    numbers = list(permutations(range(len(setup.epochs[0]))))
    for first in numbers:
        for second in numbers:
            order = [first, second, *[second] * (len(setup.epochs) - 2)]
            yield right(replace(setup, epochs=[[epoch[place] for place in o]
                                               for epoch, o in zip(setup.epochs, order, strict=False)]))  # fmt: skip

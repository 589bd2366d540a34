"""Training a noted net again in NumPy, from the order of its batches: as is asked for, or with a known mistake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from grader.checks.practice.diaries import STATISTICS, shapes, tensors
from grader.oracle.graph import Graph, Node
from grader.oracle.learning import Learning, Loss, Way, cross_entropy, step
from grader.spec import Request

# Of a step, in the Euclidean norm over each tensor. Right programs were up to 1.6e-3 off (float32, and the decay, which
# is left out here; 270 trainings, 2,352 nets of the experiment); rates of a wrong schedule made .69 or more.
TOLERANCE = 1e-2


@dataclass(frozen=True)
class Recipe:
    """How a net is trained: SGD's settings, the loss, and whether gradients are cleared before each step."""

    rate: float
    momentum: float = 0.9
    nesterov: bool = False
    clear: bool = True
    loss: Loss = cross_entropy
    decay: float = 0.0

    @property
    def way(self) -> Way:
        """The same for `grader.oracle.learning`."""
        return Way(loss=self.loss, clear=self.clear, nesterov=self.nesterov)


@dataclass
class Replay:
    """The states by slot before and after each step, and the mean loss of each batch before it."""

    before: list[dict[str, np.ndarray]] = field(default_factory=list)
    after: list[dict[str, np.ndarray]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)


def graph(request: Request) -> Graph:
    """The noted net: a convolution as large as the image, BatchNorm, SiLU, a dense layer.

    A ReLU has a kink: by the density of its inputs near 0, rounding would take one to the other side, and gradients
    with it, in about one of a thousand gradings.
    """
    wanted = shapes(request)
    # both frameworks' nets are built with this epsilon
    tensors_of = {role: wanted[f"norm/{role}"] for role in ("scale", "shift", "mean", "variance")}
    geometry = {"stride": 1, "padding": ((0, 0), (0, 0))}
    return Graph(
        (
            Node("conv", "convolution", ("images",), geometry, {"kernel": wanted["conv/kernel"]}),
            Node("norm", "norm", ("conv",), {"epsilon": 1e-5}, tensors_of),
            Node("silu", "silu", ("norm",)),
            Node("mean", "mean", ("silu",)),
            Node("dense", "dense", ("mean",), {}, {"kernel": wanted["dense/kernel"], "bias": wanted["dense/bias"]}),
        )
    )


def replay(
    request: Request,
    before: Sequence[np.ndarray],
    batches: Sequence[tuple[np.ndarray, np.ndarray]],
    recipe: Recipe,
    rates: Sequence[float] | None = None,
    *,
    scaled: bool = False,
) -> Replay:
    """Take a step on each batch of images `n h w c` and labels, from the state that the net had before it.

    So rounding doesn't add up from step to step: velocities and gradients that aren't cleared alone are carried on.
    `rates` has one rate for each batch. Velocities hold gradients, as PyTorch's do, or, when `scaled`, gradients times
    the rate of their time, as Keras's do: the two differ where the rate changes.
    """
    net, found = graph(request), Replay()
    learning = Learning({})
    with np.errstate(all="ignore"):  # a mistaken recipe may diverge: then it explains nothing
        for number, (state, (images, labels)) in enumerate(zip(before, batches, strict=False)):
            rate = recipe.rate if rates is None else rates[number]
            learning.values = tensors(request, state)
            if scaled and rates is not None and number:
                factor = rates[number - 1] / rate
                learning.velocity = {slot: factor * value for slot, value in learning.velocity.items()}
            found.before.append(dict(learning.values))
            step(net, learning, images.astype(np.float64), labels, rate, recipe.momentum, recipe.decay, recipe.way)
            found.after.append(dict(learning.values))
            found.losses.append(float(np.mean(learning.losses[-1])))
    return found


def distances(request: Request, after: Sequence[np.ndarray], replayed: Replay) -> list[float]:
    """How far each state is from the replayed one, in units of the step: the worst tensor's distance."""
    found = []
    for state, start, right in zip(after, replayed.before, replayed.after, strict=False):
        seen, worst = tensors(request, state), 0.0
        for slot in right.keys() - set(STATISTICS):
            moved = float(np.linalg.norm(right[slot] - start[slot]))
            rounding = 1e-4 * float(np.linalg.norm(start[slot]))  # a step as small as a hundredth of this isn't judged
            error = float(np.linalg.norm(seen[slot] - right[slot])) / max(moved + rounding, 1e-12)
            worst = max(worst, error if np.isfinite(error) else np.inf)
        found.append(worst)
    return found


def explains(request: Request, after: Sequence[np.ndarray], replayed: Replay) -> bool:
    """Whether every state that was found is the replayed one."""
    found = distances(request, after, replayed)
    return bool(found) and all(error < TOLERANCE for error in found)


def summed(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sum over the batch in place of its mean."""
    losses, gradient = cross_entropy(logits, labels)
    return losses, gradient * len(labels)


def divided_by(count: int) -> Loss:
    """The sum over the batch divided by one number, however many images there are."""

    def loss(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        losses, gradient = cross_entropy(logits, labels)
        return losses, gradient * len(labels) / count

    return loss


def smoothed(share: float) -> Loss:
    """Cross-entropy against labels of which a share is spread over all classes."""

    def loss(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        losses, gradient = cross_entropy(logits, labels)
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        uniform = (np.exp(log_probabilities) - 1 / logits.shape[1]) / len(labels)
        return (1 - share) * losses - share * log_probabilities.mean(axis=1), (1 - share) * gradient + share * uniform

    return loss


def softmax_twice(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cross-entropy that takes probabilities for logits."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    losses, gradient = cross_entropy(probabilities, labels)
    inner = (gradient * probabilities).sum(axis=1, keepdims=True)
    return losses, probabilities * (gradient - inner)


def logits_as_probabilities(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cross-entropy that takes logits for probabilities, as Keras's without `from_logits` (TensorFlow clips them)."""
    low, high = 1e-7, 1 - 1e-7
    inside = (logits > low) & (logits < high)
    losses, gradient = cross_entropy(np.log(np.clip(logits, low, high)), labels)
    return losses, np.where(inside, gradient / np.where(inside, logits, 1.0), 0.0)


Explained = tuple[str, Callable[[Recipe], Recipe], str, str]
# name, the recipe with this mistake, what was done in words, what to look at
MISTAKES: tuple[Explained, ...] = (
    ("no_zero_grad", lambda r: replace(r, clear=False), "gradients that add up from step to step",
     "set the gradients to zero before each step"),
    ("summed_loss", lambda r: replace(r, loss=summed), "gradients of the sum over the batch",
     "take the mean of the batch's losses"),
    ("label_smoothing", lambda r: replace(r, loss=smoothed(0.1)), "label smoothing", "use the labels as they are"),
    ("softmax_twice", lambda r: replace(r, loss=softmax_twice), "a softmax before the cross-entropy",
     "the net gives logits, and the cross-entropy holds a softmax already"),
    ("logits_as_probabilities", lambda r: replace(r, loss=logits_as_probabilities), "logits that are taken for "
     "probabilities", "tell the loss that it gets logits"),
    ("no_momentum", lambda r: replace(r, momentum=0.0), "no momentum: each step follows its own gradient alone",
     "set the momentum"),
    ("nesterov_momentum", lambda r: replace(r, nesterov=True), "Nesterov's momentum", "use plain momentum"),
    *((f"rate_{rate:g}", lambda r, rate=rate: replace(r, rate=rate), f"a learning rate of {rate:g}",
       "set the rate that is asked for") for rate in (0.1, 0.01, 0.001, 0.2, 0.05, 0.02, 0.002)),
)  # fmt: skip


def as_if_full(count: int) -> Explained:
    """The mistake of a short last batch whose losses are divided as if it were full."""
    return (
        "short_batch_as_if_full", lambda r: replace(r, loss=divided_by(count)),
        f"shorter steps for the short last batch: its losses are added up and divided by {count}",
        "take the mean over the images that are there",
    )  # fmt: skip

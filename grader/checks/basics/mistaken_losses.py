"""Losses that are taken for the cross-entropy of logits: losses `n` and the gradient `n k` of what is minimised."""

from __future__ import annotations

import numpy as np

from grader.oracle.learning import Loss, cross_entropy


def summed(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The gradient of the sum over a batch in place of the mean."""
    losses, gradient = cross_entropy(logits, labels)
    return losses, gradient * len(labels)


def softmax_first(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A softmax before the cross-entropy, which takes its own."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances = powers / powers.sum(axis=1, keepdims=True)
    losses, above = cross_entropy(chances, labels)
    return losses, chances * (above - (above * chances).sum(axis=1, keepdims=True))


def smoothed(share: float) -> Loss:
    """Cross-entropy with smoothed labels: a share of each target is spread over all classes."""

    def loss(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        losses, gradient = cross_entropy(logits, labels)
        every = [cross_entropy(logits, np.full_like(labels, label)) for label in range(logits.shape[1])]
        spread = np.mean([part for part, _ in every], axis=0), np.mean([part for _, part in every], axis=0)
        return (1 - share) * losses + share * spread[0], (1 - share) * gradient + share * spread[1]

    return loss


def without(label: int) -> Loss:
    """The mean over the examples of the other classes (`ignore_index`)."""

    def loss(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        losses, gradient = cross_entropy(logits, labels)
        kept = labels != label
        share = kept * len(labels) / max(1, np.sum(kept))
        return losses * share, gradient * share[:, None]

    return loss


def as_probabilities(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keras's cross-entropy without `from_logits=True`: the logits, cut to 1e-7 .. 1 - 1e-7, pass for probabilities."""
    cut = np.clip(logits, 1e-7, 1 - 1e-7)
    losses, above = cross_entropy(np.log(cut), labels)
    return losses, np.where((logits > 1e-7) & (logits < 1 - 1e-7), above / cut, 0.0)

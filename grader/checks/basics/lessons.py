"""What a student reads about a recognised mistake in `train_epoch`, and the averages taken for the right one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.checks import running_means
from grader.checks.basics.programs import Outcome

# The loss that is returned, relative. Right programs were off by 1.4e-7 at most, wrong ones by 3.8e-2 at least (the
# bank, in both frameworks; docs/numerics.md).
LOSS = 2e-3

_STEP = "one optimizer step for each batch"
WORDS: dict[str, tuple[str, str, str]] = {
    "epoch_in_evaluation_mode": (
        "the model in training mode", "the epoch ran in evaluation mode: BatchNorm used its running statistics and "
        "didn't learn them", "put the model into training mode first: `model.train()`",
    ),
    "gradients_add_up": (
        "each step with the gradient of its own batch", "gradients add up from batch to batch",
        "clear the gradients for each batch: `optimizer.zero_grad()`",
    ),
    "gradients_add_up_in_an_epoch": (
        "each step with the gradient of its own batch", "gradients add up from batch to batch and are cleared once for "
        "an epoch", "clear the gradients for each batch: `optimizer.zero_grad()` belongs inside the loop",
    ),
    "nothing_learned": (
        _STEP, "no parameter moved",
        "backward first, which fills the gradients, then the optimizer's step; clear gradients before backward, not "
        "between the two",
    ),
    "nothing_learned_in_evaluation_mode": (
        _STEP + ", in training mode", "nothing in the model changed: no parameter, no running statistic",
        "training mode, backward, and the optimizer's step for each batch",
    ),
    "softmax_before_cross_entropy": (
        "the cross-entropy of the *logits*", "a softmax before the cross-entropy, which takes its own",
        "hand the model's output to the loss as it is",
    ),
    "logits_as_probabilities": (
        "the cross-entropy of the *logits*", "the loss took the logits for probabilities",
        "tell Keras's cross-entropy so: `from_logits=True`",
    ),
    "summed_loss": (
        "the *mean* cross-entropy of a batch", "steps that are longer by the batch's size: the losses were summed",
        "take the mean over the batch (the default `reduction`)",
    ),
    "last_batch_dropped": (
        "every batch, the short last one too", "the last batch was left out", "go through all batches to their end",
    ),
    "first_batch_lost": (
        "every batch, the first one too", "all but the first",
        "what a generator has given is gone: look at no batch before the loop that trains",
    ),
    "first_batch_alone_trained": (
        "every batch", "the first batch alone", "look where `return` stands: behind the loop, not in it",
    ),
    "later_batches_left_out": (
        "every batch", "the first batches alone", "go through all batches, however many there are",
    ),
    "two_steps_for_each_batch": (
        _STEP, "two steps for each batch", "backward and step once for each batch",
    ),
    "fresh_optimizer": (
        "the optimizer that was given, with its momentum", "the momentum of the first epoch is lost in the second",
        "use the optimizer that the function gets; make no new one",
    ),
    "one_step_for_an_epoch": (
        _STEP, "one step for the whole epoch, with the last batch's gradient", "the step belongs inside the loop",
    ),
    "one_step_with_all_gradients": (
        _STEP, "one step for the whole epoch, with the gradients of all batches", "the step belongs inside the loop",
    ),
    "clipped_gradients": (
        "the gradient as it is", "gradients whose norm is cut", "nothing is added here: no clipping",
    ),
    "smoothed_labels": (
        "the cross-entropy with the labels as they are", "labels smoothed by 0.1",
        "nothing is added here: no label smoothing",
    ),
    "class_0_left_out": (
        "the cross-entropy of all examples", "those of class 0 are left out",
        "0 is a class like any other: neither a background nor a padding (`ignore_index`)",
    ),
    "batches_in_another_order": (
        "the batches in the order in which they come", "another order of the batches",
        "go through `batches` as they come; whoever makes them shuffles them",
    ),
}  # fmt: skip

Average = Callable[[Outcome], list[float]]  # what an epoch returns, for each epoch


def means(outcome: Outcome) -> list[float]:
    """The mean loss per example of each epoch."""
    return [float(np.concatenate(epoch).mean()) for epoch in outcome.losses]


def _of_batches(average: Callable[[list[np.ndarray]], Any]) -> Average:
    return lambda outcome: [float(average(epoch)) for epoch in outcome.losses]


# name, what is returned, what the student reads
AVERAGES: tuple[tuple[str, Average, str, str], ...] = (
    ("mean_of_batch_means", _of_batches(lambda epoch: np.mean([part.mean() for part in epoch])),
     "the mean of the batches' means, in which the short last batch counts as much as a full one",
     "weight each batch's mean by its number of examples"),
    ("last_loss", _of_batches(lambda epoch: epoch[-1].mean()), "the loss of the last batch alone",
     "add up over all batches"),
    ("first_loss", _of_batches(lambda epoch: epoch[0].mean()), "the loss of the first batch alone",
     "return behind the loop, not in it"),
    ("summed_means", _of_batches(lambda epoch: np.sum([part.mean() for part in epoch])), 
     "the sum of the batches' means", "weight each mean by its batch's number of examples, and divide by that of all"),
    ("summed_losses", _of_batches(lambda epoch: np.concatenate(epoch).sum()), "the sum over all examples",
     "divide by the number of examples"),
    ("sum_divided_by_batches", _of_batches(lambda epoch: np.concatenate(epoch).sum() / len(epoch)),
     "the sum over all examples, divided by the number of batches", "divide by the number of examples"),
    ("means_divided_by_examples",
     _of_batches(lambda epoch: np.sum([part.mean() for part in epoch]) / len(np.concatenate(epoch))),
     "the sum of the batches' means, divided by the number of examples",
     "weight each batch's mean by its number of examples first"),
    ("divided_as_if_full", _of_batches(lambda epoch: np.concatenate(epoch).sum() / (len(epoch) * len(epoch[0]))),
     "a division as if each batch were a full one", "the last batch is shorter: count the examples"),
    *(("running_means", lambda outcome, way=way: list(running_means.means(outcome.losses)[way]),
       "the mean of running means, which hold the batches before too", running_means.FIX)
      for way in range(running_means.WAYS)),
    ("never_reset_loss", lambda outcome: [
        float(np.concatenate([part for epoch in outcome.losses[: end + 1] for part in epoch]).mean())
        for end in range(len(outcome.losses))], "the mean over this epoch and the ones before",
     "begin each epoch with a new sum or metric"),
)  # fmt: skip

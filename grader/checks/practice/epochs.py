"""The judge of which images each epoch of a training sees, in which batches and in which order."""

from __future__ import annotations

from collections import Counter

import numpy as np

from grader.checks.practice.training import Epoch, Training, training_of
from grader.result import Complaint
from grader.spec import Evidence, Request


def batches(request: Request, evidence: Evidence) -> Complaint | None:
    """Each epoch shows every training image once, in batches of `batch_size`, in a new order."""
    training = training_of(request, evidence)
    wanted, found = request["epochs"], len(training.epochs)
    if found < wanted:
        return Complaint(
            f"training for all {wanted} epochs",
            f"it ends after epoch {found}",
            "run every epoch that is asked for; stopping early is no part of this recipe",
            "stops_early",
        )
    if found > wanted:
        return Complaint(
            f"training for {wanted} epochs",
            f"there are {found}",
            "count the epochs from 0 to `epochs` - 1, and evaluate at the end of each",
            "too_many_epochs",
        )
    for count, epoch in enumerate(training.epochs, 1):
        if (complaint := _once(training, count, epoch) or _sizes(training, count, epoch)) is not None:
            return complaint
    return _order(training)


def _once(training: Training, count: int, epoch: Epoch) -> Complaint | None:
    rows = np.concatenate([training.passes[number].rows for number in epoch.training])
    seen, size, batch = Counter(rows.tolist()), training.train_size, training.request["batch_size"]
    missing, most = size - len(seen), max(seen.values())
    expected = "every training image once in each epoch"
    if not missing and most == 1:
        return None
    if most == 1:
        short = missing == size % batch
        fix = (
            "the last batch is shorter and belongs to the epoch too" if short else "go through all batches of an epoch"
        )
        return Complaint(
            expected,
            f"in epoch {count} {missing} of {size} are left out",
            fix,
            "last_batch_dropped" if short else "images_left_out",
        )
    if not missing and len(set(seen.values())) == 1:
        return Complaint(
            expected,
            f"in epoch {count} each is seen {most} times",
            "pass each batch through the net once, and evaluate after each epoch",
            "seen_several_times",
        )
    return Complaint(
        expected,
        f"in epoch {count} some are seen {most} times and {missing} not at all",
        "shuffle the numbers of the images (a permutation) and cut them into batches, rather than to draw at random",
        "drawn_with_replacement",
    )


def _sizes(training: Training, count: int, epoch: Epoch) -> Complaint | None:
    size, batch = training.train_size, training.request["batch_size"]
    found = sorted((len(training.passes[number].rows) for number in epoch.training), reverse=True)
    right = [batch] * (size // batch) + [size % batch] * (size % batch > 0)
    if found == right:
        return None
    return Complaint(
        f"batches of {', '.join(map(str, right))} images for `batch_size={batch}`",
        f"batches of {', '.join(map(str, found[:8]))} in epoch {count}",
        "cut the epoch by the argument `batch_size`",
        "batch_size_ignored",
    )


def _order(training: Training) -> Complaint | None:
    orders = [np.concatenate([training.passes[n].rows for n in epoch.training]).tolist() for epoch in training.epochs]
    given, expected = list(range(training.train_size)), "a new random order in each epoch"
    if all(order == given for order in orders):
        return Complaint(
            expected,
            "the images always come in the order in which they are given",
            "shuffle them in each epoch",
            "not_shuffled",
        )
    if all(order == orders[0] for order in orders):
        return Complaint(
            expected,
            "the same order in every epoch",
            "shuffle inside the loop over the epochs, and don't set a seed there",
            "shuffled_once",
        )
    parts = [{frozenset(training.passes[n].rows.tolist()) for n in epoch.training} for epoch in training.epochs]
    for count, part in enumerate(parts[1:], 2):
        if part in parts[: count - 1]:
            return Complaint(
                expected,
                f"epoch {count} has the same batches as epoch {parts.index(part) + 1}",
                "shuffle images, not batches, and do it in each epoch",
                "batches_repeated",
            )
    for count, order in enumerate(orders, 1):
        if order == given:
            return Complaint(
                expected,
                f"in epoch {count} the images come as they are given",
                "shuffle in each epoch, the first one too",
                "not_shuffled",
            )
    return None

"""Judges of the steps of the degradation experiment, and of the losses that it reports."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grader.checks import running_means
from grader.checks.practice.diaries import weights
from grader.checks.practice.experiment import LAST, RIGHT, SAME, Net, experiments
from grader.checks.practice.replaying import MISTAKES, TOLERANCE, distances, explains, replay
from grader.oracle.learning import cross_entropy
from grader.result import Complaint
from grader.spec import Evidence, Request


def steps(request: Request, evidence: Evidence) -> Complaint | None:
    """Each step is one of SGD with learning rate 0.02 and momentum 0.9 on the batch's mean cross-entropy."""
    expected = (
        "steps of SGD with learning rate 0.02 and momentum 0.9, without decay, on each batch's mean cross-entropy"
    )
    nets = [net for one in experiments(request, evidence) for net in one.nets if net.states]
    if not nets:
        return Complaint(expected, "no step in training mode", "mend the complaint above first")
    for net in nets:
        if any(np.any(row < 0) for row in (seen.rows for seen in net.diary.learning)):
            return Complaint(expected, "images that are not those given", "mend the complaint above first")
        before = net.diary.learning[0].state
        if not np.array_equal(weights(request, before), weights(request, net.initial)):
            return Complaint(
                "nets as `build` gives them", f"the weights of {net.words} change before the first step",
                "don't initialise them again, and train each net once", "weights_changed_before",
            )  # fmt: skip
        if not explains(request, net.states, net.right):
            return _wrong_steps(request, net, expected)
    return None


def _wrong_steps(request: Request, net: Net, expected: str) -> Complaint:
    found, batches = net.states[:4], net.batches[:4]
    if all(np.array_equal(weights(request, state), weights(request, net.initial)) for state in found):
        return Complaint(
            expected, f"the weights of {net.words} never move", "take a step for each batch", "nothing_moves"
        )
    for name, change, got, fix in MISTAKES:
        if change(RIGHT) != RIGHT and explains(request, found, replay(request, net.before, batches, change(RIGHT))):
            return Complaint(expected, got, fix, "wrong_rate" if name.startswith("rate_") else name)
    errors = distances(request, net.states, net.right)
    first = next((number for number, error in enumerate(errors, 1) if not error < TOLERANCE), 1)
    return Complaint(
        expected, f"the weights of {net.words} depart in step {first}",
        "one new optimizer for each net, at one rate to the end; gradients set to zero, cross-entropy of the logits, "
        "backward, one step",
    )  # fmt: skip


_FIX = f"keep the loss of each step, and average the last {LAST}"


def _averages(losses: np.ndarray, sizes: np.ndarray) -> Iterator[tuple[str, float, str]]:
    yield "last_loss", float(losses[-1]), "the loss of the last step alone"
    for weighed, whose in ((np.ones(len(losses)), "steps"), (sizes, "images")):
        shown = np.cumsum(losses * weighed) / np.cumsum(weighed)
        yield (
            "running_mean",
            float(shown[-LAST:].mean()),
            f"the mean of running means, over all {whose} so far, such as `fit` shows while an epoch goes on",
        )
    yield "mean_of_all", float(losses.mean()), "the mean over all steps"
    yield "first_steps", float(losses[:LAST].mean()), f"the mean over the first {LAST} steps"
    yield "summed", float(losses[-LAST:].sum()), f"the sum over the last {LAST} steps"
    yield (
        "wrong_divisor",
        float(losses[-LAST:].sum() / LAST),
        f"the sum divided by {LAST}, though there are fewer steps",
    )
    for count in (10, 5, 30, 50):
        yield "wrong_window", float(losses[-count:].mean()), f"the mean over the last {count} steps"


def _average(name: str, got: str, losses: np.ndarray, sizes: np.ndarray) -> float:
    """The average of a name, and of its words where several share the name."""
    return next(value for other, value, words in _averages(losses, sizes) if (other, words) == (name, got))


def _near(found: float, value: float) -> bool:
    return abs(found - value) < SAME * max(value, 0.05)


def _sizes(net: Net) -> np.ndarray:
    """How many images each of its steps has seen, of those that `_seen_losses` tells of."""
    learning = net.diary.learning
    explained = explains(net.request, net.states, net.right)
    return np.array([len(one.rows) for one in learning if explained or one.known])


def values(request: Request, evidence: Evidence) -> Complaint | None:
    """Each loss is the mean over the last 20 steps of the training loss, taken before its step."""
    for one in experiments(request, evidence):
        expected = (
            f"for each net the mean training loss of its last {LAST} steps (of all, when there are fewer; {one.words})"
        )
        rows = [
            (one.losses.get((net.kind, net.depth), np.nan), np.array(_seen_losses(request, net)), _sizes(net))
            for net in one.nets
        ]
        for net, (found, seen, sizes) in zip(one.nets, rows, strict=True):
            if not len(seen):
                return Complaint(expected, "no step in training mode", "mend the complaint above first")
            right = float(seen[-LAST:].mean())
            if _near(found, right):
                continue
            for name, _, got in _averages(seen, sizes):  # one that explains a single net does so by chance
                if all(_near(row[0], _average(name, got, *row[1:])) for row in rows if len(row[1])):
                    return Complaint(expected, got, running_means.FIX if name == "running_mean" else _FIX, name)
            return Complaint(
                expected, f"{found:.4g} for {net.words}, its steps give {right:.4g}",
                "take each step's loss in training mode, before the weights move", "wrong_loss",
            )  # fmt: skip
    return None


def _seen_losses(request: Request, net: Net) -> list[float]:
    """The losses of a net's steps: replayed where its steps are right, else of the logits that it gave."""
    if explains(request, net.states, net.right):
        return net.right.losses
    return [
        float(cross_entropy(seen.logits.astype(np.float64), request["labels"][seen.rows])[0].mean())
        for seen in net.diary.learning
        if seen.known
    ]

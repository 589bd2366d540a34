"""The judge of how the nets of the degradation experiment are trained: all alike."""

from __future__ import annotations

import numpy as np

from grader.checks.practice.diaries import Pass
from grader.checks.practice.experiment import BATCH, Experiment, experiments
from grader.result import Complaint
from grader.spec import Evidence, Request


def protocol(request: Request, evidence: Evidence) -> Complaint | None:
    """Every net is trained on the same batches of 64 in the same order, for `steps` steps, in training mode."""
    for one in experiments(request, evidence):
        for check in (_built, _modes, _batches, _alike):
            if (complaint := check(request, one)) is not None:
                return complaint
    return None


def _built(request: Request, one: Experiment) -> Complaint | None:
    built = {(net.kind, net.depth) for net in one.nets if net.diary.passes}
    missing = [key for key in one.wanted if key not in built]
    if not missing:
        return None
    return Complaint(
        f"a net from `build(kind, depth)`, trained, for each kind and each depth ({one.words})",
        f"none of {missing[0]}",
        "call `build` once for each pair, at each call anew, and train what it gives",
        "net_missing",
    )


def _modes(request: Request, one: Experiment) -> Complaint | None:
    for net in one.nets:
        idle = [n for n, seen in enumerate(net.diary.passes) if not seen.training]
        if any(net.diary.moved(number) for number in idle) or not net.diary.learning:
            fix = {
                "torch": "leave the net in training mode",
                "keras": "call it with `training=True` in the training step",
            }
            return Complaint(
                "nets trained in training mode",
                f"{net.words} learns in evaluation mode: BatchNorm takes its running statistics",
                fix[request["framework"]],
                "evaluation_mode_in_training",
            )
    return None


def _batches(request: Request, one: Experiment) -> Complaint | None:
    size = len(request["labels"])
    for net in one.nets:
        passes = net.diary.learning
        if not all(seen.known for seen in passes):
            return Complaint(
                "the images as they are given", f"{net.words} gets other images", "no augmentation", "images_changed"
            )
        counts = [len(seen.rows) for seen in passes]
        short = size % BATCH or BATCH
        if not all(count in (BATCH, short) for count in counts) or (
            short < BATCH and counts.count(BATCH) < counts.count(short)
        ):
            odd = next((count for count in counts if count != BATCH), 0)
            return Complaint(
                f"batches of {BATCH} (the last of a pass through the {size} images may be shorter)",
                f"a batch of {odd} for {net.words}",
                f"take {BATCH} images for each step",
                "wrong_batch_size",
            )
        if len(passes) == 2 * one.steps and all(map(_same_batch, passes[::2], passes[1::2])):
            return Complaint(
                "one forward pass in training mode for each step", f"two for each batch of {net.words}",
                "take the loss of the pass that gives the gradients: behind the step it is another one, and each pass "
                "in training mode moves BatchNorm's statistics", "two_passes_for_each_step",
            )  # fmt: skip
        if len(passes) != one.steps:
            return Complaint(
                f"{one.steps} steps for each net",
                f"{len(passes)} for {net.words}",
                "count steps, not passes",
                "wrong_steps",
            )
    return None


def _same_batch(one: Pass, other: Pass) -> bool:
    return np.array_equal(one.rows, other.rows)


def _alike(request: Request, one: Experiment) -> Complaint | None:
    first = one.nets[0]
    orders = [[np.sort(seen.rows).tolist() for seen in net.diary.learning] for net in one.nets]
    for net, order in zip(one.nets[1:], orders[1:], strict=True):
        for step, (right, found) in enumerate(zip(orders[0], order, strict=True), 1):
            if right != found:
                return Complaint(
                    "the same batches in the same order for every net",
                    f"in step {step} {net.words} gets other images than {first.words}",
                    "draw the batches once, before the loop over the nets: else luck decides which net does better",
                    "other_batches",
                )
    return None

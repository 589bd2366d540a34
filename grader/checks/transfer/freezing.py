"""Judges of what stays frozen and what learns, by what moved in some training steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.checks.comparing import TOLERANCE, difference
from grader.checks.transfer.logits import LINEAR, nonlinearity
from grader.checks.transfer.pretrained import lost
from grader.checks.transfer.small import stage_of
from grader.checks.transfer.study import Case, cases, of_each
from grader.result import Complaint
from grader.spec import Evidence, Request

# Which stages learn, of N, when `stages` are asked for: what students write instead of the last ones
GUESSES: dict[str, tuple[str, Callable[[int, int], set[int]]]] = {
    "nothing_frozen": ("all of them, whatever `stages` says", lambda n, s: set(range(1, n + 1))),
    "stages_all_frozen": ("none of them", lambda n, s: set()),
    "stages_ignored": ("the last one alone, whatever `stages` says", lambda n, s: {n}),
    "first_stages": ("the first ones", lambda n, s: set(range(1, s + 1))),
    "one_stage_too_many": ("one stage too many", lambda n, s: set(range(max(n - s, 1), n + 1))),
    "one_stage_too_few": ("one stage too few", lambda n, s: set(range(n - s + 2, n + 1))),
    "stages_shifted": ("the stage before each of them", lambda n, s: set(range(max(n - s, 1), n))),
    "stages_hard_coded": (
        "those that a ResNet of four stages would have", lambda n, s: set(range(5 - s, 5)) & set(range(1, n + 1)),
    ),
    "three_stages_hard_coded": ("those that a ResNet of three stages would have", lambda n, s: set(range(4 - s, 4))),
    "all_but": ("all but the last ones", lambda n, s: set(range(1, n - s + 1))),
}  # fmt: skip
_FIXES = {
    "nothing_frozen": "freeze the whole backbone first, then let the last `stages` stages learn again",
    "stages_all_frozen": "let the last `stages` stages learn again, all their convolutions",
    "stages_ignored": "use the argument: with `stages=2` the last two stages learn",
    "first_stages": "count from the end: features of the first stages are general, those of the last ones special",
    "one_stage_too_many": "count again: with `stages=1` the last stage learns and no other",
    "one_stage_too_few": "count again: with `stages=1` the last stage learns",
    "stages_shifted": "mind the numbers in the names: in Keras stage 1 is `conv2_...`, the stem is `conv1_...`",
    "stages_hard_coded": "don't name stages of a net that you don't have: find out how many stages the backbone has",
    "three_stages_hard_coded": "find out how many stages the backbone has: an ImageNet ResNet has four",
    "all_but": "it is the other way round: the last `stages` stages learn, those before them are frozen",
}


def _kernels(case: Case, stage: int) -> list[str]:
    return [slot for slot in case.tensors if slot.endswith("/kernel") and stage_of(slot) == stage]


def _learns(case: Case, stage: int) -> str:
    """Whether all, some or none of a stage's convolutions moved."""
    moved = [case.moved(slot) for slot in _kernels(case, stage)]
    return "all" if all(moved) else "some" if any(moved) else "none"


def _right(case: Case) -> set[int]:
    return set(range(case.depth - case.learning + 1, case.depth + 1))


def stages(request: Request, evidence: Evidence) -> Complaint | None:
    """The convolutions of the last `stages` stages learn, and nothing before them does."""
    every = list(cases(request, evidence))
    for case in every:
        case.crash("error")
        case.crash("training_error")
        if lost(case):
            return _lost(case)
    found = [{stage for stage in range(1, case.depth + 1) if _learns(case, stage) == "all"} for case in every]
    wrong = [case for case, learning in zip(every, found, strict=True) if learning != _right(case)]
    whole = all(_learns(case, stage) != "some" for case in every for stage in range(1, case.depth + 1))
    if wrong and whole:
        for name, (words, guess) in GUESSES.items():
            if all(learning == guess(case.depth, case.learning) for case, learning in zip(every, found, strict=True)):
                return Complaint(_asked(wrong[0]), words, _FIXES[name], name)
    for case in every:
        if (complaint := _too_few(case) or _too_many(case) or _bare_norms(case)) is not None:
            return complaint
    return None


def _asked(case: Case) -> str:
    places = ", ".join(case.stage_words(stage) for stage in sorted(_right(case)))
    return f"the convolutions of {places} learn, and no others ({case.words})"


def _too_few(case: Case) -> Complaint | None:
    for stage in sorted(_right(case), reverse=True):
        still = [slot for slot in _kernels(case, stage) if not case.moved(slot)]
        if still:
            return Complaint(
                _asked(case),
                f"{len(still)} of {len(_kernels(case, stage))} in {case.stage_words(stage)} stay as they are",
                "let all layers of these stages learn, the projections of their shortcuts too",
                "stages_all_frozen" if len(still) == len(_kernels(case, stage)) else "stage_partly_frozen",
            )  # fmt: skip
    return None


def _frozen(case: Case) -> list[int]:
    """The stages that must not move, the stem first; at `stages=N` the stem is free."""
    before = list(range(case.depth - case.learning + 1))
    return [] if before == [0] else before


def _too_many(case: Case) -> Complaint | None:
    moved = [stage for stage in _frozen(case) if any(case.moved(slot) for slot in _kernels(case, stage))]
    if not moved:
        return None
    places = ", ".join(case.stage_words(stage) for stage in moved)
    if not case.learning:
        whole = len(moved) == case.depth + 1
        return Complaint(
            f"nothing but the new head learns ({case.words})",
            "the whole backbone learns too" if whole else f"convolutions of {places} learn too",
            "freeze the backbone before the model is returned; look whether your loop sets the flag to False, and "
            "whether something sets it to True again", "nothing_frozen" if whole else "partly_frozen",
        )  # fmt: skip
    return Complaint(
        _asked(case), f"convolutions of {places} learn too",
        "freeze everything before the last `stages` stages, the stem included", "frozen_part_learns",
    )  # fmt: skip


def _bare_norms(case: Case) -> Complaint | None:
    """BatchNorm's scale and shift in the frozen part, which go on learning when only convolutions are frozen."""
    slots = [slot for slot in case.tensors if stage_of(slot) in _frozen(case)]
    affine = [slot for slot in slots if slot.endswith(("/scale", "/shift")) and case.moved(slot)]
    if not affine:
        return None
    drift = any(case.moved(slot) for slot in slots if slot.endswith(("/mean", "/variance")))
    places = ", ".join(case.stage_words(stage) for stage in sorted({stage_of(slot) for slot in affine}))
    return Complaint(
        f"BatchNorm is frozen like the convolutions around it ({case.words})",
        f"its scale and shift learn in {places}" + (", and its running statistics drift" if drift else ""),
        "freeze every layer there, BatchNorm too, not the convolutions alone", "batchnorm_left_unfrozen",
    )  # fmt: skip


@of_each
def frozen(case: Case) -> Complaint | None:
    """Nothing but the new head learns: the backbone's weights stay as they are."""
    case.crash("training_error")
    return _lost(case) if lost(case) else _too_many(case) or _bare_norms(case)


def _lost(case: Case) -> Complaint:
    return Complaint(
        f"the backbone's tensors in the model, to see which of them move ({case.words})",
        f"{len(lost(case))} of them are not there", "mend this first: use the backbone that the function is given",
    )  # fmt: skip


@of_each
def statistics(case: Case) -> Complaint | None:
    """What is frozen keeps its BatchNorm statistics, and normalises with them in training mode too."""
    case.crash("training_error")
    if lost(case):
        return _lost(case)
    slots = [slot for slot in case.tensors if slot.endswith(("/mean", "/variance")) and stage_of(slot) in _frozen(case)]
    moved = sorted({stage_of(slot) for slot in slots if case.moved(slot)})
    if moved:
        places = ", ".join(case.stage_words(stage) for stage in moved)
        return Complaint(
            f"the running statistics of frozen BatchNorm stay as they are in training mode ({case.words})",
            f"they drift in {places}",
            "frozen weights are not enough: BatchNorm follows the mode. Keep the frozen part in evaluation mode, also "
            "when `train()` is called on the model"
            if case.request.get("framework") == "torch"
            else "set `trainable = False` on the BatchNorm layers themselves: `training=False` in a functional "
            "model is overruled, and a frozen layer keeps its statistics",
            "statistics_drift",
        )
    return _normalisation(case)


def _normalisation(case: Case) -> Complaint | None:
    if not np.any(case.array("steps") > 0):
        return None  # nothing learns: the judge of the head says so
    if not case.learning:
        first, second = case.pair("beside")
        right = difference(first, second) < TOLERANCE
    else:
        size = int(case.plan["batch"])
        right = not _frozen(case) or difference(case.array("boundary"), case.upto(min(_right(case)), size)) < TOLERANCE
    if not right:
        return Complaint(
            f"in training mode too, frozen BatchNorm normalises with its running statistics ({case.words})",
            "it normalises with those of the batch: an image's features change with the other images",
            "keep the frozen part in evaluation mode while the model is trained; a momentum of 0 keeps the statistics "
            "but still uses the batch's", "batch_statistics_while_frozen",
        )  # fmt: skip
    if not case.learning and not nonlinearity(case.features, case.array("trained")) < LINEAR:
        return Complaint(
            f"after some training steps still the pretrained features below the head ({case.words})",
            "other features", "nothing below the head may change, in whatever way it is stored", "features_changed",
        )  # fmt: skip
    return None

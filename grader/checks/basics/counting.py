"""Judges of `count_parameters`: two whole numbers, compared with those of models that the grader describes itself."""

from __future__ import annotations

from math import prod

import numpy as np

from grader.checks.basics.cases import Case, array, cases, each_case, raise_crash
from grader.checks.basics.miscounting import MISTAKES, Tensor, right
from grader.result import Complaint
from grader.spec import Evidence, Request

STATISTICS = ("mean", "variance")


def tensors(case: Case) -> list[Tensor]:
    """The tensors of a case's model."""
    found = []
    for slot, shape in case.graph.slots().items():
        layer, _, role = slot.partition("/")
        again = bool(case.facts["again"]) and layer == "dense1"
        frozen = bool({layer, slot} & set(case.facts["frozen"]))
        first = bool({layer, f"{layer}/kernel", f"{layer}/scale"} & set(case.facts["frozen"]))
        path = f"{layer.rstrip('12') if case.facts['nested'] else layer}/{role}"  # layers inside are named alike
        found.append(Tensor(prod(shape), role == "kernel", role in STATISTICS, frozen, again, first, path=path))
        if role == "mean" and case.framework == "torch":
            found.append(Tensor(1, False, True, frozen))  # num_batches_tracked
    if case.facts["offset"]:
        found.append(Tensor(case.facts["offset"], False, False, False, loose=True, path="offset"))
    return found


def _with_seeds(case: Case) -> list[Tensor]:
    """The tensors with what a Dropout in Keras keeps: two numbers that don't learn."""
    seeds = [Tensor(2, False, True, True)] * (case.facts["dropouts"] if case.framework == "keras" else 0)
    return tensors(case) + seeds


@each_case
def two_numbers(case: Case) -> Complaint | None:
    """The result is a pair of whole numbers, for every model."""
    counts, words = array(case.evidence, f"{case.place}_counts"), case.texts("words")
    if counts.shape == (2,) and np.all(np.isfinite(counts)) and np.all(counts == np.round(counts)):
        return None
    got = words[0] if counts.shape != (2,) else "(" + ", ".join(f"{count:g}" for count in counts) + ")"
    return Complaint(
        "a tuple of two whole numbers, (trainable, total)", f"{got} ({case.facts['words']})",
        "return both numbers, the trainable ones first", "no_pair_of_numbers",
    )  # fmt: skip


def _kind(request: Request, evidence: Evidence, kind: str) -> Complaint | None:
    every = list(cases(request, evidence))
    for case in every:
        if case.facts["kind"] == kind:
            raise_crash(evidence, f"{case.place}_error", f"the call with {case.facts['words']}")
            if (found := _wrong(case, every)) is not None:
                return found
    return None


def plain(request: Request, evidence: Evidence) -> Complaint | None:
    """Where all parameters learn, both numbers are right."""
    return _kind(request, evidence, "plain")


def frozen(request: Request, evidence: Evidence) -> Complaint | None:
    """Frozen parameters belong to the total alone."""
    return _kind(request, evidence, "frozen")


def special(request: Request, evidence: Evidence) -> Complaint | None:
    """A tensor that two layers share counts once; one that belongs to no layer counts too."""
    return _kind(request, evidence, "special")


def _wrong(case: Case, every: list[Case]) -> Complaint | None:
    expected, got = right(tensors(case), case.framework), _counts(case)
    if got is not None and got == expected:
        return None
    mistake, words, fix = _explained(every)
    shown = "no two numbers" if got is None else f"({got[0]:.0f}, {got[1]:.0f})"
    return Complaint(
        f"({expected[0]:.0f}, {expected[1]:.0f}) for {case.facts['words']}", f"{shown}{': ' * bool(words)}{words}",
        fix, mistake,
    )  # fmt: skip


def _explained(every: list[Case]) -> tuple[str, str, str]:
    """The mistake that explains what was counted in all models, with its words, or a general hint."""
    answers = [(case, _counts(case)) for case in every]
    for name, count, words, fix in MISTAKES:
        if all(got == count(tensors(case), case.framework) for case, got in answers):
            return name, words, fix
    if all(got == right(_with_seeds(case), case.framework) for case, got in answers):
        return "seeds_counted", "a total that holds Dropout's random seed", "count `model.weights`, which has no seeds"
    plain = [(right(tensors(case), case.framework)[1], got) for case, got in answers if case.facts["kind"] == "plain"]
    if every[0].framework == "keras" and all(got == (total, total) for total, got in plain):
        words = "BatchNorm's moving statistics counted as trainable"
        return "statistics_of_layers_that_learn", words, "ask each weight whether it is trained, not its layer or model"
    return "", "", "each element of each parameter counts once; a parameter is trainable unless it is frozen"


def _counts(case: Case) -> tuple[float, float] | None:
    """What was counted; None where it is no pair, or the call failed."""
    found = case.evidence.get(f"{case.place}_counts")
    if found is None or found.shape != (2,) or found.dtype.kind not in "fiu":
        return None
    return float(found[0]), float(found[1])

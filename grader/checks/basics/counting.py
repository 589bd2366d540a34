"""Judges of `count_parameters`: two whole numbers, compared with those of models that the grader describes itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np

from grader.checks.basics.cases import Case, array, cases, each_case, raise_crash
from grader.result import Complaint
from grader.spec import Evidence, Request

STATISTICS = ("mean", "variance")


@dataclass(frozen=True)
class Tensor:
    """One tensor of a described model."""

    size: int
    weight: bool  # a kernel, no vector
    statistic: bool
    frozen: bool
    again: bool = False  # stands in a second layer too
    first_frozen: bool = False  # the first tensor of its layer is frozen


def tensors(case: Case) -> list[Tensor]:
    """The tensors of a case's model."""
    found = []
    for slot, shape in case.graph.slots().items():
        layer, _, role = slot.partition("/")
        again = bool(case.facts["again"]) and layer == "dense1"
        frozen = bool({layer, slot} & set(case.facts["frozen"]))
        first = bool({layer, f"{layer}/kernel", f"{layer}/scale"} & set(case.facts["frozen"]))
        found.append(Tensor(prod(shape), role == "kernel", role in STATISTICS, frozen, again, first))
        if role == "mean" and case.framework == "torch":
            found.append(Tensor(1, False, True, frozen))  # num_batches_tracked
    if case.facts["offset"]:
        found.append(Tensor(case.facts["offset"], False, False, False))
    return found


def _with_seeds(case: Case) -> list[Tensor]:
    """The tensors with what a Dropout in Keras keeps: two numbers that don't learn."""
    seeds = [Tensor(2, False, True, True)] * (case.facts["dropouts"] if case.framework == "keras" else 0)
    return tensors(case) + seeds


Count = Callable[[list[Tensor], str], tuple[float, float]]  # of the tensors in a framework: trainable, total


def right(found: list[Tensor], framework: str) -> tuple[float, float]:
    """What a right program counts: BatchNorm's statistics belong to Keras's total alone."""
    trainable = sum(tensor.size for tensor in found if not tensor.statistic and not tensor.frozen)
    return trainable, sum(tensor.size for tensor in found if framework == "keras" or not tensor.statistic)


def _total(found: list[Tensor], *, statistics: bool) -> float:
    return sum(tensor.size for tensor in found if statistics or not tensor.statistic)


def _trainable(found: list[Tensor], *, statistics: bool = False) -> float:
    return sum(tensor.size for tensor in found if not tensor.frozen and (statistics or not tensor.statistic))


def _layers(found: list[Tensor], framework: str) -> tuple[float, float]:
    """A layer counts as trainable or not by its first tensor."""
    return sum(t.size for t in found if not t.statistic and not t.first_frozen), right(found, framework)[1]


def _number(found: list[Tensor], framework: str) -> tuple[float, float]:
    kept = [tensor for tensor in found if framework == "keras" or not tensor.statistic]
    return sum(not tensor.frozen and not tensor.statistic for tensor in kept), len(kept)


def _twice(found: list[Tensor], framework: str) -> tuple[float, float]:
    doubled = [tensor for tensor in found for _ in range(1 + tensor.again)]
    return right(doubled, framework)


def _state(found: list[Tensor], framework: str) -> tuple[float, float]:
    """What PyTorch's `state_dict` holds: buffers, and shared tensors under each of their names."""
    every = [tensor for tensor in found for _ in range(1 + tensor.again)]
    return _trainable(found), _total(every, statistics=True)


def _kernels(found: list[Tensor], framework: str) -> tuple[float, float]:
    return right([tensor for tensor in found if tensor.weight], framework)


_ELEMENTS = "add up the number of elements of each tensor, once"
# name, what it counts, what the student reads
MISTAKES: tuple[tuple[str, Count, str, str], ...] = (
    ("numbers_swapped", lambda f, w: right(f, w)[::-1], "(total, trainable): the two numbers the wrong way round",
     "return the trainable ones first"),
    ("frozen_counted_as_trainable", lambda f, w: (right(f, w)[1], right(f, w)[1]),
     "the total twice: frozen parameters counted as trainable", "a frozen layer's parameters aren't trainable"),
    ("frozen_counted_as_trainable_without_statistics", lambda f, w: (_total(f, statistics=False), right(f, w)[1]),
     "frozen parameters counted as trainable", "a frozen layer's parameters aren't trainable"),
    ("buffers_counted", lambda f, w: (_trainable(f), _total(f, statistics=True)),
     "a total that holds BatchNorm's running statistics, which are buffers and no parameters",
     "count parameters, not what `state_dict()` holds"),
    ("state_dict_counted", _state, "a total of all that `state_dict()` holds: running statistics too, and shared "
     "tensors twice", "count parameters"),
    ("buffers_counted_as_trainable",
     lambda f, w: (_trainable(f, statistics=True), _total(f, statistics=True)),
     "numbers that hold BatchNorm's statistics, as if they were trained", "statistics are counted, not trained"),
    ("statistics_left_out", lambda f, w: (_trainable(f), _total(f, statistics=False)),
     "a total without BatchNorm's moving statistics, which are weights too", "count all of `model.weights`"),
    ("frozen_left_out", lambda f, w: (_trainable(f), _trainable(f)), "the trainable ones twice: a total without "
     "those that don't learn", "the total holds the frozen ones too"),
    ("layers_counted_whole", _layers, "layers counted as trainable or frozen as a whole, by their kernel or scale",
     "ask each tensor whether it learns: a layer may hold both kinds"),
    ("tensors_counted", _number, "the number of tensors, not of their elements", _ELEMENTS),
    ("shared_counted_twice", _twice, "a tensor that two layers share counted twice", _ELEMENTS),
    ("kernels_counted_alone", _kernels, "kernels alone: no bias, no scale and shift", "every parameter counts"),
    ("statistics_instead_of_frozen", lambda f, w: (_trainable(f), _total(f, statistics=True) - _trainable(f)),
     "in place of the total the number of those that don't learn", "the total holds the trainable ones too"),
    ("frozen_instead_of_total", lambda f, w: (_trainable(f), _total(f, statistics=False) - _trainable(f)),
     "in place of the total the number of the frozen ones", "the total holds the trainable ones too"),
)  # fmt: skip


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
    return "", "", "each element of each parameter counts once; a parameter is trainable unless it is frozen"


def _counts(case: Case) -> tuple[float, float] | None:
    """What was counted; None where it is no pair, or the call failed."""
    found = case.evidence.get(f"{case.place}_counts")
    if found is None or found.shape != (2,) or found.dtype.kind not in "fiu":
        return None
    return float(found[0]), float(found[1])

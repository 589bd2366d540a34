"""One call of the degradation experiment, as its judges see it: nets with their diaries, and a table of losses."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from grader.checks.practice.diaries import Diary, read
from grader.checks.practice.reading import array, plain
from grader.checks.practice.replaying import Recipe, Replay, replay
from grader.failure import MalformedError
from grader.result import Complaint
from grader.spec import Evidence, Request

RIGHT = Recipe(0.02, 0.9)
BATCH = 64
LAST = 20
SAME = 2e-3  # of a loss: right programs were 1e-7 off in forty requests
KINDS = ("plain", "residual")
_recent: deque[tuple[Evidence, list[Experiment]]] = deque(maxlen=2)


@dataclass(frozen=True)
class Net:
    """One net of an experiment: its key, the diary of its training, and how it should have gone."""

    kind: str
    depth: int
    diary: Diary
    initial: np.ndarray
    request: Request

    @property
    def words(self) -> str:
        """The net in words."""
        return f'the net ("{self.kind}", {self.depth})'

    @cached_property
    def batches(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Images and labels of its training batches."""
        rows = [one.rows for one in self.diary.learning]
        return [(self.request["images"][row], self.request["labels"][row]) for row in rows]

    @cached_property
    def right(self) -> Replay:
        """The training that was asked for, on these batches."""
        return replay(self.request, self.before, self.batches, RIGHT)

    @cached_property
    def before(self) -> list[np.ndarray]:
        """The states before each step."""
        return [one.state for one in self.diary.learning]

    @cached_property
    def states(self) -> list[np.ndarray]:
        """The states after each step, as far as the diary tells."""
        found = [self.diary.after(n) for n, one in enumerate(self.diary.passes) if one.training]
        return [state for state in found if state is not None]


@dataclass(frozen=True)
class Experiment:
    """One call of the student's experiment: the nets that were built, and the losses by key."""

    depths: tuple[int, ...]
    steps: int
    nets: tuple[Net, ...]
    losses: dict[tuple[str, int], float]
    keys: tuple[str, ...]
    type: str

    @property
    def wanted(self) -> list[tuple[str, int]]:
        """The keys that were asked for."""
        return [(kind, depth) for kind in KINDS for depth in self.depths]

    @property
    def words(self) -> str:
        """The call in words."""
        return f"depths={self.depths}, steps={self.steps}"


def experiments(request: Request, evidence: Evidence) -> list[Experiment]:
    """The calls of the student's experiment; raises MalformedError."""
    for known, found in _recent:
        if known is evidence:
            return found
    _recent.append((evidence, [_experiment(request, evidence, n, case) for n, case in enumerate(request["cases"])]))
    return _recent[-1][1]


def _experiment(request: Request, evidence: Evidence, number: int, case: dict[str, Any]) -> Experiment:
    words, values = plain(evidence, f"{number}_table"), array(evidence, f"{number}_losses")
    known = words.get("known")
    if not isinstance(known, list) or values.shape != (len(known),):
        raise MalformedError("losses without their keys")
    try:
        table = {(str(kind), int(depth)): float(value) for (kind, depth), value in zip(known, values, strict=True)}
        keys = tuple(str(key)[:60] for key in words["keys"])
    except (TypeError, ValueError, KeyError):
        raise MalformedError("keys that can't be read") from None
    nets = []
    for kind in KINDS:
        for depth in case["depths"]:
            prefix = f"{number}_{kind}_{depth}_"
            if f"{prefix}counts" in evidence:
                diary = read(request, evidence, request["images"], prefix)
                nets.append(Net(kind, depth, diary, request[f"initial_{kind}_{depth}"], request))
    depths = tuple(int(depth) for depth in case["depths"])
    return Experiment(depths, int(case["steps"]), tuple(nets), table, keys, str(words.get("type"))[:60])


def table(request: Request, evidence: Evidence) -> Complaint | None:
    """The result is a dict with a finite loss for each kind and depth."""
    for one in experiments(request, evidence):
        expected = f"a dict with one loss for each net, such as {{{one.wanted[0]}: 1.23, ...}}, for {one.words}"
        if not one.keys:
            return Complaint(
                expected, f"`{one.type}`", "return a dict whose keys are pairs of kind and depth", "no_table"
            )
        missing = [key for key in one.wanted if key not in one.losses]
        turned = [key for key in one.wanted if str(key[::-1]) in one.keys]
        if missing and turned:
            return Complaint(
                expected, f"the key {one.keys[0]}", "the kind comes first, then the depth", "keys_reversed"
            )
        listed = [key for key in missing if str(key) in one.keys]
        if listed:
            got = f"something else than one number under {listed[0]}"
            return Complaint(expected, got, "average the last losses: one number for each net", "no_number")
        if missing:
            return Complaint(expected, f"the keys {', '.join(one.keys[:4])}", f"{missing[0]} is missing", "keys_wrong")
        if len(one.keys) > len(one.wanted):
            return Complaint(
                expected, f"{len(one.keys)} keys", "return the losses that are asked for alone", "keys_wrong"
            )
        if not all(np.isfinite(value) for value in one.losses.values()):
            return Complaint(expected, "NaN or infinity among the losses", "look at what is divided and by what")
    defaults = plain(evidence, "defaults")
    for name, right in (("depths", [20, 56]), ("steps", 120)):
        if defaults.get(name, right) != right:
            return Complaint(f"the default {name}={right}", f"{str(defaults[name])[:40]}", "keep the stub's parameters")
    return None

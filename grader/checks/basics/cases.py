"""One case of a request about a student's function, with its evidence, read as what it ought to be."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

import numpy as np

from grader.failure import CrashedError, MalformedError, decode, raised
from grader.oracle import small
from grader.oracle.graph import Graph
from grader.result import Complaint
from grader.spec import Evidence, Judge, Request


@dataclass(frozen=True)
class Case:
    """A case by its number; a net of the grader's own may belong to it, with batches."""

    request: Request
    evidence: Evidence
    place: int

    @property
    def facts(self) -> dict[str, Any]:
        """The case's plain data."""
        return dict(self.request["cases"][self.place])

    @property
    def framework(self) -> str:
        """The student's framework."""
        return str(self.request["framework"])

    def array(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """Evidence of this name and shape; raises MalformedError."""
        return array(self.evidence, f"{self.place}_{name}", shape)

    def texts(self, name: str) -> list[str]:
        """Texts of this name; raises MalformedError."""
        return texts(self.evidence, f"{self.place}_{name}")

    @cached_property
    def graph(self) -> Graph:
        """The case's net."""
        return small.described(self.facts["layers"])

    @cached_property
    def values(self) -> dict[str, np.ndarray]:
        """The tensors that the net began with, float64 by slot."""
        return {slot: self.request[f"{self.place}_tensor_{slot}"].astype(np.float64) for slot in self.graph.slots()}

    @cached_property
    def after(self) -> dict[str, np.ndarray]:
        """The tensors that the student's function left, by slot."""
        return {slot: self.array(f"after_{slot}", shape) for slot, shape in self.graph.slots().items()}

    def batches(self, turn: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """The batches of one epoch or call: images `n h w c` float64, labels `n`."""
        images = self.request[f"{self.place}_images"].astype(np.float64)
        labels, ends = self.request[f"{self.place}_labels_{turn}"], np.cumsum(self.facts["sizes"])
        return [(images[e - n : e], labels[e - n : e]) for n, e in zip(self.facts["sizes"], ends, strict=True)]


def array(evidence: Evidence, name: str, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """Numbers of this name and shape, float64; raises MalformedError."""
    found = evidence.get(name)
    if found is None or found.dtype.kind not in "fiub" or (shape is not None and found.shape != shape):
        raise MalformedError(f"no array `{name}` of the right shape")
    return found.astype(np.float64)


def texts(evidence: Evidence, name: str) -> list[str]:
    """A list of texts of this name; raises MalformedError."""
    try:
        found = json.loads(bytes(array(evidence, name).astype(np.uint8)).decode())
    except (ValueError, TypeError, RecursionError):
        raise MalformedError(f"`{name}` is no list of texts") from None
    if not isinstance(found, list):
        raise MalformedError(f"`{name}` is no list of texts")
    return [str(text)[:200] for text in found[:100]]


def raise_crash(evidence: Evidence, name: str, what: str) -> None:
    """Raise CrashedError when the student's code raised in this part of the probe."""
    if name in evidence:
        raise CrashedError(raised(what, decode(evidence[name])))


def each_case(judge: Callable[[Case], Complaint | None]) -> Judge:
    """A judge of one case as a judge of a request: the complaint about the first case that has one."""

    @wraps(judge)
    def of_all(request: Request, evidence: Evidence) -> Complaint | None:
        for case in cases(request, evidence):
            raise_crash(evidence, f"{case.place}_error", f"the call with {case.facts['words']}")
            if (found := judge(case)) is not None:
                return found
        return None

    return of_all


def cases(request: Request, evidence: Evidence) -> Iterator[Case]:
    """All cases of a request."""
    for place in range(len(request["cases"])):
        yield Case(request, evidence, place)

"""What a judge knows of one call of `compile_for`: its arguments, and what the model did afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from grader.failure import CrashedError, MalformedError, decode, raised
from grader.result import Complaint
from grader.spec import Evidence, Request

LABELS = "labels are integers, one per image: use the sparse kind of categorical cross-entropy, which takes them"
OPTIMIZER = "make a new optimizer in each call: one that has served a model or a set of weights doesn't know others"


@dataclass(frozen=True)
class Compiled:
    """One call of `compile_for` and what the model did afterwards."""

    request: Request
    evidence: Evidence
    number: int

    @property
    def phase(self) -> str:
        """The phase that was asked for."""
        return str(self.request["phases"][self.number])

    @property
    def rate(self) -> float:
        """The rate that the function was given."""
        return float(self.request["compile_rates"][self.number])

    @property
    def words(self) -> str:
        """The call."""
        return f'compile_for(model, "{self.phase}", {self.rate:g})'

    @property
    def labels(self) -> np.ndarray:
        """The labels `n` of the images."""
        return np.asarray(self.request[f"compile_labels_{min(self.number // 2, 1)}"])

    def array(self, name: str) -> np.ndarray:
        """An array of the evidence; raises CrashedError or MalformedError where there is none."""
        if f"{self.number}_error" in self.evidence:
            raise CrashedError(self._crashed())
        found = self.evidence.get(f"{self.number}_{name}")
        if found is None or found.dtype.kind not in "fiub":
            raise MalformedError(f"no array `{name}`")
        return np.asarray(found, np.float64)

    def one(self, name: str) -> float:
        """A single number."""
        found = self.array(name)
        if found.size != 1:
            raise MalformedError(f"`{name}` is no single number")
        return float(found.ravel()[0])

    def _crashed(self) -> Complaint:
        error = decode(self.evidence[f"{self.number}_error"])
        complaint = raised(f"`{self.words}`", error)
        message = error["message"].lower()
        if "unknown variable" in message:
            got = f"while {error['phase']}: {error['type']}: the optimizer meets variables that it doesn't know"
            return replace(complaint, got=got, fix=OPTIMIZER, mistake="optimizer_reused")
        if "rank" in message or ("shape" in message and "target" in message):
            return replace(complaint, fix=LABELS, mistake="labels_not_sparse")
        return complaint


def calls(request: Request, evidence: Evidence) -> Iterator[Compiled]:
    """Each call of a request."""
    return (Compiled(request, evidence, number) for number in range(len(request["phases"])))

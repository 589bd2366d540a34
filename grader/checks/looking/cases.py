"""The cases of a request with their evidence, and what all judges here do with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.failure import CrashedError, MalformedError, decode, raised
from grader.result import Complaint
from grader.spec import Evidence, Judge, Request

Asked = dict[str, Any]  # what a case asks for
Drawn = list[tuple[Asked, np.ndarray]]  # and its images


def request(function: str, generator: np.random.Generator, drawn: Drawn) -> Request:
    """A request of these cases, with a seed for the nets' tensors."""
    found: Request = {
        "function": function,
        "seed": int(generator.integers(2**31)),
        "cases": [case for case, _ in drawn],
    }
    return found | {f"images_{number}": images for number, (_, images) in enumerate(drawn)}


@dataclass(frozen=True)
class Case:
    """One case of a request with its evidence."""

    request: Request
    evidence: Evidence
    number: int

    @property
    def framework(self) -> str:
        """The student's framework."""
        return str(self.request["framework"])

    @property
    def seed(self) -> int:
        """The seed of the tensors."""
        return int(self.request["seed"])

    @property
    def images(self) -> np.ndarray:
        """The images `n h w c` that the function got."""
        return np.asarray(self.request[f"images_{self.number}"])

    @property
    def words(self) -> str:
        """The case as a student would name it."""
        return str(self.given["words"])

    @property
    def given(self) -> dict[str, Any]:
        """What the case asks for."""
        return dict(self.request["cases"][self.number])

    def has(self, name: str) -> bool:
        """Whether the evidence holds an array of this name for this case."""
        return f"{self.number}_{name}" in self.evidence

    def array(self, name: str) -> np.ndarray:
        """Numbers of the evidence as float64; raises MalformedError when they are missing."""
        found = self.evidence.get(f"{self.number}_{name}")
        if found is None or found.dtype.kind not in "fiub":
            raise MalformedError(f"no array `{name}`")
        return found.astype(np.float64)

    def json(self, name: str, kind: type) -> Any:
        """JSON of the evidence, of a kind at its top; raises MalformedError when it is none."""
        bytes_ = self.evidence.get(f"{self.number}_{name}")
        if bytes_ is None or bytes_.dtype != np.uint8:
            raise MalformedError(f"no text `{name}`")
        try:
            found = _clean(json.loads(bytes_.tobytes(), parse_int=_whole))
        except (ValueError, RecursionError) as error:
            raise MalformedError(f"`{name}` can't be read") from error
        if not isinstance(found, kind):
            raise MalformedError(f"`{name}` is no {kind.__name__}")
        return found

    @property
    def spoilt(self) -> bool:
        """Whether an earlier call changed the model, so that the numbers are those of another: `untouched` tells it."""
        changed = self.json("changed", dict) if self.given.get("earlier") else {}
        return any(changed.values())

    def crash(self) -> CrashedError | None:
        """The student's error that ended this case, if one did."""
        if not self.has("crash"):
            return None
        error = decode(self.evidence[f"{self.number}_crash"])
        complaint = raised(f"`{self.request['function']}` with {self.words}", error)
        others = [case for case in cases(self.request, self.evidence) if case.number != self.number]
        if len(self.images) == 1 and not all(case.has("crash") for case in others):
            fix = "a batch of one image is a batch too, and other batches worked: look for a `squeeze()` or an `[0]`"
            complaint = replace(complaint, fix=fix, mistake="batch_of_one")
        return CrashedError(complaint)


def _whole(digits: str) -> int | float:
    """An integer of JSON; a forged one may have thousands of digits, and is no number then."""
    return int(digits) if len(digits) < 20 else float("nan")


def _clean(value: Any) -> Any:
    """JSON without halves of letters, which no file could take."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return {_clean(key): _clean(item) for key, item in value.items()} if isinstance(value, dict) else value


def cases(request: Request, evidence: Evidence) -> Iterator[Case]:
    """All cases of a request."""
    return (Case(request, evidence, number) for number in range(len(request["cases"])))


def first_of(judge: Callable[[Case], Complaint | None]) -> Callable[[Request, Evidence], Complaint | None]:
    """A judge of one case as a judge of a request: the first case that has a complaint, or crashed, has the word."""

    def of_all(request: Request, evidence: Evidence) -> Complaint | None:
        for case in cases(request, evidence):
            if (crash := case.crash()) is not None:
                raise crash
            if (found := judge(case)) is not None:
                return found
        return None

    of_all.__doc__ = judge.__doc__
    return of_all


def of_those_that_ran(judge: Callable[[Case], Complaint | None]) -> Callable[[Request, Evidence], Complaint | None]:
    """The same for what can be judged without the cases that crashed; one must have run."""

    def of_some(request: Request, evidence: Evidence) -> Complaint | None:
        ran = [case for case in cases(request, evidence) if not case.has("crash")]
        if not ran:
            return first_of(judge)(request, evidence)
        return next((found for case in ran if (found := judge(case)) is not None), None)

    of_some.__doc__ = judge.__doc__
    return of_some


def once(form: Judge, judge: Judge) -> Judge:
    """A judge of what is left alone: it counts for a function that gives something, in the form that is asked for."""

    def of_both(request: Request, evidence: Evidence) -> Complaint | None:
        if (found := judge(request, evidence)) is not None:
            return found
        try:
            formless = form(request, evidence) is not None
        except CrashedError:
            formless = False  # some cases ran, and were judged
        if formless:
            return Complaint(judge.__doc__ or "", "not counted", "mend the form first")
        return None

    of_both.__doc__ = judge.__doc__
    return of_both


def close(found: np.ndarray, expected: np.ndarray, bound: float) -> bool:
    """Whether all numbers agree to `bound` of the largest expected one; False for other shapes and for NaN."""
    if found.shape != expected.shape or not np.all(np.isfinite(found)):
        return False
    return float(np.max(np.abs(found - expected), initial=0.0)) <= bound * float(np.max(np.abs(expected), initial=1e-9))


def shown(value: Any, most: int = 80) -> str:
    """A value for a complaint, not too long."""
    text = f"a `{value['type']}`" if isinstance(value, dict) and "type" in value else repr(value)
    return text if len(text) <= most else text[:most] + " ..."

"""What a judge of transfer learning knows of one model: the small backbone it was made from, and what moved."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from grader.checks.transfer.small import HEAD, backbone, slots
from grader.failure import CrashedError, MalformedError, decode, raised
from grader.oracle.graph import Graph, run
from grader.result import Complaint
from grader.spec import Evidence, Request


@dataclass(frozen=True)
class Moved:
    """One tensor of the student's model: its name and shape, whose values it held at first, how far it moved."""

    name: str
    shape: tuple[int, ...]
    slot: str  # "" for a new tensor
    distance: float

    @property
    def moved(self) -> bool:
        """Whether training changed it."""
        return self.distance != 0


@dataclass(frozen=True)
class Case:
    """One model of a request with its evidence."""

    request: Request
    evidence: Evidence
    number: int

    @property
    def plan(self) -> dict[str, Any]:
        """The backbone and the arguments."""
        return dict(self.request["cases"][self.number])

    @property
    def depth(self) -> int:
        """The number of stages of the backbone."""
        return int(self.plan["depth"])

    @property
    def learning(self) -> int:
        """How many stages have to learn; none in `feature_extractor`."""
        return int(sum(self.plan["stages"]))

    @property
    def words(self) -> str:
        """The call as a student would name it."""
        stages = "".join(f", stages={stages}" for stages in self.plan["stages"])
        return f"num_classes={self.plan['num_classes']}{stages}, a backbone of {self.depth} stages"

    def has(self, name: str) -> bool:
        """Whether the evidence holds an array of this name for this case."""
        return f"{self.number}_{name}" in self.evidence

    def array(self, name: str) -> np.ndarray:
        """An array of the evidence in float64; raises MalformedError when it is missing or no numbers."""
        found = self.evidence.get(f"{self.number}_{name}")
        if found is None or found.dtype.kind not in "fiub":
            raise MalformedError(f"no array `{name}`")
        return np.asarray(found, dtype=np.float64)

    def texts(self, name: str) -> list[str]:
        """Words of the evidence; raises MalformedError when there are none."""
        try:
            return [str(one)[:100] for one in json.loads(bytes(self.evidence[f"{self.number}_{name}"]).decode())]
        except (KeyError, ValueError, TypeError, RecursionError) as error:
            raise MalformedError(f"no words `{name}`") from error

    def pair(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Two arrays in one; raises MalformedError when there aren't two."""
        found = self.array(name)
        if found.ndim < 1 or len(found) != 2:
            raise MalformedError(f"`{name}` holds no two arrays")
        return found[0], found[1]

    def given(self, name: str) -> np.ndarray:
        """An array of the request."""
        return np.asarray(self.request[f"{name}_{self.number}"])

    def stage_words(self, stage: int) -> str:
        """A stage as it is named in the student's framework; 0 is the stem."""
        torch = self.request.get("framework") == "torch"
        if stage == 0:
            return "the stem (`conv1`, `bn1`)" if torch else "the stem (`conv1_...`)"
        return f"stage {stage} (`layer{stage}`)" if torch else f"stage {stage} (`conv{stage + 1}_...`)"

    @cached_property
    def tensors(self) -> dict[str, np.ndarray]:
        """The pretrained tensors by slot, in float64."""
        flat, found, start = self.given("tensors").astype(np.float64), {}, 0
        for slot, shape in slots(self.plan).items():
            size = int(np.prod(shape))
            found[slot] = flat[start : start + size].reshape(shape)
            start += size
        return found

    @cached_property
    def features(self) -> np.ndarray:
        """What the pretrained backbone gives for the images, `n d`, in evaluation mode."""
        return run(backbone(self.plan), self.given("images").astype(np.float64), self.tensors).output

    def upto(self, stage: int, count: int) -> np.ndarray:
        """What enters a stage in evaluation mode, for the first images, `n h w c`."""
        graph = backbone(self.plan)
        names = [node.name for node in graph.nodes]
        part = Graph(graph.nodes[: names.index(f"stage{stage}.block1.conv1")])
        return run(part, self.given("images")[:count].astype(np.float64), self.tensors).output

    @cached_property
    def held(self) -> list[Moved]:
        """All tensors of the student's model; raises MalformedError."""
        names = list(slots(self.plan))
        twins, moves = self.array("twins"), self.array("moves")
        try:
            described = json.loads(bytes(self.evidence[f"{self.number}_tensors"]).decode())
            return [
                Moved(str(one["name"]), tuple(map(int, one["shape"])), "" if twin < 0 else names[int(twin)], float(far))
                for one, twin, far in zip(described, twins, moves, strict=True)
            ]  # fmt: skip
        except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
            raise MalformedError("the list of tensors can't be read") from error

    def moved(self, slot: str) -> bool:
        """Whether a tensor that held these pretrained values moved."""
        return any(one.moved for one in self.held if one.slot == slot)

    @cached_property
    def missing(self) -> list[str]:
        """The slots of the backbone whose pretrained values no tensor of the model holds."""
        there = {one.slot for one in self.held}
        return [slot for slot in self.tensors if slot not in there and slot not in HEAD]

    @cached_property
    def new(self) -> list[Moved]:
        """The tensors that are not pretrained."""
        return [one for one in self.held if not one.slot and np.prod(one.shape) > 0]

    def message(self, name: str) -> str:
        """What the student's code raised in this part of the probe, "" when it didn't."""
        return decode(self.evidence[f"{self.number}_{name}"])["message"] if self.has(name) else ""

    def crash(self, name: str) -> None:
        """Raise CrashedError when the student's code raised in this part of the probe."""
        if self.has(name):
            error = decode(self.evidence[f"{self.number}_{name}"])
            complaint = raised(f"the call with {self.words}", error)
            missing = [f"layer{stage}" for stage in range(self.depth + 1, 10) if f"layer{stage}" in error["message"]]
            if missing:
                fix = (
                    f"this one has no `{missing[0]}`: its {self.depth} stages are `layer1` .. `layer{self.depth}`. "
                    "Find out how many there are, and count from the last one"
                )
                complaint = replace(complaint, fix=fix, mistake="stages_hard_coded")
            raise CrashedError(complaint)


_recent: deque[Case] = deque(maxlen=12)  # the checks of a question look at the same evidence one after another


def cases(request: Request, evidence: Evidence) -> Iterator[Case]:
    """Each model of a request, shared by the judges of one question."""
    for number in range(len(request["cases"])):
        known = (case for case in _recent if case.evidence is evidence and case.number == number)
        case = next(known, None)
        if case is None:
            case = Case(request, evidence, number)
            _recent.append(case)
        yield case


def of_each(judge: Callable[[Case], Complaint | None]) -> Callable[[Request, Evidence], Complaint | None]:
    """A judge of one model as a judge of a request: the complaint about the first model that has one."""

    def of_all(request: Request, evidence: Evidence) -> Complaint | None:
        for case in cases(request, evidence):
            case.crash("error")
            if (found := judge(case)) is not None:
                return found
        return None

    of_all.__doc__ = judge.__doc__
    return of_all

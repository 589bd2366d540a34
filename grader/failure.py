"""When there is no evidence: the errors that cross from the student's process, and the complaints they become."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from grader.result import Complaint
from grader.spec import Check, Evidence, Question

# missing: no such function; raised: the student's code raised; timeout, died, oversized, malformed: of the process;
# fault: the grader's own code failed
KINDS = ("missing", "raised", "timeout", "died", "oversized", "malformed", "fault")
_TEXT = ("kind", "phase", "type", "message", "line")


class CrashedError(Exception):
    """The student's code raised in the part of a probe that a judge looks at; carries the complaint."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.got)
        self.complaint = complaint


class MalformedError(Exception):
    """Evidence lacks something or holds what no honest probe writes."""


def write(
    kind: str,
    *,
    phase: str = "",
    type: str = "",  # noqa: A002  the field's name
    message: str = "",
    line: str = "",
) -> Evidence:
    """Evidence that says why there is none: the phase in words, the exception, the student's line."""
    fields = {"kind": kind, "phase": phase, "type": type, "message": message[:2000], "line": line[:300]}
    return {"error": np.frombuffer(json.dumps(fields).encode(), dtype=np.uint8)}


def read(evidence: Evidence) -> dict[str, str] | None:
    """The error that evidence holds, as text fields, or None; what can't be read is an error of kind `malformed`."""
    return decode(evidence["error"]) if "error" in evidence else None


def decode(error: np.ndarray) -> dict[str, str]:
    """The text fields of an encoded error; what can't be read is one of kind `malformed`."""
    try:
        found: dict[str, Any] = json.loads(bytes(np.asarray(error)).decode())
        # capped once more, and without halves of letters: a forged error may hold anything
        fields = {key: str(found.get(key, ""))[:2000].encode(errors="replace").decode() for key in _TEXT}
    except (ValueError, TypeError, AttributeError, RecursionError):
        fields = dict.fromkeys(_TEXT, "") | {"kind": "malformed"}
    return fields if fields["kind"] in KINDS else fields | {"kind": "malformed"}


def ends_question(evidence: Evidence) -> bool:
    """Whether asking on about this question is of no use: the function is missing, or hung."""
    error = read(evidence)
    return error is not None and error["kind"] in ("missing", "timeout")


def explain(question: Question, error: dict[str, str]) -> Complaint:
    """The complaint for an error, in a student's words."""
    name = " or ".join(f"`{function}`" for function in dict.fromkeys(question.functions.values()))
    phase = error["phase"] or "running"
    match error["kind"]:
        case "missing":
            return Complaint(
                f"a function or class called {name}",
                error["message"] or "the notebook defines none",
                "write it in the cell of this question, under exactly this name, and run the cell",
            )
        case "timeout":
            return Complaint(
                f"{name} to finish in time",
                f"it was still {phase} after {error['message']}",
                "look for a loop that never ends or for training inside the function",
            )
        case "died":
            return Complaint(
                f"{name} to run",
                f"the Python process ended while {phase} ({error['message']})",
                "look for `exit()`, `os._exit()`, endless recursion or very large arrays",
            )
        case "oversized" | "malformed":
            return Complaint(
                f"an answer of the usual size from {name}",
                f"an answer that can't be read ({error['message']})",
                "restart the kernel, run all cells, and check again",
            )
    return raised(name, error)


def raised(what: str, error: dict[str, str]) -> Complaint:
    """The complaint for an exception of the student's code, with its line."""
    where = f", in the line `{error['line']}`" if error["line"] else ""
    got = f"{error['type']}: {error['message']}{where}"
    phase = f"while {error['phase']}: " if error["phase"] else ""
    return Complaint(f"{what} to run without an error", phase + got, _advice(error))


def _advice(error: dict[str, str]) -> str:
    """A first hint for an exception that students meet often."""
    message = error["message"]
    for pattern, advice in _HINTS:
        if all(part in f"{error['type']}: {message}" for part in pattern):
            return advice
    return "run the function yourself on a small input and read the last line of the error"


_SHAPES = (
    "both sides of an addition need the same shape: follow height, width and channels along the main path and "
    "along the shortcut"
)
_CHANNELS = "the layer expects another number of channels: follow the channels from layer to layer"
_HINTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("names should be unique",),
        "a fixed `name=` can stand once in a model: leave names out, or make each from the place of its layer",
    ),
    (("before Module.__init__",), "call `super().__init__()` first in `__init__`"),
    (("__init__() takes 1 positional argument",), "is it spelt `__init__`, with two underscores on either side?"),
    (("expected one tensor",), "end with `return` and the tensor alone: no tuple, list or dict"),
    (("missing", "required positional argument"), "keep the parameters and the defaults that the stub has"),
    (("unexpected keyword argument",), "keep the parameter names that the stub has"),
    (("positional argument",), "keep the parameters that the stub has, in the same order"),
    (("NotImplementedError",), "replace `raise NotImplementedError` by your own code"),
    (("must match the size of tensor",), _SHAPES),
    (("incompatible shapes",), _SHAPES),
    (("broadcast",), _SHAPES),
    (("size mismatch",), _CHANNELS),
    (
        ("incompatible with the layer", "expected axis"),
        "a layer keeps the number of channels that it met first: make a new one at each call, and follow the channels "
        "from layer to layer",
    ),
    (("to have", "channels, but got"), _CHANNELS),
    (("'NoneType' object",), "something is `None` here: does every function that you call end with `return`?"),
    (
        ("division by zero",),
        "a count or a sum is 0 here: a generator can be gone through once, and a second pass finds nothing",
    ),
    (("singleton tf.Variables",), "make layers and weights once, in `__init__` or `build`, not at each call"),
    (
        ("mat1 and mat2",),
        "the dense layer expects another number of features: pool to one value per channel, then flatten",
    ),
)


def not_tried(check: Check) -> Complaint:
    """For a check whose evidence failed in a way that was explained already."""
    return Complaint(check.sentence, "not tried", "mend the complaint above first")


def not_counted(check: Check) -> Complaint:
    """For a check behind a gate that failed."""
    return Complaint(check.sentence, "not counted", "mend the complaint above first")


def follows(check: Check) -> Complaint:
    """For a check that fails by a mistake that was recognised already."""
    return Complaint(check.sentence, "the mistake above shows here too", "mend the complaint above first")


def malformed(check: Check, reason: str) -> Complaint:
    """For evidence that no honest probe writes."""
    return Complaint(check.sentence, f"an answer that can't be read ({reason})", "restart the kernel and run all cells")


def broken(check: Check, reason: str) -> Complaint:
    """For a fault of the grader: a person must look, and the student loses nothing."""
    return Complaint(
        check.sentence,
        f"the grader itself failed ({reason})",
        "nothing to mend on your side: your instructor will look at it",
    )

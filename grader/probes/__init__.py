"""Probes run beside the student's code and return evidence; only `on_torch` and `on_keras` import frameworks."""

from __future__ import annotations

import gc
import importlib
import json
import linecache
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

Probe = Callable[[Callable[..., Any], dict[str, Any]], dict[str, np.ndarray]]


class StudentError(Exception):
    """The student's code raised, or gave something that can't be used, in a named phase of a probe."""

    def __init__(self, phase: str, cause: BaseException) -> None:
        super().__init__(f"{phase}: {type(cause).__name__}: {said(cause)}")
        self.phase = phase
        self.cause = cause


def said(cause: BaseException) -> str:
    """The message of an exception; "" for one of the student's own that can't tell it."""
    try:
        return plain(str(cause))
    except Exception:
        return ""


def plain(message: str) -> str:
    """A message without colours, and without the frames and arguments that Keras and TensorFlow wrap around it."""
    message = re.split(r"\s*\n\s*Arguments received by", re.sub(r"\x1b\[[\d;]*m", "", message))[0]
    wrapped = re.search(r"^ {4}\w+: ", message, re.MULTILINE) if message.startswith("in user code:") else None
    if wrapped is not None:
        message = message[wrapped.end() :]
    return re.sub(r"\s*\n\s*", " ", re.sub(r"^Exception encountered when calling [^\n]*\n\s*", "", message))


@contextmanager
def students_code(phase: str) -> Iterator[None]:
    """Mark what runs inside as the student's: what it raises is a StudentError and no fault of the grader."""
    try:
        yield
    except StudentError:
        raise
    except Exception as error:
        raise StudentError(phase, error) from error


def partial(name: str, look: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """What `look` finds; or, when the student's code fails, an error under `name` in its place: the rest counts."""
    try:
        return look()
    except StudentError as error:
        return {name: np.frombuffer(json.dumps(fields(error)).encode(), dtype=np.uint8)}


def fields(error: StudentError) -> dict[str, str]:
    """What a complaint needs of an error: its phase, the exception's type and message, and the student's line."""
    cause = error.cause
    return {
        "kind": "raised", "phase": error.phase, "type": type(cause).__name__, "message": said(cause)[:2000],
        "line": students_line(cause),
    }  # fmt: skip


def students_line(cause: BaseException) -> str:
    """The last line of the student's own source that an exception went through, "" when it went through none."""
    line = ""
    for frame, number in traceback.walk_tb(cause.__traceback__):
        if not _library(frame.f_globals.get("__name__", "")):
            name = frame.f_code.co_filename
            line = linecache.getline(name, number, frame.f_globals).strip() or line
    return line[:300]


def _library(module: str) -> bool:
    """Whether a module is not the student's: notebooks and scripts run as `submission` or `__main__`."""
    return module not in ("submission", "__main__")


def run(framework: str, probe: str, function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """The evidence of a probe; the models that it built are gone from memory when it returns.

    Models refer to themselves in circles, and are many objects: they are collected once, at the end, and what was there
    before is not looked through.
    """
    enabled = gc.isenabled()
    look = load(framework, probe)
    gc.freeze()
    gc.disable()
    try:
        return {name: np.asarray(array) for name, array in look(function, request).items()}
    finally:
        gc.collect()
        gc.unfreeze()
        if enabled:
            gc.enable()


def load(framework: str, probe: str) -> Probe:
    """The probe named `<assignment>.<function>`, such as `a2_resnet.block`, for one framework."""
    assignment, _, function = probe.partition(".")
    module = importlib.import_module(f"grader.probes.{assignment}.on_{framework}")
    found: Probe = getattr(module, function)
    return found

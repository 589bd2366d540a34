"""Probes of `a4_pretrained`: `preprocess`, `classify`, `feature_maps` and `layer_table`, each case by case.

What a function returned crosses as JSON where it should be lists, and as an array where it should be one; what is
neither crosses as the name of its type.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from grader import fill
from grader.probes import partial, said, students_code, students_line

MOST = 2_000  # items of one list that are looked at
NUMBERS = 2_000_000  # numbers of one array that cross

Array = np.ndarray
Look = Callable[[int, dict[str, Any]], dict[str, Array]]


def each_case(request: dict[str, Any], look: Look) -> dict[str, Array]:
    """The evidence of all cases, each under its number; an error of the student's in one leaves the others alone."""
    found: dict[str, Array] = {}
    for number, case in enumerate(request["cases"]):
        evidence = partial("crash", lambda number=number, case=case: look(number, case))  # type: ignore[misc]
        found |= {f"{number}_{name}": array for name, array in evidence.items()}
    return found


def text(value: Any) -> Array:
    """JSON as bytes."""
    return np.frombuffer(json.dumps(value).encode(), dtype=np.uint8)


def plain(value: Any) -> Any:
    """A result as JSON: lists, texts and numbers; whatever is something else, as the name of its type.

    Arrays and tensors without axes count as numbers, tuples and TensorFlow's shapes as lists.
    """
    if isinstance(value, str):
        return str(value)[:200]
    if isinstance(value, list | tuple):
        return [plain(item) for item in value[:MOST]]
    if hasattr(value, "as_list"):
        return plain(value.as_list())
    if getattr(value, "shape", None) == () and hasattr(value, "dtype"):
        value = value.item() if hasattr(value, "item") else np.asarray(value).item()
    if isinstance(value, bool | np.bool_):
        return {"type": "bool"}
    if isinstance(value, int | np.integer) and abs(int(value)) < 2**63:
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value)
    return {"type": type(value).__name__}


def told(call: Callable[[], Any]) -> Any:
    """The result of a call as JSON."""
    result = call()
    with students_code("reading what it returned"):
        return plain(result)


def array(value: Any) -> dict[str, Array]:
    """An array of numbers with the names of its type and of its numbers' type; without numbers when it is none."""
    with students_code("reading what it returned"):
        found = value if isinstance(value, np.ndarray) else np.zeros(0)
        kinds = {"type": type(value).__name__, "dtype": str(getattr(value, "dtype", "")), "shape": list(found.shape)}
        evidence = {"returned": text(kinds)}
        if isinstance(value, np.ndarray) and found.dtype.kind in "fiub" and found.size <= NUMBERS:
            evidence["numbers"] = np.array(found, dtype=np.float32)
    return evidence


def refusal(call: Callable[[], Any]) -> Array:
    """What a call raises that should raise a ValueError: the exception's type and message, and the student's line."""
    try:
        value = call()
    except Exception as error:
        return text(
            {
                "raised": type(error).__name__, "value_error": isinstance(error, ValueError),
                "message": said(error)[:20_000], "line": students_line(error),
            }
        )  # fmt: skip
    return text({"returned": type(value).__name__})


def values(node: dict[str, Any], seed: int) -> dict[str, Array]:
    """The tensors of a node by role."""
    return {
        role: fill.tensor(seed, index, tuple(shape), gain) for role, (index, shape, gain) in node["tensors"].items()
    }


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The names under which two notes differ, or that one of them lacks."""
    missing = object()
    return [name for name in {**before, **after} if before.get(name, missing) != after.get(name, missing)]


def differences(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> Array:
    """What changed between two looks at a model, by what was looked at."""
    return text({what: changed(before[what], after[what])[:20] for what in before})


def options(case: dict[str, Any], name: str) -> tuple[list[Any], dict[str, Any]]:
    """The optional argument of a case as positional and named arguments: it may be left out, too."""
    if name not in case:
        return [], {}
    return ([case[name]], {}) if case.get("by_position") else ([], {name: case[name]})


@contextmanager
def unordered_partitions() -> Iterator[None]:
    """`numpy.argpartition` with each part backwards: no order is promised, but some processors sort the parts."""
    right = np.argpartition

    def argpartition(a: Any, kth: Any, axis: int | None = -1, **options: Any) -> Array:
        found = right(a, kth, axis, **options)
        if axis is None or np.ndim(kth) or not np.ndim(found):
            return found
        along = np.moveaxis(found, axis, -1)
        place = int(kth) % along.shape[-1]
        parts = (along[..., :place][..., ::-1], along[..., place : place + 1], along[..., place + 1 :][..., ::-1])
        return np.moveaxis(np.concatenate(parts, axis=-1), -1, axis)

    np.argpartition = argpartition  # type: ignore[assignment]
    try:
        yield
    finally:
        np.argpartition = right

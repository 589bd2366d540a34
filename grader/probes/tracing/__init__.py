"""What a model computes, whatever its style: the operations of one forward pass, with the tensors that feed them.

A trace is JSON: `tensors` (name, canonical shape, owner's class, trainable), `operations` as
`[name, inputs, outputs, shape, attributes]`, and the `output`. An input is the number of a value, "x" for the images,
"t3" for tensor 3, {"constant": value or null}, or {"unregistered": shape}. Maps are given as `n h w c`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

MAX_OPERATIONS = 60_000  # of an honest ResNet-152 about 4,000; a guard against endless loops


class TraceBuilder:
    """Numbers values by identity and collects operations; the frameworks' own ways of listening call it."""

    def __init__(self) -> None:
        self.operations: list[list[Any]] = []
        self._numbers: dict[int, Any] = {}
        self._alive: list[Any] = []  # identities stay unique while their objects live
        self._count = 0

    def know(self, thing: Any, reference: Any) -> None:
        """Let `thing` be called `reference` wherever it feeds an operation."""
        self._numbers[id(thing)] = reference
        self._alive.append(thing)

    def reference(self, thing: Any) -> Any:
        """How a known thing is called, or None."""
        return self._numbers.get(id(thing))

    def things(self) -> Iterator[Any]:
        """All known things that still have their name."""
        return (thing for thing in self._alive if id(thing) in self._numbers)

    def record(
        self, name: str, inputs: Sequence[Any], outputs: Sequence[Any], shape: Sequence[int], attributes: dict[str, Any]
    ) -> None:
        """Add an operation; its outputs (several, or the input it wrote to) get new numbers."""
        if len(self.operations) >= MAX_OPERATIONS:
            raise RuntimeError(f"one forward pass ran more than {MAX_OPERATIONS} operations")
        numbers = []
        for output in outputs:
            self.know(output, self._count)
            numbers.append(self._count)
            self._count += 1
        self.operations.append([name, list(inputs), numbers, list(shape), attributes])


def encode(tensors: Sequence[dict[str, Any]], builder: TraceBuilder, output: Any) -> np.ndarray:
    """The trace as bytes."""
    trace = {"tensors": list(tensors), "operations": builder.operations, "output": output}
    return np.frombuffer(json.dumps(trace).encode(), dtype=np.uint8)


def canonical_vector(shape: Sequence[int]) -> bool:
    """Whether a tensor of this shape can only be a per-channel vector that broadcasts over a map."""
    alone = sum(size > 1 for size in shape) <= 1
    return len(shape) < 2 or (alone and (shape[0] == 1 or len(shape) == 3))

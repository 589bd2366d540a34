"""A trace as steps: what carries weights, and what lies between."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

IMAGES = -1  # the number of the step that stands for the images


@dataclass(frozen=True)
class Tensor:
    """One of the model's tensors: its name in the student's program, canonical shape and owner's class."""

    name: str
    shape: tuple[int, ...]
    owner: str
    trainable: bool


@dataclass(eq=False)
class Step:
    """One operation on the data, fed by other steps."""

    kind: str
    inputs: tuple[int, ...]
    shape: tuple[int, ...]
    attributes: dict[str, Any] = field(default_factory=dict)
    kernel: int | None = None
    bias: int | None = None
    roles: dict[str, int] = field(default_factory=dict)  # of a norm: scale, shift, mean, variance -> tensor
    chains: dict[int, tuple[str, ...]] = field(default_factory=dict)  # tensor -> operations on its way into a norm
    constants: tuple[float, ...] = ()


@dataclass(frozen=True)
class Reading:
    """A trace as steps, with the model's tensors and what was found beside them."""

    tensors: tuple[Tensor, ...]
    steps: tuple[Step, ...]
    output: int
    unregistered: tuple[tuple[int, ...], ...]  # shapes of weights that the model uses and does not own
    names: frozenset[str]  # of all operations, those on weights and constants too
    parted: frozenset[int] = frozenset()  # kernels of which steps use parts: a convolution written pixel by pixel

    def used(self) -> set[int]:
        """The tensors that some step uses."""
        found: set[int] = set()
        for step in self.steps:
            found.update(index for index in (step.kernel, step.bias) if index is not None)
            found.update(step.chains, step.roles.values())
        return found

    def kernels_above(self, number: int) -> frozenset[int]:
        """The nearest kernel steps that feed a step, IMAGES where nothing lies between it and the images."""
        if number == IMAGES:
            return frozenset({IMAGES})
        found: set[int] = set()
        waiting, seen = list(self.steps[number].inputs), set()
        while waiting:
            source = waiting.pop()
            if source in seen:
                continue
            seen.add(source)
            if source == IMAGES or self.steps[source].kernel is not None:
                found.add(source)
            else:
                waiting.extend(self.steps[source].inputs)
        return frozenset(found)

"""What meets the data in a trace: values that depend on weights and constants alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# operations that make new tensors of one value, or of none yet
MAKERS = (
    "zeros_like", "zeros", "new_zeros", "ones_like", "ones", "new_ones", "full", "full_like", "new_full", "empty",
    "empty_like", "new_empty", "Fill", "OnesLike",
)  # fmt: skip
PARTS = {"slice", "select", "split", "unbind", "gather", "unpack"}  # operations that take a part of a weight


@dataclass(frozen=True)
class Pure:
    """Such a value: of each weight that is in it the operations on its way, and the constants."""

    chains: dict[int, tuple[str, ...]]
    constants: tuple[float, ...] = ()

    def through(self, name: str) -> Pure:
        """The value after one more operation."""
        return Pure({index: (*chain, name) for index, chain in self.chains.items()}, self.constants)


def constants_of(values: Sequence[Pure]) -> tuple[float, ...]:
    """The constants of some values, in order."""
    return tuple(constant for value in values for constant in value.constants)


def told_apart(name: str, values: Sequence[int | Pure]) -> list[int | Pure]:
    """The operands of `a + b * c` or `a + b / c`, each weight with what it does to the data."""
    verbs = ("add", "mul", "mul" if name == "addcmul" else "div")
    if isinstance(values[0], int):
        verbs = ("add", "add", "add")
    return [
        value.through(verb) if isinstance(value, Pure) else value for value, verb in zip(values, verbs, strict=False)
    ]

"""What meets the data in a trace: values that depend on weights and constants alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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


def told_apart(values: Sequence[int | Pure]) -> list[int | Pure]:
    """The operands of `a + b * c`, each weight with what it does to the data: what the data don't meet is added."""
    adds = [place == 0 or isinstance(values[0], int) for place in range(len(values))]
    return [
        value.through("add" if add else "mul") if isinstance(value, Pure) else value
        for value, add in zip(values, adds, strict=True)
    ]

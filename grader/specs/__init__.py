"""The assignments, one file each; a new one is found by its file alone."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from grader.spec import Assignment, Question


class UnknownNameError(LookupError):
    """No assignment or question has this name; the message lists those there are."""


@lru_cache(maxsize=1)
def assignments() -> tuple[Assignment, ...]:
    """All assignments, in the order of their names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}").ASSIGNMENT for name in names)


def assignment(name: str) -> Assignment:
    """The assignment of this name; raises UnknownNameError."""
    for found in assignments():
        if found.name == name:
            return found
    raise UnknownNameError(f"no assignment is called {name!r}; there are: {', '.join(a.name for a in assignments())}")


def question(name: str) -> tuple[Assignment, Question]:
    """The question of this name, or the one whose function has it; raises UnknownNameError."""
    for owner in assignments():
        for found in owner.questions:
            if name == found.name or name in found.functions.values():
                return owner, found
    known = ", ".join(q.name for a in assignments() for q in a.questions)
    raise UnknownNameError(f"no question is called {name!r}; there are: {known}")

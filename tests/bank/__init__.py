"""Mutants and honest variants of the solutions, as named edits of their text: what the grader must tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader import specs

SOLUTIONS = Path(__file__).parent.parent.parent / "solutions"

Edits = tuple[tuple[str, str], ...]  # (old, new): each old text must stand in the question's cell


@dataclass(frozen=True)
class Entry:
    """One edit of a solution, in the frameworks in which it exists.

    A mutant has the words that its first complaint must hold (`says`) and the mistake that must be recognised, if it has
    a name; an honest variant has neither, and must reach full marks.
    """

    name: str
    question: str
    says: str = ""
    torch: Edits = ()
    keras: Edits = ()
    mistake: str = ""
    cell: str = ""  # the question whose cell is edited, when it is another one
    requests: int = 0  # how many of its question's requests, the smallest first, are enough to tell it; 0 means all
    touches: tuple[str, ...] = ()  # other questions that an honest variant must not cost points in

    @property
    def assignment(self) -> str:
        """The assignment that the question belongs to."""
        return specs.question(self.question)[0].name

    def source(self, framework: str) -> str:
        """The edited solution; raises ValueError when an old text isn't there."""
        text = (SOLUTIONS / self.assignment / f"on_{framework}.py").read_text(encoding="utf-8")
        start = text.index(f"# QUESTION {self.cell or self.question}\n")
        end = text.index("\n# %%", start)
        cell = text[start:end]
        for old, new in self.edits(framework):
            if old not in cell:
                raise ValueError(f"{self.name} in {framework}: the cell of {self.question} doesn't hold {old!r}")
            cell = cell.replace(old, new)
        return text[:start] + cell + text[end:]

    def edits(self, framework: str) -> Edits:
        """The edits in one framework, none where the entry doesn't exist."""
        return self.torch if framework == "torch" else self.keras

"""Which mutants are tried: a random sample of those that can change a verdict, each module with its share."""

from __future__ import annotations

import ast
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PER_PLACE = 2  # ten replacements of one operator tell hardly more than two
# what draws inputs judges nothing: another input is as good, and the evidence was recorded for the one that was drawn
DRAWING = ("requests.py", "looking/nets.py")

LEAST = 3  # mutants of each module
MORE = {"grader/run.py": 10, "grader/judging.py": 10}  # short, and all grades pass through them

Position = tuple[int, int]  # line, from 1, and column, in characters


@dataclass(frozen=True, order=True)
class Mutant:
    """One of cosmic-ray's mutations."""

    module: str
    start: Position
    end: Position
    operator: str
    occurrence: int
    job: str = ""  # cosmic-ray's name for it, another one in every session


def sample(pool: Iterable[Mutant], count: int, seed: int) -> list[Mutant]:
    """About `count` mutants of a pool, in random order; each module's share is that of its mutants, LEAST at least."""
    dice = random.Random(seed)
    modules: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in sorted(pool):
        modules[mutant.module].append(mutant)
    total = sum(map(len, modules.values()))
    chosen = []
    for module, found in sorted(modules.items()):
        wanted = max(MORE.get(module, LEAST), round(count * len(found) / total))
        chosen += dice.sample(found, min(wanted, len(found)))
    dice.shuffle(chosen)  # an interrupted run is a sample too
    return chosen


def pool(mutants: Iterable[Mutant], root: Path, seed: int) -> list[Mutant]:
    """The mutants of what judges that are neither in text, nor in types, nor no Python at all: PER_PLACE of a place."""
    dice = random.Random(seed)
    places: dict[tuple[str, Position, Position], list[Mutant]] = defaultdict(list)
    for mutant in mutants:
        if not mutant.module.endswith(DRAWING) and not _Source.read(root / mutant.module).noise(mutant):
            places[mutant.module, mutant.start, mutant.end].append(mutant)
    return [
        mutant
        for _, found in sorted(places.items())
        for mutant in dice.sample(sorted(found), min(PER_PLACE, len(found)))
    ]


@dataclass(frozen=True)
class _Source:
    """Where a module's source holds what isn't worth mutating, and where its binary operators are."""

    apart: tuple[tuple[Position, Position], ...]
    operators: tuple[tuple[Position, Position], ...]

    @staticmethod
    @lru_cache
    def read(path: Path) -> _Source:
        text = path.read_text(encoding="utf-8")
        tree, lines = ast.parse(text), text.splitlines()
        apart = [_span(node, lines) for parent in ast.walk(tree) for node in _apart(parent)]
        operators = [
            (_span(node.left, lines)[1], _span(node.right, lines)[0])
            for node in ast.walk(tree)
            if isinstance(node, ast.BinOp)
        ]
        return _Source(tuple(apart), tuple(operators))

    def noise(self, mutant: Mutant) -> bool:
        """Whether a mutant changes a text or a type; or an argument's star, which cosmic-ray takes for a product."""
        within = any(start <= mutant.start and mutant.end <= end for start, end in self.apart)
        starred = "BinaryOperator" in mutant.operator and not any(
            start <= mutant.start and mutant.end <= end for start, end in self.operators
        )
        return within or starred


def _apart(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node that hold types or words, and switches of decorators that change no behaviour."""
    match node:
        case ast.arg(annotation=ast.AST() as found) | ast.FunctionDef(returns=ast.AST() as found):
            yield found
        case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")):
            yield node
        case ast.AnnAssign(annotation=found):
            yield found
        case ast.JoinedStr():
            yield node
        case ast.Call(func=ast.Name(id="Complaint"), args=words):
            yield from words
        case ast.Call(func=ast.Name(id="dataclass" | "lru_cache")):
            yield node


def _span(node: ast.AST, lines: list[str]) -> tuple[Position, Position]:
    """Where a node begins and ends; Python counts bytes, cosmic-ray letters."""
    assert isinstance(node, ast.expr | ast.stmt)
    end_line, end_column = node.end_lineno or 0, node.end_col_offset or 0
    return (node.lineno, _letters(lines, node.lineno, node.col_offset)), (
        end_line,
        _letters(lines, end_line, end_column),
    )


def _letters(lines: list[str], line: int, column: int) -> int:
    return len(lines[line - 1].encode()[:column].decode())

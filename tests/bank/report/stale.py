"""When a trial must be run again: a digest of the entry's source and of all of the grader that judges it."""

from __future__ import annotations

import ast
import hashlib
from functools import lru_cache
from pathlib import Path

from tests.bank import Entry

ROOT = Path(__file__).parent.parent.parent.parent
_APART = ("frontends", "process", "answers", "submission", "fingerprint")  # what grading in this process doesn't meet


def digest(entry: Entry, framework: str) -> str:
    """Eight letters that change with the entry or its solution, and eight that change with the grader that it meets."""
    asked = f"{entry.source(framework)}\0{entry.question} {entry.requests} {entry.touches}"
    return f"{hashlib.sha256(asked.encode()).hexdigest()[:8]}-{_judged_by(entry.assignment, framework)[:8]}"


@lru_cache
def _judged_by(assignment: str, framework: str) -> str:
    """A hash over the spec and the probes of an assignment, all that they import of `grader`, and the thresholds."""
    doors = (f"grader.probes.{assignment}.on_{framework}", f"grader.given.on_{framework}")
    starts = (f"grader.specs.{assignment}", *doors, "grader.run")
    found = hashlib.sha256()
    for path in sorted({path for start in starts for path in _closure(start)}):
        found.update(path.read_bytes())
    thresholds = ROOT / "grader" / "specs" / "thresholds" / f"{assignment}.json"
    found.update(thresholds.read_bytes() if thresholds.exists() else b"")
    return found.hexdigest()


def _closure(start: str) -> set[Path]:
    """The files of `grader` that importing a module reads, itself included."""
    found: set[Path] = set()
    waiting = [start]
    while waiting:
        for path in _files(waiting.pop()):
            if path not in found and path.relative_to(ROOT / "grader").with_suffix("").parts[0] not in _APART:
                found.add(path)
                waiting.extend(_imported(path))
    return found


def _files(module: str) -> list[Path]:
    """A module's file; of a package its `__init__` alone; of a name that is no module nothing."""
    base = ROOT.joinpath(*module.split("."))
    return [path for path in (base.with_suffix(".py"), base / "__init__.py") if path.exists()]


def _imported(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [name for name in names if name.split(".")[0] == "grader"]

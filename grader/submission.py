"""A student's notebook or script, read as cells; what is damaged is mended here or explained."""

from __future__ import annotations

import ast
import json
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.spec import FRAMEWORKS

MAX_BYTES = 20_000_000  # notebooks grow by their outputs; nothing honest is larger
_PACKAGES = {"torch": {"torch", "torchvision"}, "keras": {"keras", "tensorflow"}}
_MARKER = re.compile(r"^#\s*FRAMEWORK\s+(torch|keras)\s*$", re.MULTILINE | re.IGNORECASE)
_PERCENT = re.compile(r"^#\s*%%(.*)$", re.MULTILINE)


class SubmissionError(Exception):
    """The file can't be read as a submission; the message says why and what to do."""


@dataclass(frozen=True)
class Cell:
    """The source of one code cell, and how a student would find it."""

    source: str
    label: str


@dataclass(frozen=True)
class Submission:
    """The code cells of one student's notebook or script, in one framework."""

    path: Path
    framework: str
    cells: tuple[Cell, ...]
    remarks: tuple[str, ...] = ()


def read(path: Path | str, framework: str | None = None) -> Submission:
    """Read a notebook (`.ipynb`) or a script (`.py`); raises SubmissionError."""
    path = Path(path)
    if path.suffix.lower() not in (".ipynb", ".py") and path.is_file():
        raise SubmissionError(f"{path.name} is neither a notebook (.ipynb) nor a script (.py)")
    text = _text(path)
    metadata: dict[str, Any] = {}
    if path.suffix.lower() == ".ipynb":
        cells, metadata = _notebook(text, path)
    else:
        cells = _script(text)
    return Submission(path, _framework(cells, metadata, framework, path), tuple(cells))


def _text(path: Path) -> str:
    if path.is_dir():
        raise SubmissionError(f"{path} is a folder, not a notebook or script")
    try:
        if path.exists() and not path.is_file():
            raise SubmissionError(f"{path} is no plain file")
        if path.stat().st_size > MAX_BYTES:
            raise SubmissionError(
                f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB: clear its outputs and save it again"
            )
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SubmissionError(f"there is no file {path}") from None
    except UnicodeDecodeError:
        raise SubmissionError(f"{path.name} is not UTF-8 text: save it again as UTF-8") from None
    except OSError as error:
        raise SubmissionError(f"{path.name} can't be read: {error.strerror}") from error


def _notebook(text: str, path: Path) -> tuple[list[Cell], dict[str, Any]]:
    """The code cells and the metadata of a notebook of format 3 or 4."""
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        raise SubmissionError(f"{path.name} is not a notebook: its JSON is damaged; download it again") from None
    if not isinstance(notebook, dict):
        raise SubmissionError(f"{path.name} is not a notebook")
    cells = notebook.get("cells")
    if cells is None and isinstance(notebook.get("worksheets"), list):
        sheets = [sheet.get("cells") for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    if not isinstance(cells, list):
        raise SubmissionError(f"{path.name} is not a notebook: it has no cells")
    found = []
    for number, cell in enumerate(cells, 1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            source = "".join(map(str, source)) if isinstance(source, list) else str(source)
            found.append(Cell(source, f"cell {number}"))
    metadata = notebook.get("metadata")
    return found, metadata if isinstance(metadata, dict) else {}


def _script(text: str) -> list[Cell]:
    """The code cells of a script: its percent cells, or the whole of it."""
    marks = list(_PERCENT.finditer(text))
    if not marks:
        return [Cell(text, "the script")]
    pieces = [("", text[: marks[0].start()], 1)]
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        end = following.start() if following else len(text)
        pieces.append((mark[1], text[mark.end() : end], text.count("\n", 0, mark.start()) + 1))
    return [
        Cell(source, f"the cell at line {line}")
        for title, source, line in pieces
        if "[markdown]" not in title and source.strip()
    ]


def _framework(cells: list[Cell], metadata: dict[str, Any], wanted: str | None, path: Path) -> str:
    """The framework that was asked for, or that the marker or the imports name; raises SubmissionError."""
    if wanted is not None and wanted not in FRAMEWORKS:
        raise SubmissionError(f"no framework is called {wanted!r}; there are: {', '.join(FRAMEWORKS)}")
    own = metadata.get("skipgrade")
    marked = {name for name in FRAMEWORKS if isinstance(own, dict) and own.get("framework") == name}
    for cell in cells:
        if not marked and (match := _MARKER.search(cell.source)):
            marked = {match[1].lower()}
    imported = {name for name, packages in _PACKAGES.items() if packages & _imports(cells)}
    if wanted is not None:
        if imported and wanted not in imported:
            other = next(iter(imported))
            raise SubmissionError(f"{path.name} is written in {other}, but should be graded as {wanted}")
        return wanted
    for clue in (imported, marked):
        if len(clue) == 1:
            return str(next(iter(clue)))
    if marked or imported:
        return str(min(marked or imported, key=FRAMEWORKS.index))
    raise SubmissionError(f"{path.name} imports neither torch nor keras: say which one with --framework")


def _imports(cells: list[Cell]) -> set[str]:
    """The packages that the cells import; cells that don't parse are read line by line."""
    found: set[str] = set()
    for cell in cells:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about the student's code; they are not for the reader's eyes
                nodes = list(ast.walk(ast.parse(cell.source)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            found.update(re.findall(r"^\s*(?:import|from)\s+(\w+)", cell.source, re.MULTILINE))
            continue
        for node in nodes:
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found

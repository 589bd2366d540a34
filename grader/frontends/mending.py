"""Any file that a student hands in as a notebook becomes a clean one: its cells kept, its outputs made harmless."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.frontends import building, lesson

MAX_BYTES = 20_000_000
_MAX_TEXT, _MAX_PICTURE, _MAX_OUTPUTS = 20_000, 1_000_000, 5_000_000

Cell = dict[str, Any]


class DamageError(Exception):
    """The file holds no notebook: the message says why."""


def notebook(path: Path) -> dict[str, Any]:
    """A valid notebook of format 4.5 with the file's cells; one that says what is wrong when there are none."""
    try:
        cells = _cells(path)
    except DamageError as error:
        cells = [{"cell_type": "markdown", "metadata": {}, "source": f"**This file can't be read:** {error}"}]
    for number, cell in enumerate(cells, start=1):
        cell["id"] = f"cell-{number}"
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def mend(cells: list[Cell], checks: Mapping[str, float], answers: set[str]) -> list[Cell]:
    """The cells with nbgrader's metadata attached anew by their sources, each check cell there exactly once.

    `checks` holds the gradebook's check cells with their points, `answers` the ids of its answer cells. Code that
    stands in a check cell is kept in a cell of its own.
    """
    mended: list[Cell] = []
    owners = _owners(cells, answers)
    check_at = _last_checks(cells, checks)
    for index, cell in enumerate(cells):
        if index in check_at:
            mended.append(_check(check_at[index], checks))
            continue
        metadata = building.answer_metadata(owners[index]) if index in owners else None
        mended.append(cell | {"metadata": {"nbgrader": metadata} if metadata else {}})
    for name in [name for name in checks if name not in check_at.values()]:
        after = next((at for at, cell in enumerate(mended) if _grade_id(cell) == building.answer_id(name)), len(mended))
        mended.insert(after + 1, _check(name, checks))
    return [cell | {"id": f"cell-{number}"} for number, cell in enumerate(mended, start=1)]


def _owners(cells: list[Cell], answers: set[str]) -> dict[int, str]:
    """Which cells are answers: by the marker in their source, or else by what nbgrader wrote; the last one counts."""
    found: dict[str, int] = {}
    marked: dict[str, int] = {}
    for index, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            if (name := lesson.answered_question(cell["source"])) and building.answer_id(name) in answers:
                marked[building.answer_id(name)] = index
            elif _grade_id(cell) in answers:
                found[_grade_id(cell)] = index
    return {index: grade_id for grade_id, index in (found | marked).items()}


def _last_checks(cells: list[Cell], checks: Mapping[str, float]) -> dict[int, str]:
    """Where the check cells are, whatever their kind; of several alike the last one counts."""
    named = [(lesson.checked_question(cell["source"]) or "", index) for index, cell in enumerate(cells)]
    last = {name: index for name, index in named if name in checks}
    return {index: name for name, index in last.items()}


def _check(name: str, checks: Mapping[str, float]) -> Cell:
    metadata = {"nbgrader": building.check_metadata(name, checks[name])}
    source = lesson.check_source(name)
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": source}


def _grade_id(cell: Cell) -> str:
    nbgrader = cell["metadata"].get("nbgrader")
    return str(nbgrader.get("grade_id", "")) if isinstance(nbgrader, Mapping) else ""


def _cells(path: Path) -> list[Cell]:
    try:
        found = json.loads(_read(path).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DamageError(f"it is no notebook ({error})") from None
    sheets = found.get("worksheets") if isinstance(found, dict) else None  # format 3 had them
    lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)] if isinstance(sheets, list) else []
    if isinstance(found, dict):
        lists.append(found.get("cells"))
    cells = [cell for cells in lists if isinstance(cells, list) for cell in cells if isinstance(cell, dict)]
    if not cells:
        raise DamageError("it holds no cells")
    left = [_MAX_OUTPUTS]
    return [_cell(cell, left) for cell in cells]


def _read(path: Path) -> bytes:
    """A plain file's bytes: a link, a folder, a pipe and what is too large are refused."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            content = file.read(MAX_BYTES + 1) if stat.S_ISREG(os.fstat(handle).st_mode) else None
    except OSError as error:
        raise DamageError(f"it can't be opened ({error.strerror})") from None
    if content is None:
        raise DamageError("it is no plain file")
    if len(content) > MAX_BYTES:
        raise DamageError(f"it is larger than {MAX_BYTES // 1_000_000} MB: clear its outputs and save it again")
    return content


def _cell(cell: Mapping[str, Any], left: list[int]) -> Cell:
    """One cell of any format as format 4.5, without what isn't needed."""
    source = _text(cell.get("source", cell.get("input", "")))
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    kept: Cell = {"metadata": {"nbgrader": nbgrader} if isinstance(nbgrader, Mapping) else {}, "source": source}
    if cell.get("cell_type") == "code":
        outputs = cell.get("outputs")
        given = [output for output in outputs if isinstance(output, Mapping)] if isinstance(outputs, list) else []
        harmless = [shown for output in given if (shown := _output(output, left)) is not None]
        return kept | {"cell_type": "code", "execution_count": None, "outputs": harmless}
    return kept | {"cell_type": "raw" if cell.get("cell_type") == "raw" else "markdown"}


def _output(output: Mapping[str, Any], left: list[int]) -> dict[str, Any] | None:
    """One output as text or as a PNG, None when it is neither or when the notebook shows enough already."""
    data = output.get("data", output)
    data = data if isinstance(data, Mapping) else {}
    picture, text = (
        _picture(data.get("image/png", data.get("png"))),
        _text(data.get("text/plain", data.get("text", ""))),
    )
    if output.get("output_type") in ("error", "pyerr"):
        text = f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}"
    text = text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}\n... (shortened)"
    left[0] -= len(text) + len(picture)
    if left[0] < 0 or not (text or picture):
        return None
    if picture:
        return {"output_type": "display_data", "metadata": {}, "data": {"image/png": picture, "text/plain": text}}
    return {"output_type": "stream", "name": "stdout", "text": text}


def _picture(value: Any) -> str:
    text = _text(value).strip()
    try:
        content = base64.b64decode(text, validate=False)
    except ValueError:
        return ""
    return base64.b64encode(content).decode() if content.startswith(b"\x89PNG") and len(text) <= _MAX_PICTURE else ""


def _text(value: Any) -> str:
    """Text or a list of lines as text that can be written as UTF-8."""
    joined = "".join(line for line in value if isinstance(line, str)) if isinstance(value, list) else value
    return joined.encode("utf-8", "replace").decode() if isinstance(joined, str) else ""

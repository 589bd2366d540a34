"""Which assignment a file belongs to, and where the notebooks of a course are found."""

from __future__ import annotations

import re
from pathlib import Path

from grader import specs
from grader.spec import Assignment

# What browsers and Drive add to the name of a file that is there already.
_COPY = re.compile(r"^(?:copy of )*(.*?)(?:[ _]*\(\d+\)|[ _-]+copy(?:[ _]*\d+)?)*$", re.IGNORECASE)


def assignment_of(path: Path, name: str | None = None) -> Assignment:
    """The assignment of this name, or the one that the file is named after; raises UnknownNameError."""
    if name is not None:
        return specs.assignment(name)
    try:
        return specs.assignment(original_stem(path))
    except specs.UnknownNameError:
        known = ", ".join(found.name for found in specs.assignments())
        raise specs.UnknownNameError(
            f"{path.name} is not named after an assignment: say which one with --assignment, one of {known}"
        ) from None


def original_stem(path: Path) -> str:
    """The name of a file before a browser copied it: `a2_resnet (1).ipynb` and `Copy of a2_resnet.ipynb` alike."""
    match = _COPY.match(path.stem)
    return match[1] if match else path.stem


def notebooks(folder: Path) -> list[Path]:
    """The notebooks of known assignments under `assignments/` in a folder, or else in the folder itself."""
    known = {assignment.name for assignment in specs.assignments()}
    for paths in (sorted((folder / "assignments").rglob("*.ipynb")), sorted(folder.glob("*.ipynb"))):
        found = [path for path in paths if original_stem(path) in known and ".ipynb_checkpoints" not in path.parts]
        if found:
            return found
    return []

"""Before autograding: browser copies get the name of their assignment, and nothing but plain files stays."""

from __future__ import annotations

import itertools
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from grader.frontends import finding

KEPT = ".original"  # files of this ending are the student's own, kept as they came; nbgrader is told to ignore them


def before_autograding(assignment: str, student: str, notebooks: list[str]) -> None:
    """Nbgrader's hook: bring one student's folder in order and leave the one notebook to grade in the list.

    Raises SystemExit when the folder can't be changed: nbgrader would go on and copy what links point to.
    """
    if not notebooks:
        return
    folder = Path(notebooks[0]).parent
    try:
        _set_aside_odd_files(folder)
        _choose(folder, assignment)
    except OSError as error:
        raise SystemExit(f"grader: {folder} can't be brought in order ({error}); nothing more was graded") from error
    notebooks[:] = [str(folder / f"{assignment}.ipynb")]


def remark(folder: Path, assignment: str) -> str:
    """Which of a student's files was graded, in words, "" when there was no choice."""
    kept = sorted(path for path in folder.glob(f"*{KEPT}") if _is_plain(path) and ".ipynb" in path.name)
    graded = folder / f"{assignment}.ipynb"
    if not kept or not _is_plain(graded):
        return ""
    content = graded.read_bytes()
    names = [path.name.removesuffix(KEPT) for path in kept]
    chosen = next((name for name, path in zip(names, kept, strict=True) if path.read_bytes() == content), graded.name)
    others = [f"`{name}`" for name in names if name != chosen]
    newest = f", the newest of your notebooks (not: {', '.join(others)})" if others else ""
    return f"This is about your file `{chosen}`{newest}."


def _set_aside_odd_files(folder: Path) -> None:
    """Put a note in the place of links and pipes, and rename folders called like notebooks.

    Nbgrader would copy what a link points to, as far as the feedback, and wait for ever at a pipe.
    """
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in [*folders, *files]:
            path = Path(parent) / name
            if path.is_symlink() or not (_is_plain(path) or path.is_dir()):
                note = f"a link to {path.readlink()}\n" if path.is_symlink() else "no plain file\n"
                path.unlink()
                _free_name(path).write_bytes(os.fsencode(note))
            elif path.is_dir() and name.endswith(".ipynb"):
                path.rename(_free_name(path))


def _choose(folder: Path, assignment: str) -> None:
    """Give the newest notebook of this assignment its plain name; all that had other names, or lost, is kept."""
    target = folder / f"{assignment}.ipynb"
    notebooks = [path for path in folder.glob("*.ipynb") if _is_plain(path)]
    named = [path for path in notebooks if _is_copy(path, assignment)]
    candidates = named or notebooks
    if not candidates or candidates == [target]:
        return
    newest = max(candidates, key=lambda path: (path.stat().st_mtime_ns, len(path.name), path.name))
    moved = {path: path.rename(_free_name(path)) for path in candidates}
    shutil.copy2(moved[newest], target)


def _is_copy(path: Path, assignment: str) -> bool:
    """Whether a file is named after the assignment, as `a2_resnet (1)`, `Copy of a2_resnet` and `a2_resnet-2` are."""
    numbered = re.fullmatch(rf"{re.escape(assignment)}[ _-]*\d*", path.stem, re.IGNORECASE)
    return numbered is not None or finding.original_stem(path).lower() == assignment.lower()


def _free_name(path: Path) -> Path:
    return next(name for name in _names(path) if not os.path.lexists(name))


def _names(path: Path) -> Iterator[Path]:
    name = path.name[:60]  # a name may be as long as the system allows, and must grow
    yield path.with_name(name + KEPT)
    for number in itertools.count(2):
        yield path.with_name(f"{name}.{number}{KEPT}")


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()

"""A course in a folder of its own, and `grader release` in it, for tests."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from grader.frontends import course, release

ROOT = Path(__file__).parent.parent


def new_course(folder: Path) -> Path:
    """The solutions and the settings of this repository, in a folder of their own."""
    shutil.copytree(ROOT / "solutions", folder / "solutions")
    shutil.copy(ROOT / course.FILE, folder)
    return folder


def run(folder: Path, *more: str, assignment: str = "a2_resnet") -> int:
    parser = argparse.ArgumentParser()
    release.add_parser(parser.add_subparsers())
    options = parser.parse_args(["release", assignment, "--course", str(folder), *more])
    return options.run(options)


def set_option(folder: Path, old: str, new: str) -> None:
    path = folder / course.FILE
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))

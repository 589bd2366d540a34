"""The rules of ARCHITECTURE.md, read from the sources; for each detector a twin proves that it fires."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
JUDGING = {"result", "fill", "spec", "failure"}
# unit of `grader` (a file or folder) -> the units that it may import, itself aside
ALLOWED: dict[str, set[str]] = {
    "result": set(),
    "fill": set(),
    "rounds": set(),
    "fingerprint": set(),
    "given": set(),
    "spec": {"result"},
    "failure": {"result", "spec"},
    "agreement": {"result"},
    "judging": {"failure", "result", "spec"},
    "oracle": {"result", "fill"},
    "checks": JUDGING | {"oracle", "given"},
    "diagnosis": JUDGING | {"oracle", "checks"},
    "specs": JUDGING | {"oracle", "checks", "diagnosis", "given"},
    "probes": {"fill", "given"},
    "magics": set(),
    "salvage": set(),
    "cells": {"magics", "salvage"},
    "submission": {"result", "spec"},
    "worker": {"fill", "given", "probes", "cells", "failure", "result", "spec"},
    "answers": {"failure", "spec", "result"},
    "process": {"submission", "answers", "failure", "result", "spec"},
    "run": JUDGING | {"agreement", "judging", "rounds", "fingerprint", "submission", "process"},
    # grader.check asks in the student's own kernel, so a front-end may load probes; none may import the worker
    "frontends": JUDGING | {"rounds", "specs", "oracle", "submission", "process", "run", "probes"},
    "__init__": {"frontends", "run", "fingerprint"},
}
FRAMEWORKS = {"torch", "torchvision", "keras", "tensorflow"}
DOORS = {"torch": {"on_torch"}, "torchvision": {"on_torch"}, "keras": {"on_keras"}, "tensorflow": {"on_keras"}}
SHELLS = {"IPython", "traitlets", "pytest", "_pytest", "nbgrader", "nbformat", "nbconvert", "jupytext"}
# beside NumPy and the standard library, what a unit of `grader` may import
IPYTHON = {"IPython", "traitlets"}
THIRD_PARTY = {"frontends": SHELLS, "worker": IPYTHON, "cells": IPYTHON, "magics": IPYTHON}
# files that may be over 200 lines, with the reason why they are not split
LONG_FILES = {"solutions/": "a lesson is one document, text included"}
MACHINE_PATH = re.compile(r"(?<![\w.~}*])/(?:work|farm|root|home|Users)/\w")


def sources(root: Path) -> list[Path]:
    """Every text file that is, or may soon be, committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return [root / name for name in sorted(set(listed.split("\0"))) if name and (root / name).is_file()]


def imports(path: Path) -> Iterator[str]:
    """Every module that a file names in an import, wherever it stands; `from a import b` gives `a.b`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from (f"{base}.{alias.name}" for alias in node.names)


def unit(path: Path, root: Path) -> str:
    """The file or folder of `grader` that a file belongs to."""
    return path.relative_to(root / "grader").with_suffix("").parts[0]


def wrong_import(path: Path, name: str, root: Path) -> str | None:
    """Why a file must not import this name, or None."""
    first, _, rest = name.partition(".")
    parts = path.relative_to(root).with_suffix("").parts
    if name.startswith("."):
        return "write absolute imports"
    if first in FRAMEWORKS and not DOORS[first] & set(parts):
        return f"{first} is imported in {' or '.join(DOORS[first])} alone"
    if parts[0] in ("reference", "solutions") and first == "grader" and rest and not rest.startswith("given"):
        return f"{parts[0]} may import grader.given at most"
    if parts[0] != "grader":
        return None
    here = unit(path, root)
    if first == "grader":
        there = rest.partition(".")[0]
        known = there in ALLOWED
        if known and there != here and there not in ALLOWED.get(here, set()):
            return f"{here} may not import {there}"
        return None
    allowed = sys.stdlib_module_names | {"numpy"} | FRAMEWORKS | THIRD_PARTY.get(here, set())
    return None if first in allowed else f"{here} may not import {first}"


def violations(root: Path, paths: list[Path]) -> list[str]:
    """Every import that breaks a rule, and every unit of `grader` that no rule knows."""
    found = []
    for path in paths:
        if path.suffix != ".py":
            continue
        name = path.relative_to(root).as_posix()
        if name.startswith("grader/") and unit(path, root) not in ALLOWED:
            found.append(f"{name}: no rule says what it may import")
        reasons = {wrong_import(path, imported, root) for imported in imports(path)} - {None}
        found += [f"{name}: {reason}" for reason in sorted(str(reason) for reason in reasons)]
    return found


def test_imports_point_inward():
    assert violations(ROOT, sources(ROOT)) == []


@pytest.mark.parametrize(
    ("name", "source", "reason"),
    [
        ("grader/checks/shape.py", "import torch", "torch is imported in on_torch alone"),
        (
            "grader/probes/a2/on_keras.py",
            "def probe():\n    import torchvision",
            "torchvision is imported in on_torch alone",
        ),
        ("grader/oracle/nets.py", "from grader import checks", "oracle may not import checks"),
        ("grader/process.py", "import grader.worker", "process may not import worker"),
        ("grader/worker.py", "from grader.specs import a2", "worker may not import specs"),
        ("grader/result.py", "import scipy", "result may not import scipy"),
        ("grader/run.py", "import nbgrader", "run may not import nbgrader"),
        ("grader/probes/a2/on_torch.py", "from reference.on_torch import resnet", "probes may not import reference"),
        ("grader/probes/a2/on_torch.py", "from . import helpers", "write absolute imports"),
        ("grader/tricks.py", "", "no rule says what it may import"),
        ("reference/on_torch/net.py", "from grader.oracle import nets", "reference may import grader.given at most"),
        ("tests/test_net.py", "import keras", "keras is imported in on_keras alone"),
    ],
)
def test_a_wrong_import_is_found(tmp_path, name, source, reason):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(source)
    assert violations(tmp_path, [path]) == [f"{name}: {reason}"]


def loaded(code: str) -> set[str]:
    """Which framework or shell a fresh interpreter has loaded after running `code`."""
    ask = f"{code}\nimport sys\nprint(*({FRAMEWORKS | SHELLS!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_importing_the_grader_loads_no_framework_and_no_shell():
    assert loaded("import grader; grader.grading") == set()
    assert loaded("import grader.run, grader.specs; grader.specs.assignments()") == set()


def test_a_loaded_shell_is_noticed():
    assert "pytest" in loaded("import grader, pytest")


def test_files_are_short_or_say_why_not():
    python = [path for path in sources(ROOT) if path.suffix == ".py"]
    long = {p.relative_to(ROOT).as_posix() for p in python if len(p.read_text(encoding="utf-8").splitlines()) > 200}
    unexplained = sorted(name for name in long if not name.startswith(tuple(LONG_FILES)))
    assert unexplained == [], "split the file, or give the reason in LONG_FILES"
    needless = [place for place in LONG_FILES if not any(name.startswith(place) for name in long)]
    assert needless == [], "remove reasons that are no longer needed"


def machine_paths(paths: list[Path]) -> list[str]:
    """Where a file names a folder of the machine that it was written on."""
    found = []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # pictures and arrays
        found += [f"{path.name}: {match.group()}" for match in MACHINE_PATH.finditer(text)]
    return found


def test_no_file_names_a_folder_of_this_machine():
    assert machine_paths(sources(ROOT)) == []


def test_a_machine_path_is_found(tmp_path):
    path = tmp_path / "notes.md"
    path.write_text("run " + "/".join(["", "home", "me", "grade.sh"]))
    assert machine_paths([path]) == ["notes.md: " + "/".join(["", "home", "m"])]

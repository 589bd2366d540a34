"""`make versions`: grade the solutions and the honest variants with the oldest frameworks, and write docs/versions.md.

Each gets an environment of its own in build/versions, some gigabytes of downloads, and is measured once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from grader import specs
from tests.bank.grading import grade
from tests.bank.judging import VARIANTS, existing
from tests.bank.report.trials import PUBLIC, graded
from tests.submissions import ROOT

BESIDE = ("pytest", "ipython", "matplotlib", "pillow", "scikit-learn")
OLDEST = {"torch": ("torch==2.5.1", "torchvision==0.20.1"), "keras": ("keras==3.10.0", "tensorflow==2.19.1")}
TOLD = {"torch": ("torch", "numpy"), "keras": ("keras", "tensorflow", "numpy")}
HEAD = """# Other versions of the frameworks

Written by `make versions` (`python -m tests.versions`): the solutions, and the honest variants of the bank, graded
under the public seed with the oldest versions that are supported. Everything else in these documents was measured with
those in `constraints.txt`.

| Python | framework | solutions | honest variants at full marks |
|---|---|---|---|
"""


def main() -> None:
    """Make what is missing of the environments, measure what is missing in them, and write the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.versions", description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="the Python of the older environments")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "versions")
    parser.add_argument("--here", help=argparse.SUPPRESS)  # the process of one environment
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measured(options.here)))
        return
    rows = [
        _row(options.folder / packages[0], framework, packages, options.python)
        for framework, packages in OLDEST.items()
    ]
    lost = [f"- {text}\n" for row in rows for text in row["lost"]]
    text = HEAD + "".join(map(_line, rows)) + "\nWhat lost points, and why:\n\n" * bool(lost) + "".join(lost)
    (ROOT / "docs" / "versions.md").write_text(text, encoding="utf-8")


def measured(framework: str) -> dict[str, Any]:
    """What the solutions and the honest variants earn in this process, and what the environment is."""
    names = ", ".join(f"{name} {version(name)}" for name in TOLD[framework])
    points, lost = 0.0, []
    for assignment in specs.assignments():
        source = (ROOT / "solutions" / assignment.name / f"on_{framework}.py").read_text(encoding="utf-8")
        points += grade(source, framework, [question.name for question in assignment.questions]).points
    variants = existing(VARIANTS, framework)
    for entry in variants:
        report = graded(entry, framework, PUBLIC)
        complaint = next((found.first_complaint for found in report.questions if found.first_complaint), None)
        if complaint or report.points < report.max_points:
            lost.append(f"`{entry.name}` with {names}: {complaint.got if complaint else 'no complaint'}")
        print(f"{framework} {entry.name}: {report.points:g} of {report.max_points:g}", file=sys.stderr, flush=True)
    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python, "names": names, "points": points, "variants": len(variants), "lost": lost}


def _row(place: Path, framework: str, packages: tuple[str, ...], python: str) -> dict[str, Any]:
    """What was measured with some packages, in an environment of their own."""
    result = place.with_name(f"{place.name}.json")
    if not result.exists():
        here = _environment(place, packages, python)
        print(f"measuring {' '.join(packages)}", flush=True)
        command = [here, "-m", "tests.versions", "--here", framework]
        quiet = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}
        done = subprocess.run(command, cwd=ROOT, env=os.environ | quiet, check=True, stdout=subprocess.PIPE, text=True)
        result.parent.mkdir(parents=True, exist_ok=True)
        result.write_text(done.stdout.splitlines()[-1], encoding="utf-8")
    row: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return row


def _environment(place: Path, packages: tuple[str, ...], python: str) -> Path:
    """The Python of an environment that holds the packages."""
    inside = place / "bin" / "python"
    if not inside.exists():
        print(f"installing {' '.join(packages)}", flush=True)
        subprocess.run([python, "-m", "venv", place], check=True)
        subprocess.run([inside, "-m", "pip", "install", "--quiet", *packages, *BESIDE], check=True)
    return inside


def _line(row: dict[str, Any]) -> str:
    most = sum(assignment.points for assignment in specs.assignments())
    variants = f"{row['variants'] - len(row['lost'])} of {row['variants']}"
    return f"| {row['python']} | {row['names']} | {row['points']:g} of {most:g} points | {variants} |\n"


if __name__ == "__main__":
    main()

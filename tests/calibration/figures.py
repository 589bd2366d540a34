"""The measured figures on disk: one line a trial, appended as it ends, so that a run can be interrupted and resumed."""

from __future__ import annotations

import csv
from pathlib import Path

FOLDER = Path(__file__).parent / "figures"
HEADER = ["recipe", "seed", "value", "seconds"]
Figures = dict[str, dict[int, float]]  # recipe -> seed -> value


def path(assignment: str, framework: str) -> Path:
    """The file of an assignment in one framework."""
    return FOLDER / f"{assignment}_{framework}.csv"


def read(assignment: str, framework: str) -> Figures:
    """What has been measured so far; a last line that a kill cut short is left out."""
    found: Figures = {}
    file = path(assignment, framework)
    if file.exists():
        with file.open(newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                if row["seconds"]:
                    found.setdefault(row["recipe"], {})[int(row["seed"])] = float(row["value"])
    return found


def append(assignment: str, framework: str, recipe: str, seed: int, value: float, seconds: float) -> None:
    """Add one trial."""
    file = path(assignment, framework)
    file.parent.mkdir(exist_ok=True)
    fresh = not file.exists()
    if not fresh and not file.read_bytes().endswith(b"\n"):  # a line that a kill cut short
        kept, _, _ = file.read_bytes().rpartition(b"\n")
        file.write_bytes(kept + b"\n")
    with file.open("a", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        if fresh:
            writer.writerow(HEADER)
        writer.writerow([recipe, seed, f"{value:.4f}", f"{seconds:.1f}"])

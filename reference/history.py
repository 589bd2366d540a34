"""What a run did, epoch by epoch: rows, their CSV, and the learning curves."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from reference import checkpoints


@dataclass(frozen=True)
class Epoch:
    """One row; losses are means per example, accuracies shares of right answers, the rate that of the last step."""

    epoch: int
    step: int  # steps since the start of the run, this epoch's included
    learning_rate: float
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float
    images_per_second: float


def best(rows: Sequence[Epoch]) -> Epoch | None:
    """The first epoch of the highest validation accuracy; None when no epoch has one that is a number."""
    known = [row for row in rows if row.val_accuracy == row.val_accuracy]
    return max(known, key=lambda row: row.val_accuracy, default=None)


def as_csv(rows: Sequence[Epoch]) -> str:
    """The rows under a line with their names."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Epoch)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    return text.getvalue()


def read_csv(path: Path) -> list[Epoch]:
    """The rows of a file that `as_csv` made."""
    kinds = {"epoch": int, "step": int}
    with path.open(newline="") as file:
        return [
            Epoch(**{name: kinds.get(name, float)(value) for name, value in row.items()})
            for row in csv.DictReader(file)
        ]


def write(folder: Path, rows: Sequence[Epoch], title: str) -> None:
    """`history.csv` and `curves.png`, atomically."""
    from reference import pictures  # here, since matplotlib takes a second to import

    checkpoints.replace(folder / "history.csv", as_csv(rows).encode())
    checkpoints.replace(folder / "curves.png", pictures.as_png(pictures.learning_curves(rows, title)))

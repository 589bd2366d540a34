"""What stands beside a checkpoint: what the net is, how it was made, how good it is, and how to use it."""

from __future__ import annotations

import platform
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from reference import data
from reference.history import Epoch

if TYPE_CHECKING:
    from reference.runs import Job


def card(path: Path, job: Job, row: Epoch, words: str, parameters: int, test: tuple[float, float] | None) -> str:
    """The card of the checkpoint at `path`, which holds the weights after the epoch of this row (Markdown)."""
    recipe = job.recipe
    if recipe.patience is not None:
        schedule = f"divided by 10 after {recipe.patience} epochs without a lower validation loss"
    else:
        steps = " and ".join(f"{part * job.total:,.0f}" for part in recipe.milestones)
        schedule = f"divided by 10 at step {steps}" if steps else "constant"
    tested = f"| test | {test[0]:.4f} | {test[1]:.1%} |\n" if test else ""
    preparation = job.data.preparation
    return f"""# {job.title}

- File: `{path.name}`, weights after epoch {row.epoch} (step {row.step:,} of {job.total:,}); {parameters:,} parameters
- Data: {data.describe(job.data)}
- Classes: {", ".join(job.data.names)}
- Input: uint8 RGB / 255, minus {list(preparation.mean)}, over {list(preparation.deviation)}{
        ", then blue first" if preparation.bgr else ""
    }
- Output: logits
- Recipe: {recipe.name}: SGD, learning rate {recipe.learning_rate:g}, {schedule}; momentum {recipe.momentum:g}, weight \
decay {recipe.weight_decay:g}, batches of {recipe.batch_size}{", padded crops and flips" if recipe.augment else ""}\
{f", the first {recipe.warmup} steps at a tenth" if recipe.warmup else ""}
- Seed: {job.seed}
- Made by: `{job.command}` with {words}, Python {platform.python_version()}, {date.today().isoformat()}

| split | loss | accuracy |
|---|---|---|
| training, while it learnt | {row.loss:.4f} | {row.accuracy:.1%} |
| validation | {row.val_loss:.4f} | {row.val_accuracy:.1%} |
{tested}
The validation chose the epoch, so its accuracy flatters. Trained for a course, on one data set: no claim is made for
images of another kind.

Measure it again: `python -m reference evaluate {path}`
"""

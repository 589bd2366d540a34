"""The pictures of the reference, drawn into files: no screen is needed."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reference.history import Epoch, best

BLUE, ORANGE, GREY = "#1f6fb4", "#d9660a", "#7f7f7f"
COLOURS = {"plain": ORANGE, "residual": BLUE}
WIDE = 50.0  # from this ratio of losses on, their axis is logarithmic
STYLES = ("--", "-", ":", "-.", (0, (5, 1, 1, 1, 1, 1)))  # the shallowest first


def as_png(figure: Figure) -> bytes:
    """The picture as a file's content; without a date in it, so that equal pictures are equal files."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100, metadata={"Software": None})
    return buffer.getvalue()


def clean(axes: Axes, x: str, y: str) -> None:
    """Name the axes, and keep only lines that help to read."""
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#e5e5e5")
    axes.set_axisbelow(True)


def learning_curves(rows: Sequence[Epoch], title: str) -> Figure:
    """Loss and accuracy by epoch; grey lines where the learning rate fell, a dot on the epoch that was kept."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    figure.suptitle(title)
    epochs = [row.epoch for row in rows]
    kept = best(rows)
    pairs = (("loss", "loss", "val_loss"), ("accuracy", "accuracy", "val_accuracy"))
    for axes, (label, training, validation) in zip(figure.subplots(1, 2), pairs, strict=True):
        for name, colour, text in ((training, ORANGE, "training"), (validation, BLUE, "validation")):
            values = [getattr(row, name) for row in rows]
            axes.plot(epochs, values, color=colour, label=text, marker="." if len(rows) < 2 else None)
        if kept:
            axes.plot([kept.epoch], [getattr(kept, validation)], "o", color=BLUE, label="kept")
        for before, after in pairwise(rows):
            if after.learning_rate < before.learning_rate:
                axes.axvline(after.epoch - 0.5, color=GREY, linewidth=0.8, linestyle=":")
        clean(axes, "epoch", label)
        shown = [value for row in rows for value in (getattr(row, training), getattr(row, validation)) if value > 0]
        if label == "loss" and shown and max(shown) > WIDE * min(shown):
            axes.set_yscale("log")  # BatchNorm's first running statistics can make one loss dwarf all others
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.legend(frameon=False)
    return figure


def smoothed(values: Sequence[float], width: int) -> np.ndarray:
    """The mean of each value and of those before it, at most `width` of them."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - width, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)


def degradation(
    losses: Mapping[tuple[str, int], Sequence[float]], errors: Mapping[tuple[str, int], Sequence[Epoch]], title: str
) -> Figure:
    """Training loss by step, plain nets beside residual ones; below, for runs of many epochs, the validation error."""
    long = max(len(rows) for rows in errors.values()) > 10
    figure = Figure(figsize=(9, 7 if long else 3.9), layout="constrained")
    figure.suptitle(title)
    grid = figure.subplots(1 + long, 2, sharey="row", squeeze=False)
    depths = sorted({depth for _, depth in losses})
    for column, kind in enumerate(("plain", "residual")):
        for depth in depths:
            if (kind, depth) not in losses:
                continue
            line = {"color": COLOURS[kind], "linestyle": STYLES[depths.index(depth) % len(STYLES)]}
            values = losses[kind, depth]
            shown = smoothed(values, 20)
            grid[0, column].plot(shown, **line, label=f"{depth} layers: {shown[-1]:.2f}")
            if long:
                rows = errors[kind, depth]
                text = f"{depth} layers: {1 - rows[-1].val_accuracy:.1%}"
                grid[1, column].plot([r.step for r in rows], [1 - r.val_accuracy for r in rows], **line, label=text)
        clean(grid[0, column], "step", "training loss (mean of 20 steps)" if column == 0 else "")
        grid[0, column].set_title(kind)
        if long:
            clean(grid[1, column], "step", "validation error" if column == 0 else "")
        for axes in grid[:, column]:
            axes.label_outer()
            axes.legend(frameon=False)
    for axes in grid[:, 0]:
        axes.set_ylim(bottom=0)  # once all lines are drawn: it ends the search for the limits
    return figure

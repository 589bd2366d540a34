"""Draw samples of each embedded task into docs/pictures, a row for each class."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from matplotlib.figure import Figure

from grader import given
from reference import options, pictures

COLUMNS = 8
EVERY = {"source": 9}  # of so many classes one is shown; four patterns take turns in them


def add_arguments(parser: ArgumentParser) -> None:
    """What to draw, and where."""
    parser.add_argument("--output", type=Path, default=Path("docs/pictures"), help="folder of the pictures")
    parser.add_argument("--columns", type=options.positive, default=COLUMNS, help="images of a class")


def main(given_options: Namespace) -> int:
    """One picture for each task."""
    given_options.output.mkdir(parents=True, exist_ok=True)
    for task in given.TASKS:
        path = given_options.output / f"samples-{task}.png"
        path.write_bytes(pictures.as_png(draw(task, given_options.columns)))
        print(path)
    return 0


def draw(task: str, columns: int) -> Figure:
    """The first training images of each class."""
    names = given.names(task)
    # all classes come again and again, so that so many rounds hold enough of each
    images, labels, _ = given.images(task, "train", columns * len(names))
    rows = range(0, len(names), EVERY.get(task, 1))
    figure = Figure(figsize=(0.6 * columns + 1.6, 0.62 * len(rows) + 0.1), layout="constrained")
    grid = figure.subplots(len(rows), columns, squeeze=False)
    for cells, label in zip(grid, rows, strict=True):
        for axes, image in zip(cells, images[labels == label], strict=True):
            axes.imshow(image, interpolation="nearest")
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
        cells[0].set_ylabel(names[label], rotation=0, ha="right", va="center", fontsize=9)
    return figure

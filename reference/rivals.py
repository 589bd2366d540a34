"""ResNets and their rivals: the course's two figures, top-1 against operations and accuracy per parameter.

After Canziani, Paszke, Culurciello, "An Analysis of Deep Neural Network Models for Practical Applications", 2016,
arXiv:1605.07678, with today's nets.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from math import pi

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from reference.pictures import BLUE, GREY, ORANGE, clean

FAMILY = re.compile(r"(?:wide_)?[a-z]+")
RECIPES = (
    ("IMAGENET1K_V1", BLUE, "ResNets, the paper's recipe"),
    ("IMAGENET1K_V2", ORANGE, "ResNets, a recipe of 2021"),
)
# of a name beside its disc: direction, and the side of the text that lies there
PLACES = ((0, -1, "center", "top"), (0, 1, "center", "bottom"), (1, 0, "left", "center"), (-1, 0, "right", "center"))
AREA = 3.5  # of a disc, in points squared per million parameters


@dataclass(frozen=True)
class Net:
    """A set of weights; `operations` are billions of multiply-adds for one image of `pixels` x `pixels`, top1 in %."""

    name: str
    weights: str
    parameters: int
    operations: float
    top1: float
    pixels: int

    @property
    def density(self) -> float:
        """Percentage points of top-1 per million parameters."""
        return self.top1 / (self.parameters / 1e6)

    @property
    def resnet(self) -> bool:
        """Whether it is one of the five of the paper's Table 1."""
        return re.fullmatch(r"resnet\d+", self.name) is not None

    @property
    def family(self) -> str:
        """The name without its size: `resnet`, `wide_resnet`, `vgg`."""
        return FAMILY.match(self.name)[0]


def as_csv(nets: Sequence[Net]) -> str:
    """The rows under a line with their names."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*(field.name for field in fields(Net)), "top1_per_million"])
    writer.writerows([*asdict(net).values(), f"{net.density:.3f}"] for net in nets)
    return text.getvalue()


def best_of_each(nets: Sequence[Net]) -> list[Net]:
    """Of each net the weights with the highest top-1."""
    chosen: dict[str, Net] = {}
    for net in nets:
        if net.name not in chosen or net.top1 > chosen[net.name].top1:
            chosen[net.name] = net
    return list(chosen.values())


def operations(nets: Sequence[Net], source: str) -> Figure:
    """Top-1 against operations; the area of a disc is the number of parameters."""
    figure = Figure(figsize=(10, 6.5), layout="constrained")
    FigureCanvasAgg(figure)  # one that can measure text
    axes = figure.subplots()
    axes.set_xscale("log")
    rivals = [net for net in best_of_each(nets) if not net.resnet]
    scatter(axes, rivals, GREY, "rivals, their best weights")
    labels: list[tuple[Net, str, float]] = []
    resnets = sorted((net for net in nets if net.resnet), key=lambda net: net.operations)
    for weights, colour, label in RECIPES:
        own = [net for net in resnets if net.weights == weights]
        axes.plot([net.operations for net in own], [net.top1 for net in own], color=colour, linewidth=1)
        scatter(axes, own, colour, label)
        labels += [(net, colour, 8.5) for net in own]
    for family in sorted({net.family for net in rivals}):
        own = [net for net in rivals if net.family == family]
        ends = {pick(own, key=lambda net: net.top1) for pick in (max, min)}
        labels += [(net, "#606060", 7.5) for net in sorted(ends, key=lambda net: -net.top1)]
    axes.set_xticks([0.1, 0.3, 1, 3, 10, 30], ["0.1", "0.3", "1", "3", "10", "30"])
    axes.minorticks_off()
    axes.set_ylim(53, 88)
    axes.set_xlim(0.025, 90)
    clean(axes, "billions of multiply-adds for one image (logarithmic)", "top-1 accuracy on ImageNet, one crop (%)")
    for handle in axes.legend(frameon=False, loc="lower right").legend_handles:
        handle.set_sizes([60])
    axes.set_title(f"Top-1 against operations; areas are parameters ({source})")
    annotate(figure, axes, labels)
    return figure


def annotate(figure: Figure, axes: Axes, labels: Sequence[tuple[Net, str, float]]) -> None:
    """Write each name below, above, right or left of its disc, where it covers no other; else leave it out."""
    figure.canvas.draw()  # places exist only once something was drawn
    renderer = figure.canvas.get_renderer()
    taken: list[Bbox] = []
    for net, colour, size in labels:
        away = 4 + (AREA * net.parameters / 1e6 / pi) ** 0.5  # the radius of the disc, and a little
        for dx, dy, ha, va in PLACES:
            how = {"ha": ha, "va": va, "color": colour, "fontsize": size}
            point, offset = (net.operations, net.top1), (dx * away, dy * away)
            text = axes.annotate(net.name, point, offset, textcoords="offset points", **how)
            box = text.get_window_extent(renderer)
            if not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            text.remove()


def scatter(axes: Axes, nets: Sequence[Net], colour: str, label: str) -> None:
    """Discs whose area is the number of parameters."""
    sizes = [AREA * net.parameters / 1e6 for net in nets]
    x, y = [net.operations for net in nets], [net.top1 for net in nets]
    axes.scatter(x, y, sizes, color=colour, alpha=0.45, linewidths=0, label=label)


def density(nets: Sequence[Net], source: str) -> Figure:
    """Percentage points of top-1 per million parameters, the best weights of each net."""
    ordered = sorted(best_of_each(nets), key=lambda net: net.density)
    figure = Figure(figsize=(8, 0.165 * len(ordered) + 1), layout="constrained")
    axes = figure.subplots()
    colours = [BLUE if net.resnet else "#b9b9b9" for net in ordered]
    bars = axes.barh([net.name for net in ordered], [net.density for net in ordered], color=colours, height=0.75)
    axes.bar_label(bars, [f"{net.density:.2f}   {net.top1:.1f} %" for net in ordered], padding=3, fontsize=7)
    clean(axes, "percentage points of top-1 per million parameters (beside it: top-1)", "")
    axes.tick_params("y", labelsize=7.5)
    axes.set_ylim(-0.7, len(ordered) - 0.3)
    axes.margins(x=0.14)
    axes.set_title(f"Accuracy per parameter; blue: ResNets ({source})")
    return figure

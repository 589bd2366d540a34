"""The nets of He et al. 2015 (arXiv 1512.03385): blocks, ImageNet nets (Table 1), CIFAR nets (section 4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.oracle.graph import IMAGES, Graph, Node

STAGES = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
EPSILON = 1e-5


@dataclass(frozen=True)
class Style:
    """The legal choices that decide which tensors a net has; smaller ones are read from the trace."""

    option_a: bool = False  # shortcuts that change shape: subsample and pad with zeros instead of a projection
    zeros: str = "after"  # where option A puts the missing channels: before, after, both


class Builder:
    """Grows a graph from the images on; `last` is the newest node and `channels` its width."""

    def __init__(self, channels: int, style: Style | None = None) -> None:
        self.nodes: list[Node] = []
        self.last = IMAGES
        self.channels = channels
        self.style = style or Style()

    def add(self, name: str, operation: str, *inputs: str, **attributes: Any) -> str:
        """Append an operation without tensors, fed by `inputs` or by the newest node."""
        self.nodes.append(Node(name, operation, inputs or (self.last,), attributes))
        self.last = name
        return name

    def convolution(self, name: str, channels: int, kernel: int, stride: int = 1) -> None:
        """Append a convolution with kernel // 2 zeros on every side, without bias."""
        side = (kernel // 2, kernel // 2)
        shape = (channels, self.channels, kernel, kernel)
        attributes = {"stride": stride, "padding": (side, side)}
        self.nodes.append(Node(name, "convolution", (self.last,), attributes, {"kernel": shape}))
        self.last, self.channels = name, channels

    def norm(self, name: str) -> None:
        """Append a BatchNorm."""
        roles = dict.fromkeys(("scale", "shift", "mean", "variance"), (self.channels,))
        self.nodes.append(Node(name, "norm", (self.last,), {"epsilon": EPSILON}, roles))
        self.last = name

    def dense(self, name: str, outputs: int) -> None:
        """Append a dense layer with bias."""
        tensors = {"kernel": (outputs, self.channels), "bias": (outputs,)}
        self.nodes.append(Node(name, "dense", (self.last,), {}, tensors))
        self.last, self.channels = name, outputs

    def stem(self, channels: int, kernel: int, stride: int) -> None:
        """Append convolution, BatchNorm and ReLU."""
        self.convolution("stem.conv", channels, kernel, stride)
        self.norm("stem.norm")
        self.add("stem.relu", "relu")

    def block(self, prefix: str, layers: Sequence[tuple[int, int, int]], *, skip: bool = True) -> None:
        """Append a block of (kernel, channels, stride) layers, with a shortcut unless `skip` is false."""
        entrance, width = self.last, self.channels
        for number, (kernel, channels, stride) in enumerate(layers, 1):
            self.convolution(f"{prefix}conv{number}", channels, kernel, stride)
            self.norm(f"{prefix}norm{number}")
            if number < len(layers):
                self.add(f"{prefix}relu{number}", "relu")
        if skip:
            main, channels, stride = self.last, self.channels, max(stride for _, _, stride in layers)
            self.last, self.channels = entrance, width
            self.shortcut(prefix, channels, stride)
            self.add(f"{prefix}add", "add", main, self.last)
        self.add(f"{prefix}relu", "relu")

    def shortcut(self, prefix: str, channels: int, stride: int) -> None:
        """Append what the shortcut needs: nothing, a projection with BatchNorm, or option A."""
        if stride == 1 and channels == self.channels:
            return
        if self.style.option_a:
            missing = channels - self.channels
            before = {"before": missing, "after": 0, "both": missing // 2}[self.style.zeros]
            self.add(f"{prefix}shortcut", "subsample", stride=stride, before=before, after=missing - before)
            self.channels = channels
        else:
            self.convolution(f"{prefix}projection", channels, 1, stride)
            self.norm(f"{prefix}projection_norm")

    def graph(self) -> Graph:
        """The finished graph."""
        return Graph(tuple(self.nodes))


def basic_layers(channels: int, stride: int) -> list[tuple[int, int, int]]:
    """Two 3x3 convolutions, the stride on the first."""
    return [(3, channels, stride), (3, channels, 1)]


def bottleneck_layers(channels: int, stride: int) -> list[tuple[int, int, int]]:
    """1x1, 3x3, 1x1 to four times the channels; here with the stride on the 3x3."""
    return [(1, channels, 1), (3, channels, stride), (1, 4 * channels, 1)]


def blocks(kind: str, in_channels: int, steps: Sequence[tuple[int, int]], style: Style | None = None) -> Graph:
    """A chain of blocks of one kind (`basic_block` or `bottleneck`), a (channels, stride) for each."""
    builder = Builder(in_channels, style)
    layers = {"basic_block": basic_layers, "bottleneck": bottleneck_layers}[kind]
    for number, (channels, stride) in enumerate(steps, 1):
        prefix = "" if len(steps) == 1 else f"block{number}."
        builder.block(prefix, layers(channels, stride))
    return builder.graph()


def layers(in_channels: int, steps: Sequence[tuple[int, int]]) -> Graph:
    """A chain of 3x3 convolution, BatchNorm and ReLU, a (channels, stride) for each."""
    builder = Builder(in_channels)
    for number, (channels, stride) in enumerate(steps, 1):
        prefix = "" if len(steps) == 1 else f"block{number}."
        builder.convolution(f"{prefix}conv", channels, 3, stride)
        builder.norm(f"{prefix}norm")
        builder.add(f"{prefix}relu", "relu")
    return builder.graph()


def resnet(depth: int, num_classes: int, style: Style | None = None, *, stages: Sequence[int] | None = None) -> Graph:
    """ResNet-18, 34 (basic blocks), 50, 101 or 152 (bottlenecks), up to the logits."""
    builder = Builder(3, style)
    layers = basic_layers if depth < 50 else bottleneck_layers
    builder.stem(64, 7, 2)
    builder.add("stem.pool", "max_pool", size=3, stride=2, padding=((1, 1), (1, 1)))
    for stage, count in enumerate(stages or STAGES[depth], 1):
        for block in range(1, count + 1):
            stride = 2 if stage > 1 and block == 1 else 1
            builder.block(f"stage{stage}.block{block}.", layers(64 * 2 ** (stage - 1), stride))
    builder.add("pool", "mean")
    builder.dense("dense", num_classes)
    return builder.graph()


def cifar(
    depth: int, num_classes: int, style: Style | None = None, *, skip: bool = True, stages: Sequence[int] | None = None
) -> Graph:
    """A CIFAR net of 6n+2 layers with 16, 32 and 64 channels, with shortcuts or, `skip` false, plain."""
    builder = Builder(3, style)
    builder.stem(16, 3, 1)
    for stage, count in enumerate(stages or ((depth - 2) // 6,) * 3, 1):
        for block in range(1, count + 1):
            stride = 2 if stage > 1 and block == 1 else 1
            builder.block(f"stage{stage}.block{block}.", basic_layers(16 * 2 ** (stage - 1), stride), skip=skip)
    builder.add("pool", "mean")
    builder.dense("dense", num_classes)
    return builder.graph()


def right_graphs(kind: str, case: dict[str, Any]) -> list[Graph]:
    """The graphs that are right for a case, one for each style that decides which tensors there are."""
    if kind == "conv_bn_relu":
        return [layers(case["in_channels"], case["steps"])]
    if kind in ("basic_block", "bottleneck"):
        return [blocks(kind, case["in_channels"], [(width, stride) for width, stride in case["steps"]])]
    depth, classes = case["depth"], case["num_classes"]
    if kind == "resnet":
        return [resnet(depth, classes)]
    if kind == "cifar_plain":
        return [cifar(depth, classes, skip=False)]
    option_a = [Style(option_a=True, zeros=zeros) for zeros in ("after", "before", "both")]
    return [cifar(depth, classes, style) for style in (Style(), *option_a)]

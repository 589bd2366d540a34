"""Small nets as data, with all that a function which looks into a model may trip over.

A net is a list of nodes in order of execution. A node has a dotted `name`, a `kind`, its `inputs` (names of nodes, or
"input"), its `tensors` as role -> [index, shape, gain] for `grader.fill`, a `rank` (registration goes by rank, unlike
execution), and what its kind needs. Probes build models from it, judges compute with it; neither needs the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

Node: TypeAlias = dict[str, Any]
EPSILON = 1e-3
INPUT = "input"


class Builder:
    """Collects nodes, chains them, and numbers their tensors."""

    def __init__(self, generator: np.random.Generator, channels: int) -> None:
        self.nodes: list[Node] = []
        self._generator = generator
        self._last, self._width, self._tensors = INPUT, channels, 0

    def convolution(
        self, name: str, width: int, kernel: tuple[int, int], *, stride: int = 1, groups: int = 1, bias: bool = False,
        padding: str = "same", depthwise: bool = False, source: tuple[str, int] | None = None,
    ) -> None:  # fmt: skip
        """A convolution; `depthwise` has as many groups as channels, and a layer of its own in Keras.

        Where a node has an `activation`, the layer ends with a ReLU of its own in Keras, which has such layers.
        """
        place, inputs = source or (self._last, self._width)
        groups = inputs if depthwise else groups
        shapes: dict[str, list[int]] = {"kernel": [width, inputs // groups, *kernel]}
        if bias:
            shapes["bias"] = [width]
        self._add(name, "convolution", [place], shapes, in_channels=inputs, channels=width, kernel=list(kernel),
                  stride=stride, groups=groups, padding=padding, depthwise=depthwise)  # fmt: skip
        self._width = width

    def norm(self, name: str, *, scale: bool = True) -> None:
        """BatchNorm; without a scale where the framework has such a thing, elsewhere with one that is 1."""
        roles = ("scale", "shift", "mean", "variance")[not scale :]
        self._add(name, "norm", [self._last], {role: [self._width] for role in roles}, channels=self._width)

    def relu(self, name: str) -> None:
        """A ReLU that works in place where the framework has such a thing."""
        self._add(name, "relu", [self._last], {})

    def slope(self, name: str) -> None:
        """A PReLU with a slope per channel: parameters, and no multiply-adds that count."""
        self._add(name, "prelu", [self._last], {"slope": [self._width]}, channels=self._width)

    def plain(self, name: str, kind: str) -> None:
        """A layer without parameters: `max_pool` (2x2), `mean` (global average), `flatten`, `dropout`."""
        self._add(name, kind, [self._last], {})

    def add(self, name: str, other: str) -> None:
        """The sum of the last map, in place, and another."""
        self._add(name, "add", [self._last, other], {})

    def dense(self, name: str, width: int, *, bias: bool) -> None:
        """A dense layer."""
        shapes = {"kernel": [width, self._width]} | ({"bias": [width]} if bias else {})
        self._add(name, "dense", [self._last], shapes, in_features=self._width, features=width)
        self._width = width

    def register_between(self, name: str, *parts: str) -> None:
        """Register a node between two parts: neither the first nor the last of the names that end so is its own."""
        ranks = [min(node["rank"] for node in self.nodes if node["name"].startswith(f"{part}.")) for part in parts]
        next(node for node in self.nodes if node["name"] == name)["rank"] = sum(ranks) / len(ranks)

    def here(self) -> tuple[str, int]:
        """The last node's name and channels."""
        return self._last, self._width

    def _add(self, name: str, kind: str, inputs: list[str], shapes: dict[str, list[int]], **more: Any) -> None:
        tensors = {role: [self._tensors + number, shape, 1.0] for number, (role, shape) in enumerate(shapes.items())}
        self._tensors += len(shapes)
        rank = int(self._generator.integers(1_000_000))
        self.nodes.append({"name": name, "kind": kind, "inputs": inputs, "tensors": tensors, "rank": rank, **more})
        self._last = name


def names(generator: np.random.Generator) -> list[str]:
    """Names for the parts of a net, with a digit, so that a message which uses the word doesn't name the layer."""
    return [f"{generator.choice(words)}{generator.integers(1, 10)}" for words in _NAMES]


def net(
    generator: np.random.Generator, classes: int, *, frozen: int = 0, tail: int = 0, width: int = 0,
    called: Sequence[str] = (), dropout: bool = False,
) -> list[Node]:  # fmt: skip
    """A net from images with three channels to `classes` logits; the first `frozen` layers with parameters are frozen.

    Names and the even width are drawn where they aren't given; `tail` is the number of channels of the last map where
    it matters.
    """
    width = width or 2 * int(generator.integers(3, 5))
    stem, block, end, head = called or names(generator)
    build = Builder(generator, 3)
    build.convolution(f"{stem}.conv", width, (5, 3), bias=True)
    build.norm(f"{stem}.norm")
    build.relu(f"{stem}.relu")
    start = build.here()
    build.convolution(f"{block}.conv1", 2 * width, (3, 3), groups=2)
    build.norm(f"{block}.norm1")
    build.relu(f"{block}.act1")
    build.convolution(f"{block}.conv2", 4 * width, (3, 5), stride=2, depthwise=True)
    build.nodes[-1]["activation"] = True
    build.norm(f"{block}.norm2")
    path = build.here()
    build.convolution(f"{block}.shortcut", 4 * width, (1, 1), stride=2, bias=True, source=start)
    build.add(f"{block}.add", path[0])
    build.relu("act1")
    build.plain("pool1", "max_pool")
    build.convolution(f"{end}.conv", tail or width + 1, (2, 2), padding="valid")
    build.slope(f"{end}.act1")
    build.plain("gap1", "mean")
    build.plain("flat1", "flatten")
    if dropout:
        build.plain("drop1", "dropout")
    build.dense(f"{head}a", 8, bias=False)
    build.dense(f"{head}b", classes, bias=True)
    build.register_between("act1", block, end)
    for node in [node for node in build.nodes if node["tensors"]][:frozen]:
        node["frozen"] = True
    return build.nodes


def chain(generator: np.random.Generator, classes: int) -> list[Node]:
    """A net without branches, whose first BatchNorm has no scale."""
    stem, block, end, head = names(generator)
    build = Builder(generator, 3)
    build.convolution(f"{stem}.conv", 6, (3, 5), bias=True)
    build.norm(f"{stem}.norm", scale=False)
    build.relu(f"{stem}.relu")
    build.convolution(f"{block}.conv1", 10, (3, 3), stride=2)
    build.norm(f"{block}.norm1")
    build.relu(f"{end}.relu")
    build.plain("gap1", "mean")
    build.plain("flat1", "flatten")
    build.dense(f"{head}a", classes, bias=True)
    return build.nodes


# The names sort in another way than the layers run.
_NAMES = (
    ("stem", "zero", "root"),
    ("stage", "unit", "block"),
    ("closing", "after", "last_map"),
    ("fc", "dense", "linear"),
)


def framework_name(name: str, framework: str) -> str:
    """The name of a layer in a framework: Keras models are flat."""
    return name if framework == "torch" else name.replace(".", "_")


def layers(net: list[Node], framework: str) -> list[str]:
    """The names of all layers, in PyTorch of the modules; an addition is a layer in Keras alone."""
    names = [node["name"] for node in net if framework == "keras" or node["kind"] != "add"]
    if framework == "torch":
        names += list(dict.fromkeys(name.rpartition(".")[0] for name in names if "." in name))
    return [framework_name(name, framework) for name in names]

"""Small nets that the grader itself builds, to try a student's functions on: a graph from a description in plain data.

A description is a list of layers: `["convolution", channels, kernel]`, `["norm"]`, `["relu"]`, `["silu"]`, `["mean"]`,
`["dense", outputs]` and `["dropout"]`, which the graph leaves out: it does nothing in evaluation mode. Layers are named
by kind and number, from 1: `convolution1`, `norm1`, `dense2`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.oracle.graph import Graph
from grader.oracle.nets import Builder

Description = Sequence[Sequence[Any]]


def described(layers: Description, in_channels: int = 3) -> Graph:
    """The graph of a description; convolutions have no bias, dense layers have one."""
    builder, numbers = Builder(in_channels), Counter[str]()
    for kind, *sizes in layers:
        numbers[kind] += 1
        name = f"{kind}{numbers[kind]}"
        if kind == "convolution":
            builder.convolution(name, *sizes)
        elif kind == "norm":
            builder.norm(name)
        elif kind == "dense":
            builder.dense(name, *sizes)
        elif kind != "dropout":
            builder.add(name, kind)
    return builder.graph()


def values(graph: Graph, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Tensors float32 by slot: kernels of He's size, scales and variances around 1, the rest around 0."""
    found = {}
    for slot, shape in graph.slots().items():
        role = slot.partition("/")[2]
        if role == "kernel":
            tensor = generator.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))
        elif role in ("scale", "variance"):
            tensor = generator.uniform(0.5, 1.5, shape)
        else:
            tensor = generator.uniform(-0.5, 0.5, shape)
        found[slot] = tensor.astype(np.float32)
    return found

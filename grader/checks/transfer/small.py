"""The small backbones that models are made from: their graphs, and the tensors that the request hands over."""

from __future__ import annotations

from typing import Any

from grader.oracle.graph import Graph
from grader.oracle.nets import Builder, basic_layers

HEAD = ("fc/kernel", "fc/bias")  # the old dense layer of the backbone, behind the graph's own slots; PyTorch alone


def backbone(case: dict[str, Any]) -> Graph:
    """The graph of a case's backbone, up to the pooled features `n d`."""
    builder = Builder(3)
    builder.stem(case["width"], case["stem"], 2 if case["pooled"] else 1)
    if case["pooled"]:
        builder.add("stem.pool", "max_pool", size=3, stride=2, padding=((1, 1), (1, 1)))
    for stage in range(1, case["depth"] + 1):
        for block in range(1, case["blocks"][stage - 1] + 1):
            channels, stride = case["width"] * 2 ** (stage - 1), 1 if stage == 1 or block > 1 else 2
            layers = basic_layers(channels, stride)
            if case["bottleneck"]:
                layers = [(1, channels, 1), (3, channels, stride), (1, channels, 1)]
            builder.block(f"stage{stage}.block{block}.", layers)
    builder.add("pool", "mean")
    return builder.graph()


def slots(case: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """The shapes of all tensors of a case's backbone, in the order in which the request hands them over."""
    features = case["width"] * 2 ** (case["depth"] - 1)
    head = {HEAD[0]: (case["source_classes"], features), HEAD[1]: (case["source_classes"],)}
    return {**backbone(case).slots(), **head}


def stage_of(slot: str) -> int:
    """The stage of a slot: 0 for the stem, -1 for the old head."""
    if slot in HEAD:
        return -1
    return int(slot[5 : slot.index(".")]) if slot.startswith("stage") else 0

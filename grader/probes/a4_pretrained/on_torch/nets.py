"""The small nets as PyTorch modules: nested as their names say, registered in another order than they run."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from grader.probes.a4_pretrained import values

EPSILON = 1e-3


class Net(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """A net of nodes; those whose names share a beginning with a dot are a module of their own inside."""

    def __init__(self, nodes: list[dict[str, Any]], seed: int, prefix: str = "") -> None:
        super().__init__()
        self._steps: list[tuple[str, list[str], str]] = []  # child, names of its inputs, name of its output
        children: list[tuple[int, str, nn.Module]] = []
        for child, inside in _grouped(nodes, prefix):
            last = inside[-1]
            if len(inside) == 1 and last["name"] == prefix + child:
                made = _layer(last, seed)
                self._steps.append((child, last["inputs"], last["name"]))
            else:
                made = Net(inside, seed, f"{prefix}{child}.")
                self._steps.append((child, [_entrance(inside)], last["name"]))
            if made is not None:
                children.append((min(node["rank"] for node in inside), child, made))
        for _, child, made in sorted(children, key=lambda entry: entry[0]):
            self.add_module(child, made)
        self._entrance = _entrance(nodes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Images `n c h w` to what the last node gives."""
        found = {self._entrance: x}
        for child, inputs, name in self._steps:
            if child in self._modules:
                found[name] = self._modules[child](found[inputs[0]])
            else:
                found[name] = found[inputs[0]]
                found[name] += found[inputs[1]]
        return found[name]


def build(nodes: list[dict[str, Any]], seed: int) -> Net:
    """The net with its tensors filled from the seed and its frozen layers frozen, in evaluation mode."""
    model = Net(nodes, seed)
    model.eval()
    return model


def _grouped(nodes: list[dict[str, Any]], prefix: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """The nodes by the next part of their names, in order of execution."""
    found: dict[str, list[dict[str, Any]]] = {}
    for node in nodes:
        found.setdefault(node["name"][len(prefix) :].partition(".")[0], []).append(node)
    return list(found.items())


def _entrance(nodes: list[dict[str, Any]]) -> str:
    """The one thing outside that feeds these nodes."""
    inside = {node["name"] for node in nodes}
    (entrance,) = {name for node in nodes for name in node["inputs"]} - inside
    return str(entrance)


def _layer(node: dict[str, Any], seed: int) -> nn.Module | None:
    """The module of a node, None for an addition."""
    tensors = {role: torch.from_numpy(array) for role, array in values(node, seed).items()}
    match node["kind"]:
        case "add":
            return None
        case "convolution":
            made = _convolution(node)
        case "norm":
            made = nn.BatchNorm2d(node["channels"], eps=EPSILON)
        case "prelu":
            made = nn.PReLU(node["channels"])
        case "dense":
            made = nn.Linear(node["in_features"], node["features"], bias="bias" in tensors)
        case kind:
            return _PLAIN[kind]()
    with torch.no_grad():
        for role, tensor in tensors.items():
            getattr(made, _ROLES.get((node["kind"], role), "weight")).copy_(tensor)
    return made.requires_grad_(not node.get("frozen", False))


def _convolution(node: dict[str, Any]) -> nn.Conv2d:
    padding = [size // 2 if node["padding"] == "same" else 0 for size in node["kernel"]]
    return nn.Conv2d(
        node["in_channels"], node["channels"], node["kernel"], node["stride"], padding, groups=node["groups"],
        bias="bias" in node["tensors"],
    )  # fmt: skip


_PLAIN = {
    "relu": lambda: nn.ReLU(inplace=True), "max_pool": lambda: nn.MaxPool2d(2), "mean": lambda: nn.AdaptiveAvgPool2d(1),
    "flatten": lambda: nn.Flatten(), "dropout": lambda: nn.Dropout(0.5),
}  # fmt: skip
_ROLES = {
    ("convolution", "bias"): "bias", ("dense", "bias"): "bias", ("norm", "shift"): "bias",
    ("norm", "mean"): "running_mean", ("norm", "variance"): "running_var",
}  # fmt: skip

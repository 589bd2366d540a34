"""Listening to PyTorch: every operation below autograd passes through a dispatch mode, whatever its style."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from grader.probes.tracing import TraceBuilder

# Operators by the name that the reader of traces knows; all others keep their own.
NAMES = {
    "convolution": "convolution", "_convolution": "convolution", "mkldnn_convolution": "convolution",
    "native_batch_norm": "batch_norm", "_native_batch_norm_legit": "batch_norm", "cudnn_batch_norm": "batch_norm",
    "_native_batch_norm_legit_no_training": "batch_norm", "_batch_norm_with_update": "batch_norm",
    "_batch_norm_no_update": "batch_norm", "miopen_batch_norm": "batch_norm",
    "max_pool2d_with_indices": "max_pool", "avg_pool2d": "average_pool", "constant_pad_nd": "pad",
    "view": "reshape", "_unsafe_view": "reshape", "reshape": "reshape", "unsqueeze": "reshape", "squeeze": "reshape",
    "expand": "reshape", "permute": "reshape", "t": "reshape", "transpose": "reshape", "clone": "reshape",
    "alias": "reshape", "contiguous": "reshape", "_to_copy": "reshape", "detach": "stop", "lift_fresh": "reshape",
    "copy_": "assign", "addmm": "matmul", "mm": "matmul", "bmm": "matmul", "cat": "concatenate", "clamp_min": "maximum",
    "clamp": "maximum", "native_dropout": "dropout", "bernoulli": "dropout", "bernoulli_": "dropout",
    "rand_like": "dropout", "rand": "dropout", "randn_like": "noise", "randn": "noise", "normal": "noise",
    "_softmax": "softmax", "_log_softmax": "log_softmax", "hardtanh": "relu6", "threshold": "relu",
    "sum": "sum", "mean": "mean",
}  # fmt: skip


def canonical(tensor: torch.Tensor) -> tuple[int, ...]:
    """A map's shape `n h w c`; every other shape as it is."""
    shape = tuple(tensor.shape)
    return (shape[0], shape[2], shape[3], shape[1]) if len(shape) == 4 else shape


class Trace(TorchDispatchMode):  # type: ignore[misc]  # torch is untyped here
    """Records each operation while it is active."""

    def __init__(self, builder: TraceBuilder) -> None:
        super().__init__()
        self.builder = builder

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else torch imports its compiler, 1.4 s, to keep away from it

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        inputs = [self._reference(value) for value in _flat((args, kwargs or {}))]
        result = function(*args, **(kwargs or {}))
        name = function._schema.name.removeprefix("aten::")
        name = NAMES.get(name) or NAMES.get(name.removesuffix("_"), name.removesuffix("_"))
        outputs = [value for value in _flat(result) if isinstance(value, torch.Tensor)]
        written = _written(function, args)
        if outputs:
            attributes = _attributes(name, args)
            self.builder.record(name, inputs, [*outputs, *written], canonical(outputs[0]), attributes)
        return result

    def _reference(self, value: Any) -> Any:
        if not isinstance(value, torch.Tensor):
            return {"constant": value if isinstance(value, bool | int | float) else None}
        known = self.builder.reference(value)
        if known is not None:
            return known
        if isinstance(value, torch.nn.Parameter) or value.requires_grad:
            return {"unregistered": list(value.shape)}
        return {"constant": float(value.flatten()[0]) if value.numel() == 1 else None}


def _flat(value: Any) -> list[Any]:
    """Tensors and numbers of nested arguments, in order; lists of numbers (shapes, strides) are left out."""
    if value is None or isinstance(value, torch.Tensor | bool | int | float):
        return [value]
    if isinstance(value, dict):
        return [leaf for entry in value.values() for leaf in _flat(entry)]
    if isinstance(value, list | tuple) and any(
        isinstance(entry, torch.Tensor | list | tuple | dict) for entry in value
    ):
        return [leaf for entry in value for leaf in _flat(entry)]
    if isinstance(value, tuple):
        return [leaf for entry in value for leaf in _flat(entry)]
    return []


def _written(function: Any, args: Any) -> list[torch.Tensor]:
    """The bases of views that an operation writes to, so that what reads them later is fed by it."""
    bases = []
    for argument, value in zip(function._schema.arguments, args, strict=False):
        alias = argument.alias_info
        if alias is not None and alias.is_write and isinstance(value, torch.Tensor) and value._base is not None:
            bases.append(value._base)
    return bases


def _attributes(name: str, args: Any) -> dict[str, Any]:
    """What the reader needs of the arguments that are not tensors."""
    if name == "convolution":
        _, _, _, stride, padding, dilation, transposed, _, groups = args[:9]
        height, width = args[0].shape[-2:]
        return {
            "stride": list(stride), "padding": [[side, side] for side in padding], "dilation": list(dilation),
            "groups": groups, "transposed": transposed, "size": [height, width],
        }  # fmt: skip
    if name in ("batch_norm", "native_group_norm", "native_layer_norm"):
        return {"epsilon": args[-1] if isinstance(args[-1], float) else 1e-5}
    if name in ("max_pool", "average_pool"):
        window, stride, padding = (_pair(args[place]) if len(args) > place else [] for place in (1, 2, 3))
        return {
            "window": window, "stride": stride or window, "padding": [[side, side] for side in padding or [0, 0]],
            "size": list(args[0].shape[-2:]),
        }  # fmt: skip
    if name == "pad" and args[0].dim() == 4:
        sides = [*args[1], *[0] * (8 - len(args[1]))]
        return {"padding": [sides[2:4], sides[0:2], sides[4:6]]}  # of height, width, channels
    averaging = name in ("mean", "sum", "var", "var_mean") and len(args) > 1 and isinstance(args[1], list | tuple)
    if averaging and args[0].dim() == 4:
        return {"axes": sorted({0: 0, 1: 3, 2: 1, 3: 2}[axis % 4] for axis in args[1])}
    return {}


def _pair(sides: Any) -> list[int]:
    """A length for height and width, where one may stand for both."""
    return [sides[0], sides[-1]] if sides else []

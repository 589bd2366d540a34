"""The setting of a PyTorch process."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from grader.probes import setting
from grader.probes.setting import echo

__all__ = ["echo", "prepare", "remarks", "reset", "restored"]

_TO_GPU = ("cuda", "mps", "xpu", "pin_memory")  # methods of tensors
_named: set[str] = set()
_gpu = torch.cuda.is_available()  # else no tensor lies there, and no call need be looked through


def _elsewhere(value: Any) -> bool:
    """Whether an argument names a device that isn't the CPU."""
    if isinstance(value, torch.device):
        return value.type not in ("cpu", "meta")
    return isinstance(value, str) and value.partition(":")[0] in ("cuda", "mps", "xpu")


def _mixed(values: tuple[Any, ...]) -> bool:
    """Whether tensors of the CPU meet others, such as a constant that a notebook keeps on its GPU."""
    kinds = {value.device.type for value in _flat(values) if isinstance(value, torch.Tensor)}
    return "cpu" in kinds and len(kinds - {"meta"}) > 1


def _flat(values: Any) -> Iterator[Any]:
    for value in values:
        yield from _flat(value) if isinstance(value, list | tuple) else (value,)


def _here(value: Any) -> Any:
    """The same on the CPU."""
    if type(value) in (list, tuple):
        return type(value)(_here(each) for each in value)
    if isinstance(value, torch.Tensor):
        return value.cpu()
    return "cpu" if _elsewhere(value) else value


class OnCPU(TorchFunctionMode):  # type: ignore[misc]  # torch is untyped here
    """Moves every call that names a GPU, or mixes its tensors with the CPU's, to the CPU."""

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(function, "__name__", "")
        if name in _TO_GPU and args and isinstance(args[0], torch.Tensor):
            _named.add("gpu")
            return args[0]
        if name == "to" and len(args) > 1 and isinstance(args[1], int):
            args = (args[0], f"cuda:{args[1]}", *args[2:])
        if isinstance(kwargs.get("device"), int):
            kwargs = kwargs | {"device": "cuda"}
        values = (*args, *kwargs.values())
        if any(_elsewhere(value) for value in values):
            _named.add("gpu")
        elif not (_gpu and _mixed(values)):
            return function(*args, **kwargs)
        return function(*map(_here, args), **{name: _here(value) for name, value in kwargs.items()})


def prepare() -> None:
    """Set up the whole process: one thread, float32, and no GPU whatever the code names."""
    _flags()
    torch.set_default_device = lambda device: _named.add("gpu") if _elsewhere(device) else None
    for name in ("synchronize", "empty_cache", "set_device", "reset_peak_memory_stats"):
        setattr(torch.cuda, name, lambda *args, **kwargs: None)
    torch.cuda.device = contextlib.nullcontext
    load = torch.load
    torch.load = lambda f, map_location=None, *args, **kwargs: load(f, "cpu", *args, **kwargs)
    OnCPU().__enter__()  # for as long as the process lives


def _flags() -> None:
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    torch.use_deterministic_algorithms(False)
    torch.set_anomaly_enabled(False)
    torch.set_float32_matmul_precision("highest")  # what less means differs from processor to processor


def reset(seed: int) -> None:
    """Reset seeds, and the flags that a notebook may have left changed."""
    setting.reset_python(seed)
    torch.default_generator.manual_seed(seed)  # the CPU's alone: in a student's kernel a GPU has its own
    _flags()


def remarks() -> list[str]:
    """What a student should be told about their code."""
    return [setting.GPU] if _named else []


@contextmanager
def restored() -> Iterator[None]:
    """Probe in a student's own kernel: on the CPU, and with threads, precision, seeds and flags put back afterwards."""
    threads, dtype, gradients = torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled()
    deterministic, anomaly = torch.are_deterministic_algorithms_enabled(), torch.is_anomaly_enabled()
    precision, numbers = torch.get_float32_matmul_precision(), torch.get_rng_state()
    with setting.python_numbers_restored(), torch.device("cpu"), OnCPU():
        try:
            _flags()
            yield
        finally:
            torch.set_num_threads(threads)
            torch.set_default_dtype(dtype)
            torch.set_grad_enabled(gradients)
            torch.use_deterministic_algorithms(deterministic)
            torch.set_anomaly_enabled(anomaly)
            torch.set_float32_matmul_precision(precision)
            torch.set_rng_state(numbers)


def channels_last(model: torch.nn.Module, images: torch.Tensor) -> torch.Tensor:
    """The images in channels-last order, 1.3 to 1.7 times faster, unless the model cannot `view` such maps."""
    ordered = images.to(memory_format=torch.channels_last)
    try:
        with torch.no_grad():
            model.eval()(ordered[:2])
    except Exception:  # a model that fails on both orders says so when it is trained
        return images
    return ordered

"""Where PyTorch computes, and how."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass

import torch

from reference.problem import Problem
from reference.settings import AUTO, Settings, decided


@dataclass(frozen=True)
class Chosen:
    """The settings, decided."""

    device: torch.device
    half: torch.dtype | None  # what autocast computes in; None: float32 throughout
    layout: torch.memory_format
    compile: bool
    gpu: bool
    words: str


def available() -> list[str]:
    """The kinds of device that this machine has, the fastest first."""
    found = ["cuda"] if torch.cuda.is_available() else []
    found += ["mps"] if torch.backends.mps.is_available() else []
    return [*found, "cpu"]


def choose(settings: Settings) -> Chosen:
    """Decide what was left open, set what is global in PyTorch, and say so; raises Problem."""
    kinds = available()
    kind = kinds[0] if settings.device == AUTO else settings.device
    if kind not in kinds:
        raise Problem(f"this machine has no {kind} that PyTorch can use, but: {', '.join(kinds)}")
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    gpu = kind != "cpu"
    strict = settings.deterministic == "on" or (settings.deterministic == AUTO and not gpu)
    if strict and gpu:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when cuBLAS starts
    torch.use_deterministic_algorithms(strict)
    torch.backends.cudnn.benchmark = gpu and not strict  # images of one size: the fastest algorithm pays
    torch.set_float32_matmul_precision("high" if gpu and not strict else "highest")
    half = halved(kind) if decided(settings.mixed, kind == "cuda") else None  # Apple's GPUs gain little
    layout = torch.channels_last if decided(settings.channels_last, kind != "mps") else torch.contiguous_format
    compiled = decided(settings.compile, kind == "cuda")
    parts = [name(kind), str(half or torch.float32).removeprefix("torch.") + (" and float32" if half else "")]
    parts += ["channels last"] * (layout is torch.channels_last) + ["compiled"] * compiled
    parts += ["deterministic"] * strict
    words = f"PyTorch {torch.__version__} on {', '.join(parts)}"
    return Chosen(torch.device(kind), half, layout, compiled, gpu, words)


def halved(kind: str) -> torch.dtype:
    """The 16-bit type that this device is good at; bfloat16 has float32's range and needs no scaled loss."""
    old = kind == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.float16 if old else torch.bfloat16


def name(kind: str) -> str:
    """The device in words."""
    if kind == "cuda":
        return torch.cuda.get_device_name()
    if kind == "mps":
        return "Apple's GPU (mps)"
    threads = torch.get_num_threads()
    return f"CPU ({platform.machine()}, {threads} thread{'s' * (threads > 1)})"

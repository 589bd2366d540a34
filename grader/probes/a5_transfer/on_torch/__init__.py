"""Probes of `a5_transfer` in PyTorch."""

from grader.probes.a5_transfer import strategy
from grader.probes.a5_transfer.on_torch.groups import groups
from grader.probes.a5_transfer.on_torch.pipeline import pipeline
from grader.probes.a5_transfer.on_torch.structure import structure
from grader.probes.a5_transfer.on_torch.tuning import tuning

__all__ = ["groups", "pipeline", "strategy", "structure", "tuning"]

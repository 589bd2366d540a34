"""Probes of `a3_training` in PyTorch."""

from grader.probes.a3_training.on_torch.recipe import init_weights, make_optimizer, make_schedule
from grader.probes.a3_training.on_torch.training import degradation, fit

__all__ = ["degradation", "fit", "init_weights", "make_optimizer", "make_schedule"]

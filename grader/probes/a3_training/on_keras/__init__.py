"""Probes of `a3_training` in Keras."""

from grader.probes.a3_training.on_keras.recipe import init_weights, make_optimizer, make_schedule
from grader.probes.a3_training.on_keras.training import degradation, fit

__all__ = ["degradation", "fit", "init_weights", "make_optimizer", "make_schedule"]

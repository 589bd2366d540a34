"""Probes of `a5_transfer` in Keras on TensorFlow."""

from grader.probes.a5_transfer import strategy
from grader.probes.a5_transfer.on_keras.groups import groups
from grader.probes.a5_transfer.on_keras.pipeline import pipeline
from grader.probes.a5_transfer.on_keras.structure import structure
from grader.probes.a5_transfer.on_keras.tuning import tuning

__all__ = ["groups", "pipeline", "strategy", "structure", "tuning"]

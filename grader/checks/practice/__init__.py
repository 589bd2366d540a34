"""Judges of `a3_training`: initial weights, optimizers, schedules, and nets whose training was noted."""

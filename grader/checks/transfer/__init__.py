"""Judges of transfer learning: what a model holds and gives, what learns in it, and whether a pipeline works."""

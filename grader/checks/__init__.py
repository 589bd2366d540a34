"""Judges: pure NumPy functions from request and evidence to a complaint, or None when satisfied."""

"""Judges of functions that use a net and look into it: what they return, and that the net stays as it was."""

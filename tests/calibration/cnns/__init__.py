"""Nets of one's own design, by the same names in both frameworks: a function from the number of classes to a model."""

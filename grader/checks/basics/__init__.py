"""Judges of `a1_cnn`: a net of the student's own design, and functions that count, train and evaluate."""

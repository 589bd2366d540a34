"""A class of invented students, graded by the real nbgrader: `python -m tests.demo`."""

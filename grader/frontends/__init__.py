"""Front-ends on one report: they render it and never compute."""

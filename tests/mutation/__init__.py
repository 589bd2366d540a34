"""Mutation testing of the judges: the bank's evidence is recorded once, and judged again by every mutant of a judge."""

"""Judges of the columns of `layer_table`: output shapes, parameters, multiply-adds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.checks.looking import hypotheses, table
from grader.checks.looking.cases import Case, first_of
from grader.checks.looking.hypotheses import Row
from grader.checks.looking.table import FORM_FIRST, KINDS
from grader.result import Complaint


def _column(
    title: str, place: int, of: Callable[[Row], Any], guesses: Callable[[str], hypotheses.Guesses]
) -> Callable[[Case], Complaint | None]:
    """The judge of one column: every row must agree; what fits all of them is the mistake."""

    def judge(case: Case) -> Complaint | None:
        if (found := table.read(case)) is None:
            return FORM_FIRST
        rows = [row for row in found.right if row.name in found.found]
        if len(rows) < len(found.right):
            return Complaint(f"{title} for every layer", "rows are missing", "mend the rows first")
        values = [_tidy(found.found[row.name][place]) for row in rows]
        wrong = next((index for index, row in enumerate(rows) if values[index] != of(row)), None)
        if wrong is None:
            return None
        row = rows[wrong]
        expected = f"{title} {_shown(of(row))} for `{row.name}` ({KINDS[row.node['kind']]}), for {case.words}"
        for name, (guess, fix) in guesses(case.framework).items():
            if all(number == guess(other) for number, other in zip(values, rows, strict=True)):
                return Complaint(expected, _shown(values[wrong]), fix, name)
        return Complaint(expected, _shown(values[wrong]), hypotheses.ADVICE[title])

    judge.__doc__ = f"The {title} of every layer."
    return judge


def _tidy(value: Any) -> Any:
    """Numbers as integers, an open axis as None."""
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    return int(value) if isinstance(value, int | float) else None


def _shown(value: Any) -> str:
    """A number with thousands apart, a shape as a tuple."""
    return str(tuple(value)) if isinstance(value, list) else f"{value:,}"


shapes = first_of(_column("output shape", 0, lambda row: row.shape, hypotheses.shapes))
parameters = first_of(_column("parameters", 1, lambda row: row.parameters, hypotheses.parameters))
multiply_adds = first_of(_column("multiply-adds", 2, lambda row: row.multiply_adds, hypotheses.multiply_adds))

"""skipgrade: `grader.check("question")` in a notebook, `pytest grader` on a laptop, nbgrader for the instructor.

`grading` is true while a submission is graded: long training stands under `if not grader.grading:`.
"""

from __future__ import annotations

from typing import Any

__all__ = ["check", "grading"]

grading = False


def check(question: Any) -> Any:
    """Check one question in this notebook, by its name or its function; nothing happens while a submission is graded."""
    if grading:
        return None
    from grader.frontends.notebook import check as check_here  # late: importing `grader` stays light

    return check_here(question)

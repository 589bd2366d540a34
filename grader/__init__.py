"""skipgrade: `grader.check("question")` in a notebook, `pytest grader` on a laptop, nbgrader for the instructor.

`grading` is true while a submission is graded: long training stands under `if not grader.grading:`.
"""

from __future__ import annotations

from typing import Any

__all__ = ["__version__", "check", "grading"]

grading = False


def check(question: Any) -> Any:
    """Check one question in this notebook, by its name or its function; while a submission is graded, nothing."""
    if grading:
        return None
    from grader.frontends.notebook import check as check_here  # late: importing `grader` stays light

    return check_here(question)


def __getattr__(name: str) -> str:
    """The version, looked up when it is asked for."""
    if name == "__version__":
        from grader.fingerprint import package_version

        return package_version()
    raise AttributeError(f"module 'grader' has no attribute {name!r}")

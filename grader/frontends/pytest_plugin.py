"""`pytest grader --submission PATH`: one test item per check, a complaint instead of a traceback.

Every pytest run on the machine loads this file, so it imports nothing but pytest until it is asked to grade.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

_NAME = "grader"
_HERE = Path(__file__)
_FOUND = pytest.StashKey[list[Any]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare how a submission is named on the command line."""
    group = parser.getgroup("skipgrade", "grading submissions: pytest grader --submission PATH")
    group.addoption("--submission", action="append", metavar="PATH", help="a notebook or script to grade; repeatable")
    group.addoption("--framework", choices=("torch", "keras"), help="the submission's framework, if it doesn't say so")
    group.addoption("--assignment", metavar="ID", help="the assignment, if the file isn't named after it")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Where grading is asked for, collect this file, which stands for the submissions, not a folder called `grader`."""
    if _NAME not in config.args and not config.getoption("submission"):
        return
    from grader.frontends import pytest_items

    config.stash[_FOUND] = pytest_items.submissions(config)
    typed = config.args if config.args_source is pytest.Config.ArgsSource.ARGS else []
    config.args = [str(_HERE), *(argument for argument in typed if argument != _NAME)]


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """In place of this file, collect the checks of the submissions."""
    if module_path != _HERE or _FOUND not in parent.config.stash:
        return None
    from grader.frontends import pytest_items

    course: pytest.Collector = pytest_items.Course.from_parent(
        parent.session, path=module_path, found=parent.config.stash[_FOUND]
    )
    return course


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Show the points, question by question."""
    if _FOUND in config.stash:
        from grader.frontends import pytest_items

        pytest_items.summarise(terminalreporter)

"""How tests are shared between two workers: a file's tests stay together, but for long ones that share nothing."""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

APART = ("/on_torch/", "/on_keras/", "tests/test_same_points.py")


class ByFile(LoadScopeScheduling):
    """One worker for a file, so that its fixtures are made once and its tests run in order.

    Beside a framework any worker takes any test, as a bank is one file, and so it does where tests take minutes.
    (Marks for `--dist=loadgroup` get lost: pytest 9.2 makes no use of the names that xdist 3.8 gives to marked tests.)
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if any(part in file for part in APART) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    """Share the tests out by file."""
    return ByFile(config, log)

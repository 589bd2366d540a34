"""How tests are shared between two workers: a file's tests stay together, but for those beside a framework."""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling


class ByFile(LoadScopeScheduling):
    """One worker for a file, so that its fixtures are made once and its tests run in order.

    Beside a framework any worker takes any test: a bank is one file. (Marks for `--dist=loadgroup` get lost: pytest 9.2
    makes no use of the names that xdist 3.8 gives to marked tests.)
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if "/on_" in file else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    """Share the tests out by file."""
    return ByFile(config, log)

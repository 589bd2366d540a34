"""How tests are shared between two workers: a file's tests stay together, and a bank's by assignment."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one worker, so that its fixtures are made once; a bank is shared by assignment."""
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        assignment = next((value.assignment for value in parameters.values() if hasattr(value, "assignment")), "")
        item.add_marker(pytest.mark.xdist_group(f"{item.path.name} {assignment}"))

"""Long measurements in one process after another: TensorFlow keeps some 17 MB of each grading, whatever is cleared."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

AT_ONCE = 300  # gradings in one process
MORE = 3  # the exit status of a process that leaves some to another one


def in_turns(module: str, *arguments: str, env: Mapping[str, str] | None = None) -> None:
    """Run a module again and again until it leaves nothing; raises CalledProcessError."""
    command = [sys.executable, "-m", module, *arguments]
    while (done := subprocess.run(command, check=False, env=env)).returncode == MORE:
        pass
    done.check_returncode()

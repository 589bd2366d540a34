"""`python -m tests.suite`: the whole suite, one process per framework, because two in one process don't get along.

Tests marked `slow` are left out; `python -m tests.suite --slow` runs them alone.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
FRAMEWORK_FOLDERS = ("tests/on_torch", "tests/on_keras")
PARTS = {
    "neutral": ["tests", *(f"--ignore={folder}" for folder in FRAMEWORK_FOLDERS)],
    "torch": [FRAMEWORK_FOLDERS[0]],
    "keras": [FRAMEWORK_FOLDERS[1]],
}
OPTIONS = ["--numprocesses=2", "--dist=loadscope", "--durations=8"]  # tests/conftest.py says what is a scope
QUIET = {"OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}  # two workers with two threads each slow each other down
NO_TESTS = 5  # pytest's exit code
COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|warnings?)\b")


def run(name: str, arguments: list[str]) -> tuple[int, dict[str, int]]:
    """Run one part, showing its output as it comes: the exit code and pytest's counts."""
    print(f"===== {name}: pytest {' '.join(arguments)}", flush=True)
    command = [sys.executable, "-m", "pytest", *OPTIONS, *arguments]
    environment = QUIET | os.environ | {"PYTHONUNBUFFERED": "1"}
    last = ""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            last = line if line.strip() else last
    return process.returncode, read(last)


def read(summary: str) -> dict[str, int]:
    """The counts in pytest's last line: `3 failed, 2 passed, 1 error in 0.1s` -> {"failed": 3, ...}."""
    return {kind.removesuffix("s"): int(number) for number, kind in COUNT.findall(summary)}


def total(codes: dict[str, int], counts: list[dict[str, int]], seconds: float) -> tuple[int, str]:
    """The exit code, 0 when every part passed and tested something, and a last line like pytest's."""
    kinds = ("failed", "passed", "skipped", "xfailed", "error", "warning")
    sums = {kind: sum(count.get(kind, 0) for count in counts) for kind in kinds}
    words = ", ".join(f"{number} {kind}" for kind, number in sums.items() if number) or "no tests ran"
    bad = [name for name, code in codes.items() if code != 0]
    verdict = f" (failed: {', '.join(bad)})" if bad else ""
    return int(bool(bad)), f"{words} in {seconds:.0f}s{verdict}"


def main(names: list[str]) -> int:
    """Run the parts of these names, all of them when there are none."""
    slow = "--slow" in names
    names = [name for name in names if name != "--slow"]
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"no part is called {unknown[0]!r}; there are: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    started = time.monotonic()
    codes, counts = {}, []
    for name in names or PARTS:
        codes[name], count = run(name, [*PARTS[name], "-m", "slow" if slow else "not slow"])
        if slow and codes[name] == NO_TESTS:  # a part may have no slow test
            codes[name] = 0
        counts.append(count)
    code, line = total(codes, counts, time.monotonic() - started)
    print(f"===== {line}", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

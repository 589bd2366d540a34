"""`python -m tests.mutation.killing FOLDER MODULE LINE`: 1 where a verdict, or a unit test, is no longer as demanded.

What survives says which verdicts changed all the same: in points or in words that the bank doesn't ask for.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.mutation import evidence
from tests.mutation.recording import entries
from tests.mutation.replaying import change, concerned, in_turn, wrong

# quick tests without a framework, by the start of the modules that they are about
UNIT_TESTS = {
    "grader/checks/looking/": ("tests/test_looking.py",),
    "grader/checks/comparing.py": ("tests/test_tolerance.py",),
    "grader/checks/thresholds.py": ("tests/test_first_lesson.py",),
    "grader/checks/basics/classifying.py": ("tests/test_first_lesson.py",),
    "grader/run.py": ("tests/test_kept.py", "tests/test_agreement.py"),
    "grader/": ("tests/test_judges.py",),
}


def main(folder: Path, module: str, line: int) -> int:
    """Judge all that passes through the function at this line, then run the unit tests of its module."""
    known = [entry for entry in entries() if evidence.recorded(entry, folder)]
    passages = {entry.name: evidence.passage(entry, folder) for entry in known}
    names = set(concerned(passages, module, line))
    chosen = in_turn(entry for entry in known if entry.name in names)
    changes: Counter[str] = Counter()
    for entry in chosen:
        report = evidence.replay(entry, folder)
        if found := wrong(entry, report):
            print(f"killed by {entry.name}: {found}")
            return 1
        changes[change(passages[entry.name].verdict, report.to_dict())] += 1
    told = ", ".join(f"{changes[kind]} in {kind}" for kind in ("points", "words") if changes[kind])
    print(f"of {len(chosen)} verdicts {told or 'none'} changed")
    return unit_tests(module)


def unit_tests(module: str) -> int:
    """Run the unit tests of a module; pytest's exit code, 0 where there are none."""
    paths = [path for start, tests in UNIT_TESTS.items() if module.startswith(start) for path in tests]
    existing = [path for path in dict.fromkeys(paths) if (evidence.ROOT / path).exists()]
    if not existing:
        return 0
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", *existing]
    return subprocess.run(command, cwd=evidence.ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))

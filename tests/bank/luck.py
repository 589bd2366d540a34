"""`python -m tests.bank.luck FRAMEWORK [QUESTION ...]`: the lessons' own solutions under many secret seeds.

What a right program loses by one unlucky draw in a hundred, a whole class loses in that round, and the few seeds of the
bank don't show it. Ends with 1 where a solution isn't given full marks.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from functools import cache

from grader import rounds, run, specs
from grader.spec import FRAMEWORKS
from tests.bank import SOLUTIONS
from tests.bank.grading import asking

QUESTIONS = [each.name for assignment in specs.assignments() for each in assignment.questions]


@cache
def _ask(assignment: str, framework: str) -> run.Ask:
    return asking((SOLUTIONS / assignment / f"on_{framework}.py").read_text(encoding="utf-8"), framework)


def lost(framework: str, name: str, secret: str) -> str:
    """What the solution of a question loses in the round of a secret, and why; "" where it has full marks."""
    chosen, _ = specs.question(name)
    seed = rounds.seed(chosen.name, secret, secret.encode())
    (found,) = run.grade_with(_ask(chosen.name, framework), chosen, framework, seed, questions=[name]).questions
    if not found.broken and found.points == found.max_points:
        return ""
    return f"{name} under {secret}: {found.points:g} of {found.max_points:g}, {found.first_complaint}"


def main(arguments: Sequence[str]) -> int:
    """Print what is lost as it is found, and the time left; 1 where anything is."""
    parser = argparse.ArgumentParser(prog="python -m tests.bank.luck", description=__doc__)
    parser.add_argument("framework", choices=FRAMEWORKS)
    parser.add_argument("questions", nargs="*", metavar="QUESTION", default=QUESTIONS)
    parser.add_argument("--seeds", type=int, default=200)
    options = parser.parse_args(arguments)
    found, started = 0, time.monotonic()
    for number in range(1, options.seeds + 1):
        for complaint in filter(None, (lost(options.framework, name, f"luck{number}") for name in options.questions)):
            found += 1
            print(complaint, flush=True)
        if number % 10 == 0 or number == options.seeds:
            left = (time.monotonic() - started) / number * (options.seeds - number)
            print(f"{number} of {options.seeds} seeds, something lost {found} times, {left:.0f} s left", flush=True)
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`make bench`: what checking the whole of an assignment costs, in CPU seconds and memory, after imports."""

from __future__ import annotations

import resource
import subprocess
import sys
import time

from grader import probes, rounds, run
from grader.cells import Cells
from grader.spec import Check, Evidence, Question, Request
from grader.specs import assignment
from tests.submissions import definitions, solution

LIMITS = {"torch": (2.5, 900), "keras": (10.0, 900)}  # CPU seconds, MB above the framework's own


def main() -> None:
    """Measure each framework in a process of its own, one after the other."""
    for framework in sys.argv[1:] or LIMITS:
        subprocess.run([sys.executable, "-m", "tests.bench", "--here", framework], check=True)


def measure(framework: str, name: str = "a2_resnet") -> None:
    """Check the solution of an assignment in this process and print what it costs."""
    cells = Cells(20, 60)
    cells.run([(source, f"cell {number}") for number, source in enumerate(definitions(solution(framework, name)))])
    for question in assignment(name).questions:
        probes.load(framework, question.checks[0].probe)  # imports are not counted
    base, start = _peak(), time.process_time()
    spent: dict[str, float] = {}

    def ask(question: Question, check: Check, request: Request) -> Evidence:
        before = time.process_time()
        evidence = probes.run(framework, check.probe, cells.definitions[question.functions[framework]], request)
        spent[question.name] = spent.get(question.name, 0.0) + time.process_time() - before
        return evidence

    report = run.grade_with(ask, assignment(name), framework, rounds.seed(name))
    total, peak = time.process_time() - start, _peak() - base
    seconds, megabytes = LIMITS[framework]
    print(f"{name} in {framework}: {report.points:g} of {report.max_points:g} points")
    asked = sum(spent.values())
    print(f"  CPU    {total:5.1f} s of {seconds:g} allowed: probes {asked:.1f}, judges {total - asked:.1f}")
    print(f"  memory {peak:5.0f} MB of {megabytes} allowed above the {base:.0f} MB of imports")
    for question, cost in spent.items():
        print(f"  {question:14} {cost:5.1f} s in probes")


def _peak() -> float:
    """The largest memory of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if "--here" in sys.argv:
        measure(sys.argv[-1])
    else:
        main()

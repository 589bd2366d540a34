"""`make bench`: what checking the whole of each assignment costs, in CPU seconds and memory, after imports."""

from __future__ import annotations

import resource
import subprocess
import sys
import time

from grader import probes, rounds, run, specs
from grader.spec import FRAMEWORKS, Check, Evidence, Question, Request
from tests.bank.grading import asking
from tests.submissions import ROOT

# CPU seconds, by framework; `a2_resnet` trains nothing
LIMITS = {"torch": 10.0, "keras": 30.0}
TIGHTER = {"a2_resnet": {"torch": 2.5, "keras": 10.0}}
MEMORY = 900  # MB above the framework's own


def main(assignments: list[str]) -> None:
    """Measure each assignment in each framework, in a process of its own, one after the other."""
    for name in assignments or [assignment.name for assignment in specs.assignments()]:
        for framework in FRAMEWORKS:
            subprocess.run([sys.executable, "-m", "tests.bench", "--here", name, framework], check=True)


def measure(name: str, framework: str) -> None:
    """Check the solution of an assignment in this process and print what it costs."""
    source = (ROOT / "solutions" / name / f"on_{framework}.py").read_text(encoding="utf-8")
    asked_here = asking(source, framework)
    for question in specs.assignment(name).questions:
        probes.load(framework, question.checks[0].probe)  # imports are not counted
    base, start = _peak(), time.process_time()
    spent: dict[str, float] = {}

    def ask(question: Question, check: Check, request: Request) -> Evidence:
        before = time.process_time()
        evidence = asked_here(question, check, request)
        spent[question.name] = spent.get(question.name, 0.0) + time.process_time() - before
        return evidence

    report = run.grade_with(ask, specs.assignment(name), framework, rounds.seed(name))
    total, peak = time.process_time() - start, _peak() - base
    seconds = TIGHTER.get(name, LIMITS)[framework]
    print(f"{name} in {framework}: {report.points:g} of {report.max_points:g} points")
    asked = sum(spent.values())
    print(f"  CPU    {total:5.1f} s, the goal is {seconds:g}: probes {asked:.1f}, judges {total - asked:.1f}")
    print(f"  memory {peak:5.0f} MB of {MEMORY} allowed above the {base:.0f} MB of imports")
    for question, cost in spent.items():
        print(f"  {question:17} {cost:5.1f} s in probes", flush=True)


def _peak() -> float:
    """The largest memory of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if "--here" in sys.argv:
        measure(*sys.argv[-2:])
    else:
        main(sys.argv[1:])

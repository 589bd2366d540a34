"""`python -m tests.bank.surviving FRAMEWORK [ASSIGNMENT or QUESTION ...]`: which mechanical mutants reach full marks, one
by one, on as many nets as it takes to tell. Those that `equivalent.toml` explains are counted alone; ends with 1 where
there are others.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader import specs
from grader.cells import TooLong, time_limit
from grader.result import QuestionReport
from tests.bank import SOLUTIONS
from tests.bank.grading import grade
from tests.bank.operators import Mechanical, mutants

EQUIVALENT = Path(__file__).parent / "equivalent.toml"
PATIENCE = 10  # a mutant that takes so many times as long as the solution, and as many seconds, is as good as killed
MEMORY = 10 * 2**30  # bytes of address space: some mutants ask for more than any machine has


def verdicts(name: str, framework: str, questions: Sequence[str]) -> Iterator[tuple[Mechanical, str]]:
    """Each mutant of some questions of a solution with "killed", "survives" or "broken"."""
    solution = (SOLUTIONS / name / f"on_{framework}.py").read_text(encoding="utf-8")
    seconds: dict[str, float] = {}
    for mutant in mutants(name, framework):
        if mutant.question not in questions:
            continue
        if mutant.question not in seconds:
            started = time.monotonic()
            grade(solution, framework, [mutant.question])
            seconds[mutant.question] = PATIENCE * max(1.0, time.monotonic() - started)
        yield mutant, verdict(mutant, framework, seconds[mutant.question])


def verdict(mutant: Mechanical, framework: str, seconds: float) -> str:
    """Grade the smallest net first, all only where that one reaches full marks, then what may use this cell's code."""
    others = [each.name for each in specs.question(mutant.question)[0].questions if each.name != mutant.question]
    try:
        with time_limit(seconds):
            for requests in (1, 0):
                found = grade(mutant.source, framework, [mutant.question], requests=requests).questions[0]
                if (said := _said(found)) != "survives":
                    return said
        every = grade(mutant.source, framework, others, requests=1).questions
        return next((said for said in map(_said, every) if said != "survives"), "survives")
    except (TooLong, ValueError):  # a source that doesn't run
        return "killed"


def equivalents(framework: str) -> dict[str, str]:
    """The mutants of a framework that are right, by name, and why."""
    groups = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["equivalent"]
    return {name: str(group["why"]) for group in groups for name in group.get(framework, ())}


def _said(found: QuestionReport) -> str:
    if found.broken:
        return "broken"
    return "survives" if found.points >= found.max_points else "killed"


def main(framework: str, parts: list[str]) -> int:
    """Look through questions, each in a process of its own: what hundreds of nets leave behind fills the memory."""
    every = [(one.name, question.name) for one in specs.assignments() for question in one.questions]
    chosen = [question for assignment, question in every if not parts or {assignment, question} & {*parts}]
    if not chosen:
        raise ValueError(f"no assignment and no question: {', '.join(parts)}")
    if len(chosen) == 1:
        return _survive(framework, chosen[0])
    command = [sys.executable, "-m", "tests.bank.surviving", framework]
    ended = [subprocess.run([*command, question], check=False).returncode for question in chosen]
    return int(any(ended))


def _survive(framework: str, question: str) -> int:
    """Print what isn't killed and isn't explained as it is found, and the counts."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    counts: Counter[str] = Counter()
    explained = equivalents(framework)
    started = time.process_time()
    for mutant, said in verdicts(specs.question(question)[0].name, framework, [question]):
        said = "equivalent" if said == "survives" and mutant.name in explained else said
        counts[said] += 1
        if said in ("survives", "broken"):
            print(f"{said}: {mutant.name}", flush=True)
    print(f"{framework} {question}: {dict(counts)} in {time.process_time() - started:.0f} CPU s", flush=True)
    return int(bool(counts["survives"] or counts["broken"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

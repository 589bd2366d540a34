"""Grading an edited solution in this process: its definitions are run, and the probes asked beside them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from grader import failure, probes, rounds, run
from grader.cells import Cells
from grader.result import Report
from grader.spec import Assignment, Check, Evidence, Question, Request
from grader.specs import assignment


def grade(
    source: str, framework: str, questions: Sequence[str], *, depths: int | None = None, seed: bytes = b""
) -> Report:
    """The report on some questions of a solution's source; `depths` keeps only the shallowest nets of each question."""
    chosen = shallow(assignment("a2_resnet"), depths)
    seed = seed or rounds.seed("a2_resnet")
    return run.grade_with(asking(source, framework), chosen, framework, seed, questions=questions)


def asking(source: str, framework: str) -> run.Ask:
    """A way of asking beside the definitions of a source."""
    definitions = _definitions(source)

    def ask(question: Question, check: Check, request: Request) -> Evidence:
        function = definitions.get(question.functions[framework])
        if function is None:
            return failure.write("missing")
        try:
            return probes.run(framework, check.probe, function, request)
        except probes.StudentError as error:
            return failure.write(**probes.fields(error))

    return ask


def _definitions(source: str) -> dict[str, object]:
    cells = Cells(20, 60)
    parts = re.split(r"^# %%", source, flags=re.MULTILINE)
    code = ["\n".join(part.split("\n")[1:]) for part in parts if "[markdown]" not in part.split("\n")[0]]
    kept = [cell for cell in code if re.match(r"\s*(import|# QUESTION)", cell)]
    cells.run([(cell, f"cell {number}") for number, cell in enumerate(kept)])
    if cells.remarks:
        raise ValueError(f"the edited solution doesn't run: {cells.remarks}")
    return cells.definitions


def shallow(chosen: Assignment, depths: int | None) -> Assignment:
    """The assignment with the checks of the shallowest nets only: a mistake of all depths shows at one."""
    if depths is None:
        return chosen
    kept = []
    for question in chosen.questions:
        order = list(dict.fromkeys(id(check.request) for check in question.checks))[:depths]
        checks = tuple(check for check in question.checks if id(check.request) in order)
        kept.append(dataclasses.replace(question, checks=checks))
    return dataclasses.replace(chosen, questions=tuple(kept))

"""Grading an edited solution in this process: its definitions are run, and the probes asked beside them."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import re
import tempfile
import warnings
from collections.abc import Sequence

from grader import failure, probes, rounds, run
from grader.cells import Cells
from grader.result import Report
from grader.spec import Assignment, Check, Evidence, Question, Request
from grader.specs import question


def grade(source: str, framework: str, questions: Sequence[str], *, requests: int = 0, seed: bytes = b"") -> Report:
    """The report on some questions of a solution's source; `requests` keeps only the first so many of each question."""
    chosen = shortened(question(questions[0])[0], requests)
    return run.grade_with(
        asking(source, framework), chosen, framework, seed or rounds.seed(chosen.name), questions=questions
    )


def asking(source: str, framework: str) -> run.Ask:
    """A way of asking beside the definitions of a source."""
    defined = definitions(source)
    setting = importlib.import_module(f"grader.probes.setting.on_{framework}")

    def ask(question: Question, check: Check, request: Request) -> Evidence:
        function = defined.get(question.functions[framework])
        if function is None:
            return failure.write("missing")
        beside = {name: defined.get(other) for name, other in question.beside(framework).items()}
        setting.reset(int(request.get("seed", 0)) % 2**31)
        try:
            # in a folder of its own, as in the worker: a student's code may write checkpoints
            with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # as in the worker: a student's warnings are no errors
                return probes.run(framework, check.probe, function, request | {"companions": beside})
        except probes.StudentError as error:
            return failure.write(**probes.fields(error))

    return ask


def definitions(source: str) -> dict[str, object]:
    """What a source defines: its imports and its questions alone are run."""
    cells = Cells(20, 60)
    parts = re.split(r"^# %%", source, flags=re.MULTILINE)
    code = ["\n".join(part.split("\n")[1:]) for part in parts if "[markdown]" not in part.split("\n")[0]]
    kept = [cell for cell in code if re.match(r"\s*(import|# QUESTION)", cell)]
    cells.run([(cell, f"cell {number}") for number, cell in enumerate(kept)])
    if cells.remarks:
        raise ValueError(f"the edited solution doesn't run: {cells.remarks}")
    return cells.definitions


def shortened(chosen: Assignment, requests: int) -> Assignment:
    """The assignment with the checks of each question's first requests only: a mistake of all depths shows at one."""
    if not requests:
        return chosen
    kept = []
    for each in chosen.questions:
        order = list(dict.fromkeys(id(check.request) for check in each.checks))[:requests]
        checks = tuple(check for check in each.checks if id(check.request) in order)
        kept.append(dataclasses.replace(each, checks=checks))
    return dataclasses.replace(chosen, questions=tuple(kept))

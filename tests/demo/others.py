"""The class in the other assignments: in each framework one right notebook, and one with mistakes of the bank."""

from __future__ import annotations

from collections.abc import Iterator

from grader import specs
from grader.spec import FRAMEWORKS
from tests.bank.judging import MUTANTS, existing
from tests.demo.students import Student

NAMES = {("torch", True): "sam", ("torch", False): "tom", ("keras", True): "una", ("keras", False): "vic"}


def _students() -> Iterator[Student]:
    """The students of every assignment but `a2_resnet`; the mistakes are taken from the questions in turn."""
    others = [assignment for assignment in specs.assignments() if assignment.name != "a2_resnet"]
    for number, assignment in enumerate(others):
        for framework in FRAMEWORKS:
            yield Student(NAMES[framework, True], framework, "the solution", assignment=assignment.name)
            wrong = [entry for entry in existing(MUTANTS, framework) if entry.assignment == assignment.name]
            question = assignment.questions[number % len(assignment.questions)].name
            entry = next(entry for entry in wrong if entry.question == question)
            yield Student(
                NAMES[framework, False], framework, entry.name, entry.says, assignment=assignment.name, entry=entry
            )


OTHERS = tuple(_students())

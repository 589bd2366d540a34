"""How far right programs are from the oracle: what the bounds of the judges are chosen by."""

from __future__ import annotations

from collections.abc import Iterator

from grader import rounds
from grader.checks.comparing import GRADIENT_TOLERANCE, TOLERANCE, difference, gradient_errors
from grader.checks.study import Study
from grader.oracle.alignment import Aligned
from grader.spec import Question, Request
from grader.specs import assignment
from tests.bank import Entry
from tests.bank.a2_resnet import variants
from tests.bank.grading import asking

Errors = dict[str, float]  # "evaluation", "training", "gradients" -> the largest difference as a share of its bound


def requests(question: Question, seed: bytes) -> Iterator[tuple[str, Request]]:
    """The distinct requests of a question, each with the name of the first check that makes it."""
    seen: set[int] = set()
    for check in question.checks:
        if id(check.request) not in seen:
            seen.add(id(check.request))
            yield check.name, check.request(rounds.stream(seed, f"{question.name}/{check.name}"))


def studies_of(source: str, framework: str, seed: bytes) -> Iterator[Study]:
    """A solution's evidence for each case of each question, as the judges study it."""
    ask = asking(source, framework)
    for question in assignment("a2_resnet").questions:
        for _, request in requests(question, seed):
            evidence = ask(question, question.checks[0], request)
            yield from (Study(request, evidence, number) for number in range(len(request["cases"])))


def errors(study: Study) -> Errors:
    """The differences of one case as shares of the bounds; raises ValueError when it can't be compared."""
    fit = study.fit
    if not isinstance(fit, Aligned):
        raise ValueError(f"{study.words} doesn't align: {fit}")
    found = {"evaluation": study.evaluation_error(fit) / study.tolerance}
    if study.case["training"] and (trained := study.trained) is not None:
        found["training"] = difference(study.array("training_output"), trained.output) / TOLERANCE
        seed, sketches, above = int(study.request["seed"]), study.array("gradients"), study.array("input_gradient")
        largest_error = max(error for _, error in gradient_errors(fit, trained, seed, sketches, above))
        found["gradients"] = largest_error / GRADIENT_TOLERANCE
    return found


def largest(source: str, framework: str, seed: bytes) -> Errors:
    """The largest shares of a whole solution."""
    found = [errors(study) for study in studies_of(source, framework, seed)]
    names = {name for each in found for name in each}
    return {name: max(each[name] for each in found if name in each) for name in sorted(names)}


def judge_right_program(entry: Entry, framework: str) -> None:
    """Raise AssertionError unless a right program stays far below the bounds of the judges."""
    found = largest(entry.source(framework), framework, rounds.seed("a2_resnet"))
    assert found["evaluation"] < 1 / 4, found
    assert found["training"] < 1 / 10, found
    assert found["gradients"] < 1 / 3, found


# the solution as it is, and two ways to compute the same in another order
RIGHT = (
    Entry("solution", "basic_block"),
    *(entry for entry in variants.VARIANTS if entry.name in ("biases_under_norm", "own_norm")),
)

"""What judges name has a mutant in the bank that gets this name; and guards that no evidence of the bank reaches."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.checks.looking import hypotheses, misranking, recipes
from grader.spec import FRAMEWORKS
from tests.bank.judging import MUTANTS, existing

CHECKS = Path(__file__).parent.parent / "grader" / "checks"
# names that no mutant gets, and why
UNTRIED = {
    "schedule_gets_training_loss": "the training loss of the probe's net falls all the time: no rate changes",
    "fits_training_images_alone": "takes a whole training that overfits; thresholds are calibrated on such programs",
    "learns_something_else": "a net that is compiled and learns, but not what its labels say",
    "features_changed": "the weights below the head are compared first",
    "resizing": "any other misplacement: those that students make have names of their own",
}


def names(source: str) -> Iterator[str]:
    """The names of mistakes that a source gives to complaints as they stand there."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id="Complaint"), args=[_, _, _, ast.Constant(value=str(name))]):
                yield name


def test_every_mistake_that_a_judge_names_has_a_mutant():
    given = {name for path in CHECKS.rglob("*.py") for name in names(path.read_text(encoding="utf-8"))}
    made = {entry.mistake for entry in MUTANTS}
    assert sorted(given - made - set(UNTRIED)) == []
    assert sorted(set(UNTRIED) - given | set(UNTRIED) & made) == [], "no longer named, or tried after all"


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_row_of_a_table_of_mistakes_has_a_mutant(framework):
    tables = (recipes.WRONG[framework], misranking.MISTAKES, hypotheses.multiply_adds(framework))
    made = {entry.mistake for entry in existing(MUTANTS, framework)}
    assert sorted({name for table in tables for name in table} - made) == []


def test_a_name_is_found():
    assert list(names('x = Complaint("a", f"{b}", "c", "wrong_shape"), Complaint("a", "b", "c"), Complaint(*d)')) == [
        "wrong_shape"
    ]

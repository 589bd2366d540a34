"""What judges name has a mutant in the bank that gets this name; and guards that no evidence of the bank reaches."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from grader.checks import conduct
from grader.checks.basics.mistaken_losses import as_probabilities, smoothed, softmax_first, summed
from grader.checks.looking import hypotheses, maps, misranking, recipes
from grader.checks.practice import replaying, second_training, training
from grader.checks.practice.optimizing import _built_later
from grader.checks.practice.reading import array
from grader.checks.thresholds import threshold
from grader.checks.transfer import pipeline, strategy
from grader.checks.transfer.accuracy import tuned
from grader.checks.transfer.pipeline import places, share
from grader.failure import MalformedError
from grader.spec import FRAMEWORKS
from tests.bank.judging import MUTANTS, existing

CHECKS = Path(__file__).parent.parent / "grader" / "checks"
# names that no mutant gets, and why
UNTRIED = {
    "schedule_gets_training_loss": "whether the training loss leads to another rate hangs on the draw: 8 seeds of 40",
    "fits_training_images_alone": "takes a whole training that overfits; thresholds are calibrated on such programs",
    "learns_something_else": "a net that is compiled and learns, but not what its labels say",
    "features_changed": "the weights below the head are compared first",
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


OF_MEANS = (softmax_first, smoothed(0.1), smoothed(0.4), as_probabilities)
OF_MEANS_TOO = (replaying.softmax_twice, replaying.smoothed(0.3), replaying.logits_as_probabilities)


@pytest.mark.parametrize(
    ("loss", "images"),
    [*((loss, 1) for loss in (*OF_MEANS, *OF_MEANS_TOO)), (summed, 4), (replaying.summed, 4)],
)
def test_the_gradient_of_a_mistaken_loss_is_its_derivative(loss, images):
    generator = np.random.default_rng(1)
    logits, labels = generator.uniform(0.05, 0.95, (4, 3)), np.array([0, 2, 1, 2])
    losses, gradient = loss(logits, labels)
    assert losses.shape == (4,)
    for place in np.ndindex(logits.shape):
        step = np.zeros_like(logits)
        step[place] = 1e-5
        slope = (loss(logits + step, labels)[0].mean() - loss(logits - step, labels)[0].mean()) / 2e-5
        assert gradient[place] == pytest.approx(images * slope, abs=1e-8)


def test_mistaken_losses_have_their_values():
    logits, labels = np.array([[0.2, 0.5, 0.3], [2.0, -1.0, 0.5]]), np.array([1, 0])
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    targets = 0.7 * np.eye(3)[labels] + 0.1
    for loss in (smoothed(0.3), replaying.smoothed(0.3)):
        assert loss(logits, labels)[0] == pytest.approx(-(targets * np.log(chances)).sum(axis=1))
    again = np.exp(chances) / np.exp(chances).sum(axis=1, keepdims=True)
    for loss in (softmax_first, replaying.softmax_twice):
        assert loss(logits, labels)[0] == pytest.approx(-np.log(again[[0, 1], labels]))
    assert as_probabilities(logits, labels)[0] == pytest.approx(
        [-np.log(0.5), -np.log((1 - 1e-7) / (1.5 + 1e-7 - 1e-7))]
    )
    assert as_probabilities(logits, labels)[1][1] == pytest.approx([0, 0, 0.5 / 1.5 / 0.5 / 2])


def test_the_share_of_right_answers_is_none_for_scores_that_are_no_scores():
    scores, labels = np.eye(4)[[0, 1, 2, 2]], np.array([0, 1, 2, 3])
    assert share(scores, labels) == 0.75
    unlike = (scores[:2], scores[0], np.zeros((0, 4)), np.where(scores > 0, np.nan, scores))
    assert [share(each, labels) for each in unlike] == [0.0] * 4
    assert share(np.zeros((4, 0)), labels) == 0.0


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_tuned_model_fails_below_the_threshold_alone(framework):
    labels = np.arange(200) % 8
    request = {"framework": framework, "kept_labels": labels, "batches": [0]}
    needed = int(np.ceil(threshold("a5_transfer", "fine_tuner", framework) * 200))
    for right, passes in ((needed, True), (200, True), (needed - 1, False), (0, False)):
        answers = np.where(np.arange(200) < right, labels, labels + 1) % 8
        assert (tuned(request, {"scores": np.eye(8)[answers]}) is None) == passes


CELLS = {5: "little", 48: "little", 49: "border", 50: "border", 51: "border", 52: "much", 500: "much"}


@pytest.mark.parametrize(("count", "failing"), CELLS.items())
@pytest.mark.parametrize("similar", [True, False])
def test_one_wrong_cell_of_the_table_fails_one_check(count, failing, similar):
    questions = [[each, alike] for each in CELLS for alike in (True, False)]
    answers = [strategy.TABLE[each < 50, alike] for each, alike in questions]
    wrong = questions.index([count, similar])
    answers[wrong] = strategy.TABLE[count < 50, not similar]
    evidence = {"answers": np.frombuffer(json.dumps(answers).encode(), np.uint8)}
    judges = {"little": strategy.little, "much": strategy.much, "border": strategy.border}
    failed = [name for name, judge in judges.items() if judge({"questions": questions}, evidence) is not None]
    assert failed == [failing]


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        ((2, 5, 3, 4), "channels_first"),
        *((shape, "axes_mixed") for shape in ((2, 4, 3, 5), (2, 5, 4, 3), (5, 3, 4, 2), (5, 4, 3, 2), (3, 4, 5, 2))),
        *((shape, "first_image_alone") for shape in ((3, 4, 5), (5, 3, 4), (1, 3, 4, 5), (1, 5, 3, 4))),
        ((2, 5), "axes_lost"),
        ((2, 6, 8, 5), "other_shape"),
    ],
)
def test_a_wrong_shape_of_maps_is_named(shape, name):
    assert maps._shape_fix(shape, (2, 3, 4, 5))[2] == name


@pytest.mark.parametrize("counts", [[3], [3, 4, 5], [3, np.nan]])
def test_counts_of_tensors_that_are_no_two_numbers_are_malformed(counts):
    request = {"kind": "basic_block", "cases": [{"registration": True}]}
    with pytest.raises(MalformedError):
        conduct.registration(request, {"0_counts": np.array(counts)})


@pytest.mark.parametrize("scores", [np.zeros((2, 1)), np.zeros((2, 4)), np.zeros(2), np.full((2, 3), np.nan)])
def test_odd_images_without_a_score_for_each_class_are_the_students_fault(scores):
    request = {"validation_labels": [2, 0], "outsiders": [0, 1], "num_classes": 3, "limit": 10}
    found = pipeline.validation(request, {"scores": scores, "outsiders": scores, "passes": np.array([1])})
    assert found is not None
    assert found.got == "none that can be read"


def test_equal_scores_share_their_mean_place():
    scores = np.array([[3.0, 1.0, 2.0], [1.0, 1.0, 0.0], [5.0, 5.0, 5.0]])
    assert places(scores, np.array([1, 1, 0])).tolist() == [3.0, 1.5, 2.0]


def test_what_should_be_in_the_evidence_and_is_not_passes_nothing():
    moved = {"steps": np.ones((2, 3)), "decay": np.ones((2, 3))}
    with pytest.raises(MalformedError):
        _built_later({}, moved)
    assert _built_later({}, moved | {f"late_{phase}": values for phase, values in moved.items()}) is None

    def judge(request, evidence):
        array(evidence, "final")

    with pytest.raises(MalformedError):
        second_training.twice(judge)({"short_script": np.ones(3)}, {"final": np.ones(1)})
    text = np.frombuffer(json.dumps({"keys": list(training.KEYS)}).encode(), np.uint8)
    with pytest.raises(MalformedError):
        training.history({"epochs": 1}, {"history": text} | {f"history_{key}": np.ones(1) for key in training.KEYS})

"""What of `python -m reference` needs no framework: commands, recipes, batches, files, pictures."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reference import __main__ as reference
from reference import batches, checkpoints, options, recipes, strategies, training
from reference.commands import evaluate
from reference.problem import Problem
from reference.progress import Progress


def test_every_command_is_listed_with_what_it_does(capsys):
    with pytest.raises(SystemExit, match="0"):
        reference.main(["--help"])
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("train", "finetune", "evaluate", "degradation", "compare"))


def test_listing_the_commands_loads_no_framework():
    code = (
        "import sys; from reference import __main__ as m; m.parser(); print(*{'torch', 'keras'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_what_a_person_can_put_right_is_told_without_a_traceback(capsys, tmp_path):
    assert reference.main(["evaluate", str(tmp_path / "none.npz")]) == 2
    assert capsys.readouterr().err == f"reference evaluate: there is no checkpoint {tmp_path / 'none.npz'}\n"


def test_the_courses_recipe_is_the_default_and_the_papers_has_its_numbers():
    course, paper = recipes.recipe("course", 20), recipes.recipe("paper", 56)
    assert (course.learning_rate, course.momentum, course.weight_decay, course.batch_size) == (0.1, 0.9, 1e-5, 256)
    assert (paper.weight_decay, paper.batch_size, paper.augment, paper.warmup) == (1e-4, 128, True, 0)
    total = recipes.total_steps(paper, 45_000)
    rates = [recipes.learning_rate(paper, step, total, []) for step in (0, 31_999, 32_000, 47_999, 48_000, 63_999)]
    np.testing.assert_allclose(rates, [0.1, 0.1, 0.01, 0.01, 0.001, 0.001])
    deep = recipes.recipe("paper", 110)
    assert [recipes.learning_rate(deep, step, total, []) for step in (0, 399, 400)] == [0.01, 0.01, 0.1]


@pytest.mark.parametrize(
    ("errors", "drops"),
    [
        ([], 0),
        ([3, 2, 1], 0),
        ([1, 2, 3], 1),  # two epochs without a new best
        ([1, 2, 0.5, 2], 0),  # a new best starts the count again
        ([1, 2, 3, 4, 5], 2),
        ([1, float("nan"), float("nan")], 1),
    ],
)
def test_the_rate_falls_at_plateaus(errors, drops):
    course = replace(recipes.Recipe(), patience=2)
    assert recipes.learning_rate(course, 0, 100, errors) == 0.1 / 10**drops


def test_options_take_the_place_of_the_recipes_numbers():
    parser = reference.parser()
    given = parser.parse_args(
        ["train", "--recipe", "paper", "--epochs", "3", "--learning-rate", "0.05", "--no-augment"]
    )
    chosen = options.recipe(given, recipes.PAPER)
    assert (chosen.epochs, chosen.steps, chosen.learning_rate, chosen.augment) == (3, None, 0.05, False)
    assert chosen.weight_decay == recipes.PAPER.weight_decay
    assert recipes.total_steps(chosen, 1_000) == 3 * 8  # the last batch is shorter


def test_an_epoch_has_every_image_once_in_an_order_of_its_own():
    images, labels = np.arange(10, dtype=np.uint8).reshape(10, 1, 1, 1).repeat(3, axis=3), np.arange(10)
    orders = []
    for seed, epoch in ((0, 0), (0, 1), (1, 0), (0, 0)):
        passed = list(batches.training(images, labels, 4, seed=seed, epoch=epoch))
        assert [len(y) for _, y in passed] == [4, 4, 2]
        assert all((x[:, 0, 0, 0] == y).all() for x, y in passed)
        orders.append(np.concatenate([y for _, y in passed]).tolist())
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert orders[0] == orders[3]
    assert len({tuple(order) for order in orders}) == 3


def test_augmentation_crops_a_padded_image_and_flips_it():
    image = np.arange(1, 49, dtype=np.uint8).reshape(1, 4, 4, 3)
    padded = np.pad(image[0], ((4, 4), (4, 4), (0, 0)))
    views = np.lib.stride_tricks.sliding_window_view(padded, (4, 4), (0, 1)).transpose(0, 1, 3, 4, 2).reshape(81, -1)
    crops = {tuple(view) for view in views}
    flipped = {tuple(np.reshape(view, (4, 4, 3))[:, ::-1].ravel()) for view in views}
    changed = batches.augmented(image.repeat(3_000, axis=0), np.random.default_rng(0))
    seen = {tuple(one.ravel()) for one in changed}
    assert seen == crops | flipped  # 161 different ones, of which one is black


def test_a_file_is_whole_or_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "last.npz"
    checkpoints.save(path, {"model/a.b": np.arange(3.0)}, {"rows": [1]})

    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("reference.checkpoints.os.fsync", die)
    with pytest.raises(KeyboardInterrupt):
        checkpoints.save(path, {"model/a.b": np.zeros(3)}, {"rows": [1, 2]})
    arrays, record = checkpoints.load(path)
    np.testing.assert_array_equal(checkpoints.part(arrays, "model")["a.b"], [0, 1, 2])
    assert record == {"rows": [1]}


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut", "pickle"])
def test_a_damaged_checkpoint_is_refused(tmp_path, content):
    path = tmp_path / "last.npz"
    if content == "pickle":
        np.savez(path, a=np.array([{}], dtype=object))
    else:
        path.write_bytes(content)
    with pytest.raises(Problem, match="is damaged, or no checkpoint"):
        checkpoints.load(path)


@pytest.mark.parametrize(
    ("count", "similar", "name"),
    [
        (10, True, "linear_head"),
        (10, False, "linear_on_stages"),
        (50, True, "fine_tune_few"),
        (50, False, "fine_tune_many"),
    ],
)
def test_the_courses_table_chooses_a_strategy(count, similar, name):
    assert strategies.choose(count, similar) == name
    assert strategies.strategy(name, 3).name == name


def test_a_stage_that_is_not_there_is_refused():
    with pytest.raises(Problem, match="this net has stages 1 to 3; got 4"):
        strategies.strategy("fine_tune_few", 3, learn=4)


def test_a_measurement_names_the_worst_classes_and_what_is_mistaken():
    scores = np.array([[2.0, 0, 0], [0, 2, 0], [0, 2, 0], [0, 0, 2]])
    lines = evaluate.report(scores, np.array([0, 1, 2, 2]), ("cat", "dog", "fox"))
    assert lines[0].endswith("accuracy 75.0% of 4 images")
    assert lines[1].startswith("worst classes: fox 50%")
    assert lines[2] == "1 x fox taken for dog"


def test_a_loss_that_is_no_number_ends_the_run():
    class Diverged:
        def step(self, images, labels, rate):
            return float("nan"), 0

        def numbers(self, values):
            return np.array(values, np.float64)

    class Job:
        recipe, seed, total = recipes.Recipe(batch_size=2), 0, 10

        class data:  # noqa: N801
            train = np.zeros((4, 8, 8, 3), np.uint8), np.zeros(4, np.int64)

    with pytest.raises(Problem, match=r"the loss is nan in epoch 1, at a rate of 0\.1: try a lower --learning-rate"):
        training.train_epoch(Diverged(), Job, training.Outcome(), Progress(10, stream=io.StringIO()))


def test_a_command_that_a_module_has_is_one_of_a_documents():
    text = (Path(__file__).parent.parent / "docs/reference.md").read_text(encoding="utf-8")
    assert all(
        f"python -m reference {name}" in text for name in ("train", "finetune", "evaluate", "degradation", "compare")
    )

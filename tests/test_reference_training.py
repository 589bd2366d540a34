"""The training loop of the reference, around a trainer of one number that writes down what it was given."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from reference import checkpoints, runs, training
from reference.data import WORLD, Data
from reference.problem import Problem
from reference.recipes import Recipe

COUNT = 10
EPOCHS = 4
ACCURACIES = [0.5, 1.0, 0.75, 1.0]  # of the validation by epoch: the second is the first of the best


class Noting:
    """A trainer whose weight counts its steps, and whose validation goes as it was told."""

    words, parameters = "nothing", 1

    def __init__(self, dies_at: int | None = None) -> None:
        self.weight, self.momentum = 0.0, 0.0
        self.seen: list[list[int]] = []
        self.rates: list[float] = []
        self.dies_at = dies_at

    def step(self, images, labels, rate):
        if self.weight == self.dies_at:
            raise KeyboardInterrupt
        self.weight += 1
        self.momentum = 0.9 * self.momentum + labels.sum()
        self.seen.append(images[:, 0, 0, 0].tolist())
        self.rates.append(rate)
        return float(labels.mean()), len(labels)

    def measure(self, images, labels):
        epoch = round(self.weight / 3)
        return 2.0 * len(labels) * (1 - ACCURACIES[epoch - 1]), ACCURACIES[epoch - 1] * len(labels)

    def numbers(self, values):
        return np.array(values, np.float64)

    def weights(self):
        return {"model/weight": np.array(self.weight)}

    def state(self):
        return {"optimizer/momentum": np.array(self.momentum)}

    def restore(self, arrays):
        self.weight = float(arrays["model/weight"])
        self.momentum = float(arrays.get("optimizer/momentum", self.momentum))


def job(folder, **numbers):
    """Four epochs of three steps on ten images, the last batch a short one."""
    images = np.arange(COUNT, dtype=np.uint8).reshape(COUNT, 1, 1, 1).repeat(3, axis=3)
    pair = images, np.arange(COUNT)
    data = Data("ten", pair, pair, pair, ("a", "b"), WORLD, "made up")
    recipe = Recipe(**({"batch_size": 4, "epochs": EPOCHS, "patience": 1} | numbers))
    return runs.Job(data, recipe, 0, folder, {"framework": "none", "model": "noting"}, "Ten images", "a test")


def test_each_epoch_shows_every_image_once_in_a_new_order(tmp_path):
    trainer = Noting()
    outcome = training.run(trainer, job(tmp_path))
    orders = [[*itertools.chain(*trainer.seen[start : start + 3])] for start in range(0, 3 * EPOCHS, 3)]
    assert all(sorted(order) == list(range(COUNT)) for order in orders)
    assert len({tuple(order) for order in orders}) == EPOCHS
    assert [row.step for row in outcome.rows] == [3, 6, 9, 12]
    # each batch's mean counts by its size: 0 to 9 have the mean 4.5 in every order
    np.testing.assert_allclose([row.loss for row in outcome.rows], 4.5)


def test_the_rate_falls_after_an_epoch_without_a_new_best_and_the_best_weights_are_kept(tmp_path):
    trainer = Noting()
    outcome = training.run(trainer, job(tmp_path))
    np.testing.assert_allclose(trainer.rates, [0.1] * 9 + [0.01] * 3)
    assert [row.val_accuracy for row in outcome.rows] == ACCURACIES
    assert trainer.weight == 6
    assert float(checkpoints.load(tmp_path / "last.npz")[0]["model/weight"]) == 12
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"best.md", "best.npz", "last.md", "last.npz", "history.csv", "curves.png"}


def test_cards_say_what_a_checkpoint_is(tmp_path):
    training.run(Noting(), job(tmp_path))
    best, last = ((tmp_path / f"{name}.md").read_text() for name in ("best", "last"))
    for part in (
        "# Ten images",
        "weights after epoch 2 (step 6 of 12)",
        "1 parameters",
        "ten: 2 classes",
        "made up",
        "after 1 epochs without",
        "- Seed: 0",
        "| validation | 0.0000 | 100.0% |",
        "| test |",
        "`a test`",
    ):
        assert part in best
    assert "after epoch 4" in last
    assert "| test |" not in last  # the test measured the best


@pytest.mark.parametrize("dies_at", [1, 3, 7, 11])
def test_a_run_that_ends_early_goes_on_to_the_same_end(tmp_path, dies_at):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    training.run(Noting(), job(whole))
    with pytest.raises(KeyboardInterrupt):
        training.run(Noting(dies_at), job(broken))
    training.run(Noting(), job(broken))
    for name in ("last.npz", "best.npz"):
        ours, theirs = checkpoints.load(whole / name)[0], checkpoints.load(broken / name)[0]
        assert {key: array.tolist() for key, array in ours.items()} == {k: a.tolist() for k, a in theirs.items()}


def test_steps_end_a_run_inside_an_epoch(tmp_path):
    trainer = Noting()
    outcome = training.run(trainer, job(tmp_path, steps=5))
    assert [row.step for row in outcome.rows] == [3, 5]
    assert len(trainer.seen) == len(outcome.losses) == 5


def test_a_run_that_was_asked_otherwise_does_not_go_on(tmp_path):
    training.run(Noting(), job(tmp_path))
    with pytest.raises(Problem, match=r"was made with momentum = 0\.9, and you ask for 0\.5: name another --output"):
        training.run(Noting(), job(tmp_path, momentum=0.5))
    runs.restart(tmp_path)
    training.run(Noting(), job(tmp_path, momentum=0.5))

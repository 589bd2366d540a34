"""The command that makes the backbone, on a few images: what it stores and what it tells of it."""

from __future__ import annotations

import argparse
import json
from itertools import pairwise

import numpy as np
import pytest

from grader.given import on_torch, weights
from reference.commands import pretrain as command
from reference.on_torch import pretrain


def options(*arguments):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(arguments)


@pytest.fixture(scope="module", autouse=True)
def fewer():
    """Measure on fewer images than the real thing does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pretrain, "VALIDATION", 64)
        patch.setattr(pretrain, "FRESH", 64)
        yield


@pytest.fixture(scope="module")
def run(fewer):
    return pretrain.train(epochs=2, images=96, batch=32, rate=0.05, decay=5e-4, seed=1)


def test_each_epoch_is_told_and_sees_new_images(run):
    model, history = run
    assert not model.training
    assert [row["epoch"] for row in history] == [1, 2]
    assert set(history[0]) == {"epoch", "training_loss", "cpu_seconds", "validation_loss", "validation_accuracy"}
    first, second = (pretrain.load("train", 20, f"1 epoch {epoch}")[0].numpy() for epoch in (0, 1))
    assert not np.array_equal(first, second)


def test_the_same_seed_gives_the_same_net(run):
    again, _ = pretrain.train(epochs=2, images=96, batch=32, rate=0.05, decay=5e-4, seed=1)
    ours, theirs = pretrain.numbers(run[0]), pretrain.numbers(again)
    for name, tensor in ours.items():
        np.testing.assert_array_equal(theirs[name], tensor)


def test_what_is_stored_is_what_was_trained(monkeypatch, tmp_path):
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    assert command.main(options("--epochs", "1", "--images", "64", "--batch-size", "32", "--seed", "3")) == 0
    record = json.loads((tmp_path / "PROVENANCE.json").read_text(encoding="utf-8"))
    assert record["options"]["images"] == 64
    assert record["bytes"] == (tmp_path / "backbone.npz").stat().st_size
    trained, _ = pretrain.train(epochs=1, images=64, batch=32, rate=0.1, decay=5e-4, seed=3)
    stored = on_torch.backbone().state_dict()
    for name, tensor in pretrain.numbers(trained).items():
        np.testing.assert_allclose(stored[name].numpy(), tensor, rtol=1e-3, atol=1e-6)


def test_the_defaults_are_how_the_stored_weights_were_made():
    record = json.loads((weights.FOLDER / "PROVENANCE.json").read_text(encoding="utf-8"))
    assert vars(options()) == record["options"]
    losses = [row["training_loss"] for row in record["epochs"]]
    assert all(after < before for before, after in pairwise(losses))


def test_weights_that_half_precision_cannot_hold_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match="half precision"), np.errstate(over="ignore"):
        weights.save("backbone", {"a": np.array([1e6], np.float32)})
    assert list(tmp_path.iterdir()) == []

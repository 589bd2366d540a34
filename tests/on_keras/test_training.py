"""The Keras trainer: the torch trainer's steps, equal after a kill, frozen where it should be."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from grader import given
from reference import __main__ as reference
from reference.checkpoints import part
from reference.data import WORLD
from reference.on_keras import device, resnet, train, transfer
from reference.problem import Problem
from reference.recipes import Recipe
from reference.settings import Settings
from reference.strategies import NAMES, strategy
from tests import carrying, running, stepping
from tests.on_keras.test_reference import carry


@pytest.fixture
def float32():
    """Put the policy back that a test changes."""
    yield
    device.keras.config.set_dtype_policy("float32")


def trainer(**options):
    chosen = device.choose(Settings(**options))
    return train.Trainer(train.build("small_residual8", 10, (32, 32, 3), 0), stepping.RECIPE, WORLD, chosen)


def test_a_run_that_was_killed_ends_as_one_that_was_not(tmp_path):
    running.check_resuming("keras", tmp_path)


def test_steps_are_those_of_the_torch_trainer(tmp_path):
    path = tmp_path / "torch.npz"
    done = subprocess.run([sys.executable, "-m", "tests.on_torch.steps", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with np.load(path) as found:
        answers = dict(found)
    model = resnet.cifar_resnet(stepping.DEPTH)
    carry(model, carrying.draw({name: tuple(shape) for name, shape in part(answers, "shapes").items()}))
    ours = train.Trainer(model, stepping.RECIPE, WORLD)
    losses, right = stepping.run(ours)
    np.testing.assert_allclose(losses, answers["losses"], rtol=1e-4)
    np.testing.assert_array_equal(right, answers["right"])
    variables = {path.removeprefix("model/"): array for path, array in ours.weights().items()}
    for name, array in part(part(answers, "weights"), "model").items():
        if array.ndim:  # BatchNorm's count of batches is PyTorch's alone
            np.testing.assert_allclose(
                variables[carrying.keras_path(name)], carrying.to_keras(array), rtol=1e-3, atol=2e-5
            )


@pytest.fixture(scope="module")
def plain():
    """The losses of some steps, as they are without any switch."""
    return stepping.run(trainer())[0]


def test_compilation_changes_nothing_and_16_bits_little(plain, float32):
    np.testing.assert_allclose(stepping.run(trainer(compile="on"))[0], plain, rtol=1e-3)
    mixed = trainer(mixed="on")
    losses, _ = stepping.run(mixed)
    np.testing.assert_allclose(losses, plain, rtol=0.05)
    assert np.abs(losses / plain - 1).max() > 1e-5  # 16 bits were really used
    assert {str(variable.dtype) for variable in mixed.model.trainable_variables} == {"float32"}


def test_float16_scales_its_loss_and_keeps_the_scale_in_checkpoints(plain, float32, monkeypatch):
    monkeypatch.setattr(device, "halved", lambda: "float16")
    first, second = trainer(mixed="on"), trainer(mixed="on")
    np.testing.assert_allclose(stepping.run(first)[0], plain, rtol=0.05)
    assert first.model.layers[-1].compute_dtype == "float16"
    second.restore(first.weights() | first.state())
    assert float(second.optimizer.dynamic_scale) == float(first.optimizer.dynamic_scale) > 1


@pytest.mark.parametrize("name", NAMES[:-1])
def test_what_is_frozen_stays_as_it_was_and_what_learns_moves(name):
    model = transfer.transfer(given.backbone("keras"), 5, strategy(name, 3, learn=2))
    rates = transfer.rates(model)
    learns = train.Trainer(model, Recipe(learning_rate=0.01), WORLD, **rates)
    before = learns.weights()
    for step in range(2):
        images, labels = stepping.images(16, step)
        learns.step(images, labels % 5, 0.01)
    after = learns.weights()
    moved = {key.removeprefix("model/").split("_")[0] for key in before if not np.array_equal(before[key], after[key])}
    expected = {
        "linear_head": set(),
        "linear_on_stages": set(),
        "fine_tune_few": {"conv3", "conv4"},
        "fine_tune_many": {"conv1", "conv2", "conv3", "conv4"},
    }
    assert {name.split("/")[0] for name in moved} == expected[name] | {"head"}
    pretrained = {path for path, factor in rates["factors"].items() if factor == 0.1}
    assert {path.split("_")[0] for path in pretrained} == expected[name]
    stages = {layer.name.split("_")[0] for layer in model.layers}
    assert ("conv4" in stages) == (name != "linear_on_stages")


def test_a_tenth_of_the_rate_moves_a_tenth_as_far():
    moves = []
    for factors in (None, {"predictions/kernel": 0.1}):
        model = train.build("cifar_resnet8", 10, (32, 32, 3), 0)
        learns = train.Trainer(model, Recipe(weight_decay=0.01), WORLD, factors=factors)
        before = learns.weights()["model/predictions/kernel"]
        learns.step(*stepping.images(16), 0.01)
        moves.append(learns.weights()["model/predictions/kernel"] - before)
    np.testing.assert_allclose(moves[1], moves[0] / 10, rtol=1e-2, atol=1e-7)


def test_evaluating_what_another_run_made(tmp_path, capsys):
    arguments = ["finetune", "--framework", "keras", "--images", "40", "--epochs", "1", "--output", str(tmp_path)]
    assert reference.main([*arguments, "--strategy", "linear_head"]) == 0
    told = capsys.readouterr().out.splitlines()[-1].split("|")[-2].strip()
    assert reference.main(["evaluate", str(tmp_path / "best.npz")]) == 0
    assert f"accuracy {told} of 500 images" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["resnet19", "resnet", "vgg16", "small_plain9"])
def test_a_net_that_does_not_exist_is_refused(name):
    with pytest.raises(Problem, match=f"no net called '{name}'"):
        train.build(name, 10, (32, 32, 3), 0)


def test_a_device_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(device, "gpu_kind", lambda: None)
    with pytest.raises(Problem, match="this machine has no cuda that TensorFlow can use, but: cpu"):
        device.choose(Settings(device="cuda"))

"""The torch trainer: equal after a kill, equal when compiled, nearly so in 16 bits, frozen where it should be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from grader import given
from reference import __main__ as reference
from reference.data import WORLD
from reference.on_torch import device, resnet, train, transfer
from reference.problem import Problem
from reference.recipes import Recipe
from reference.settings import Settings
from reference.strategies import NAMES, strategy
from tests import running, stepping


def trainer(**options):
    chosen = device.choose(Settings(**options))
    return train.Trainer(train.build("small_residual8", 10, (32, 32, 3), 0), stepping.RECIPE, WORLD, chosen)


def test_a_run_that_was_killed_ends_as_one_that_was_not(tmp_path):
    running.check_resuming("torch", tmp_path)


def test_a_run_of_another_recipe_does_not_go_on_from_a_checkpoint(tmp_path, capsys):
    arguments = [*running.TRAIN, "--framework", "torch", "--output", str(tmp_path), "--epochs", "1"]
    arguments += ["--device", "cpu"]
    assert reference.main(arguments) == 0
    assert reference.main([*arguments, "--learning-rate", "0.05"]) == 2
    assert "was made with learning_rate = 0.1, and you ask for 0.05" in capsys.readouterr().err
    assert reference.main([*arguments, "--learning-rate", "0.05", "--restart"]) == 0
    assert reference.main(["evaluate", str(tmp_path / "best.npz")]) == 0
    assert "of 500 images" in capsys.readouterr().out


def test_layout_and_compilation_change_nothing_and_16_bits_little(monkeypatch):
    monkeypatch.setattr(train, "BACKEND", "aot_eager")  # traces and differentiates; leaves out the C++ compiler
    plain, _ = stepping.run(trainer(channels_last="off"))
    for options in ({"channels_last": "on"}, {"compile": "on"}):
        np.testing.assert_allclose(stepping.run(trainer(**options))[0], plain, rtol=1e-3)
    mixed = trainer(mixed="on")
    assert mixed.half is torch.bfloat16
    losses, _ = stepping.run(mixed)
    np.testing.assert_allclose(losses, plain, rtol=0.05)
    assert np.abs(losses / plain - 1).max() > 1e-5  # 16 bits were really used
    assert {tensor.dtype for tensor in mixed.model.parameters()} == {torch.float32}


def test_all_nets_of_a_command_are_compiled_however_many_they_are(monkeypatch):
    monkeypatch.setattr(train, "BACKEND", "aot_eager")
    monkeypatch.setattr(torch._dynamo.config, "recompile_limit", 4)
    monkeypatch.setattr(torch._dynamo.config, "fail_on_recompile_limit_hit", True)  # else the rest runs uncompiled
    chosen = device.choose(Settings(compile="on"))
    for name in NAMES[:-1]:
        model = transfer.transfer(given.backbone("torch"), 10, strategy(name, 3))
        stepping.run(train.Trainer(model, stepping.RECIPE, WORLD, chosen))


def test_float16_scales_its_loss_and_keeps_the_scale_in_checkpoints():
    chosen = replace(device.choose(Settings()), half=torch.float16)
    build = lambda: train.Trainer(train.build("small_residual8", 10, (32, 32, 3), 0), stepping.RECIPE, WORLD, chosen)  # noqa: E731
    first, second = build(), build()
    plain, _ = stepping.run(trainer())
    np.testing.assert_allclose(stepping.run(first)[0], plain, rtol=0.05)
    second.restore(first.weights() | first.state())
    assert second.scaler.get_scale() == first.scaler.get_scale() > 1
    assert not torch.isnan(second.model[0].weight).any()


@pytest.mark.parametrize("name", NAMES[:-1])
def test_what_is_frozen_stays_as_it_was_and_what_learns_moves(name):
    chosen = strategy(name, 3, learn=2)
    model = transfer.transfer(given.backbone("torch"), 5, chosen)
    rates = transfer.rates(model)
    learns = train.Trainer(model, Recipe(learning_rate=0.01), WORLD, **rates)
    before = learns.weights()
    for step in range(2):
        images, labels = stepping.images(16, step)
        learns.step(images, labels % 5, 0.01)
    after = learns.weights()
    moved = {key.split(".")[1] for key in before if ".bn" not in key and not np.array_equal(before[key], after[key])}
    still = {key for key in before if key.startswith("model/frozen") and not np.array_equal(before[key], after[key])}
    expected = {
        "linear_head": set(),
        "linear_on_stages": set(),
        "fine_tune_few": {"layer2", "layer3"},
        "fine_tune_many": {"conv1", "layer1", "layer2", "layer3"},
    }
    assert moved - {"weight", "bias"} == expected[name]
    assert not still
    assert learns.optimizer.param_groups[0]["lr"] == 0.01
    assert [group["factor"] for group in learns.optimizer.param_groups] == [1.0, 0.1][: 1 + bool(expected[name])]
    assert ("layer3" in dict(model.frozen.named_children())) == (name == "linear_head")


def test_a_backbone_of_one_s_own_and_torchvisions_are_cut_alike():
    own = transfer.transfer(resnet.cifar_resnet(8), 3, strategy("linear_on_stages", 3, keep=2))
    assert list(dict(own.frozen.named_children())) == ["conv1", "bn1", "relu", "layer1", "layer2"]
    assert own.head.in_features == 32
    bottlenecks = transfer.transfer(resnet.resnet(50), 3, strategy("fine_tune_few", 4))
    assert bottlenecks.head.in_features == 2048
    assert list(dict(bottlenecks.learning.named_children())) == ["layer4"]


@pytest.mark.parametrize("name", ["resnet19", "resnet", "vgg16", "small_plain9"])
def test_a_net_that_does_not_exist_is_refused(name):
    with pytest.raises(Problem, match=f"no net called '{name}'"):
        train.build(name, 10, (32, 32, 3), 0)


def test_a_device_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(device, "available", lambda: ["cpu"])
    with pytest.raises(Problem, match="this machine has no cuda that PyTorch can use, but: cpu"):
        device.choose(Settings(device="cuda"))


def test_nets_are_compared_from_torchvisions_metadata(tmp_path, capsys):
    assert reference.main(["compare", "--output", str(tmp_path)]) == 0
    assert "| resnet50 | V1 | 4.1 | 25.6 | 76.1 % | 2.98 |" in capsys.readouterr().out
    table = (tmp_path / "nets.csv").read_text()
    assert all(f"\n{name}" in table for name in ("resnet18", "resnet152", "vgg16", "densenet121", "efficientnet_b0"))
    assert "SWAG" not in table
    assert "nan" not in table
    assert all((tmp_path / name).read_bytes()[1:4] == b"PNG" for name in ("operations.png", "density.png"))

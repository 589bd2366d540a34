"""The Keras reference is the torch reference: same weights, same logits, in evaluation and in training mode."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from reference.on_keras import resnet as reference
from tests import carrying

CASES = [(key, size) for key, (_, _, sizes) in carrying.MODELS.items() for size in sizes]


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """The torch reference's shapes and logits, from a process of its own: one framework per process."""
    path = tmp_path_factory.mktemp("answers") / "torch.npz"
    done = subprocess.run([sys.executable, "-m", "tests.on_torch.answers", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with np.load(path) as found:
        return dict(found)


def build(key, size):
    function, arguments, _ = carrying.MODELS[key]
    options = {"block": reference.padded_block} if "padded" in key else {}
    return getattr(reference, function)(**arguments, **options, input_shape=(*size, 3))


def carry(model, weights):
    """Assign torch's weights by name; every variable must get one."""
    variables = {f"{layer.name}/{variable.name}": variable for layer in model.layers for variable in layer.variables}
    assert sorted(carrying.keras_path(name) for name in weights) == sorted(variables)
    for name, value in weights.items():
        variables[carrying.keras_path(name)].assign(carrying.to_keras(value))


@pytest.mark.parametrize(("key", "size"), CASES, ids=[f"{key}-{h}x{w}" for key, (h, w) in CASES])
def test_both_references_agree(answers, key, size):
    prefix = f"{key}/shapes/"
    shapes = {name.removeprefix(prefix): tuple(shape) for name, shape in answers.items() if name.startswith(prefix)}
    model = build(key, size)
    carry(model, carrying.draw(shapes))
    images = carrying.images(4, *size)
    for training, mode in ((False, "evaluation"), (True, "training")):
        carrying.agree(np.asarray(model(images, training=training)), answers[f"{key}/{size}/{mode}"])


def test_convolutions_start_with_he_initialisation():
    kernel = reference.cifar_resnet(56).get_layer("conv4_block3_2_conv").kernel
    assert abs(np.std(kernel) / np.sqrt(2 / (64 * 9)) - 1) < 0.03  # 37 thousand draws: 1 % off at most


@pytest.mark.parametrize(("function", "depth"), [("resnet", 19), ("cifar_resnet", 21), ("cifar_resnet", 2)])
def test_a_depth_that_does_not_exist_is_refused_with_those_that_do(function, depth):
    with pytest.raises(ValueError, match=f"depth must be .*, got {depth}"):
        getattr(reference, function)(depth)

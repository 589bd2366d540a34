"""The NumPy oracle is the torch reference: logits, running statistics and every gradient, in both modes."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

from grader.oracle import graph, nets
from tests import carrying
from tests.on_torch import answers

BOUND = (
    1e-7  # float64, relative to the largest of each tensor; measured: worst 1e-9 (ResNet-152, training), mostly 1e-14
)
SMALLEST = 1e-6  # in training mode the gradient of a shift can be zero but for rounding
ROLES = {"kernel": "weight", "scale": "weight", "shift": "bias", "mean": "running_mean", "variance": "running_var"}


def oracle(key: str) -> graph.Graph:
    """The oracle's graph of a model of `carrying.MODELS`."""
    function, arguments, _ = carrying.MODELS[key]
    if function == "resnet":
        return nets.resnet(arguments["depth"], arguments["num_classes"])
    style = nets.Style(option_a="padded" in key)
    return nets.cifar(arguments["depth"], 10, style, skip="plain" not in key)


def torch_name(slot: str, plain: bool) -> str:
    """`stage1.block1.conv2/kernel` of the oracle -> `layer1.0.conv2.weight` of the reference."""
    node, role = slot.split("/")
    name = {"stem.conv": "conv1", "stem.norm": "bn1", "dense": "fc"}.get(node, node)
    if match := re.fullmatch(r"stage(\d)\.block(\d+)\.(.*)", node):
        part = match[3].replace("projection_norm", "downsample.1").replace("projection", "downsample.0")
        part = part.replace("norm", "bn")
        if plain:
            part = {"conv1": "0", "bn1": "1", "conv2": "3", "bn2": "4"}[part]
        name = f"layer{match[1]}.{int(match[2]) - 1}.{part}"
    return f"{name}.{ROLES.get(role, role)}"


def close(got: np.ndarray, want: np.ndarray, name: str) -> None:
    assert got.shape == want.shape, name
    scale = max(np.abs(want).max(), SMALLEST)
    np.testing.assert_allclose(got, want, rtol=0, atol=BOUND * scale, err_msg=name)


def compare(key: str, size: tuple[int, int], training: bool, net: graph.Graph | None = None) -> None:
    """Run both on the same float64 images and weights, forward and backward."""
    net, model = net or oracle(key), answers.build(key).double().train(training)
    names = {slot: torch_name(slot, "plain" in key) for slot in net.slots()}
    state = {name: tensor.clone().numpy() for name, tensor in model.state_dict().items()}
    images = carrying.images(4, *size).astype(np.float64)
    x = torch.from_numpy(images.transpose(0, 3, 1, 2).copy()).requires_grad_()
    output = model(x)
    cotangent = np.random.default_rng(2).normal(size=output.shape)
    output.backward(torch.from_numpy(cotangent))

    values = {slot: state[name] for slot, name in names.items()}
    run = graph.run(net, images, values, training=training, cotangent=cotangent)
    assert np.ptp(run.output, axis=0).max() > 1e-2 * np.abs(run.output).max(), "nothing is compared"
    close(run.output, output.detach().numpy(), "output")
    close(run.gradients[graph.IMAGES], x.grad.numpy().transpose(0, 2, 3, 1), "gradient of the images")
    parameters = dict(model.named_parameters())
    assert set(parameters) <= set(names.values())
    for slot, name in names.items():
        if name in parameters:
            close(run.gradients[slot], parameters[name].grad.numpy(), f"gradient of {name}")
    _compare_statistics(run, model, state, names)


def _compare_statistics(run: graph.Run, model: torch.nn.Module, before: dict, names: dict) -> None:
    """PyTorch keeps nine tenths of the old statistics, and takes the unbiased variance."""
    for node, (mean, variance, count) in run.statistics.items():
        for role, new in (("mean", mean), ("variance", variance * count / (count - 1))):
            name = names[f"{node}/{role}"]
            close(model.state_dict()[name].numpy(), 0.9 * before[name] + 0.1 * new, name)


CASES = [(key, sizes[-1], training) for key, (_, _, sizes) in carrying.MODELS.items() for training in (False, True)]


@pytest.mark.parametrize(
    ("key", "size", "training"),
    CASES,
    ids=[f"{key}-{'training' if training else 'evaluation'}" for key, _, training in CASES],
)
def test_the_oracle_is_the_reference(key, size, training):
    compare(key, size, training)


def test_the_comparison_notices_a_missing_relu():
    wrong = oracle("cifar_padded20").map(lambda node: None if node.name == "stage2.block1.relu1" else node)
    with pytest.raises(AssertionError, match="output"):
        compare("cifar_padded20", (32, 32), False, wrong)

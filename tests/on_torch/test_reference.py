"""The torch reference: it is torchvision's ResNet and the paper's CIFAR net, and its plain twin has no shortcut."""

from __future__ import annotations

import pytest
import torch
import torchvision

from reference.on_torch import resnet as reference
from tests import carrying
from tests.on_torch import answers

PARAMETERS = {18: 11_689_512, 34: 21_797_672, 50: 25_557_032, 101: 44_549_160, 152: 60_192_808}


def count(model: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize("depth", PARAMETERS)
def test_a_reference_with_torchvisions_weights_is_torchvisions_net(depth):
    theirs = getattr(torchvision.models, f"resnet{depth}")(weights=None)
    answers.fill(theirs)
    ours = reference.resnet(depth)
    ours.load_state_dict(theirs.state_dict())  # strict: every name, every shape
    assert count(ours) == PARAMETERS[depth]
    for size in ((33, 33), (64, 48)):
        images = carrying.images(4, *size)
        carrying.agree(answers.run(ours, images, False), answers.run(theirs, images, False))
    carrying.agree(answers.run(ours, images, True), answers.run(theirs, images, True))
    for name, tensor in theirs.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[name], tensor, rtol=1e-4, atol=1e-5)


def test_the_comparison_notices_one_changed_scale():
    ours, theirs = answers.build("resnet18"), answers.build("resnet18")
    with torch.no_grad():
        ours.get_submodule("layer4.1.bn2").weight[3] *= 1.5
    images = carrying.images(4, 33, 33)
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        carrying.agree(answers.run(ours, images, False), answers.run(theirs, images, False))


@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        (reference.cifar_resnet(20), 272_474),
        (reference.cifar_resnet(20, block=reference.PaddedBlock), 269_722),
        (reference.cifar_plain(20), 269_722),
    ],
    ids=["projection", "padded", "plain"],
)
def test_cifar_nets_have_the_papers_parameters(model, parameters):
    assert count(model) == parameters
    assert model(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


def test_with_its_branch_silenced_a_block_is_its_shortcut_and_a_plain_one_is_nothing():
    x = torch.randn(2, 8, 5, 7)
    block = reference.BasicBlock(8, 8)
    torch.nn.init.zeros_(block.bn2.weight)
    torch.testing.assert_close(block(x), torch.relu(x))
    plain = reference.PlainBlock(8, 8)
    torch.nn.init.zeros_(plain[4].weight)
    assert not plain(x).any()


def test_option_a_takes_every_second_pixel_and_pads_channels_with_zeros():
    x = torch.randn(2, 3, 5, 4)
    padded = reference.ZeroPadding(3, 5, 2)(x)
    assert padded.shape == (2, 5, 3, 2)
    torch.testing.assert_close(padded[:, :3], x[:, :, ::2, ::2])
    assert not padded[:, 3:].any()


def test_convolutions_start_with_he_initialisation():
    kernel = reference.resnet(18).get_submodule("layer3.0.conv2").weight
    assert abs(kernel.std().item() / (2 / (256 * 9)) ** 0.5 - 1) < 0.02  # 590 thousand draws: 0.1 % off at most


@pytest.mark.parametrize(("function", "depth"), [("resnet", 19), ("cifar_resnet", 21), ("cifar_resnet", 2)])
def test_a_depth_that_does_not_exist_is_refused_with_those_that_do(function, depth):
    with pytest.raises(ValueError, match=f"depth must be .*, got {depth}"):
        getattr(reference, function)(depth)

"""The pretrained net in PyTorch: what a5 says of it, and how well it does."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from grader import given
from grader.given import on_torch, stored, weights


@pytest.fixture(scope="module")
def prepared():
    images, labels, _ = given.images("source", "test", 1000, seed="tests in PyTorch")
    return given.prepare(images, "torch"), labels


def answers(model, images):
    with torch.no_grad():
        return model(images).numpy()


def test_images_are_prepared_as_the_notebook_says():
    raw = given.images("objects", "test", 3)[0]
    images = given.prepare(raw, "torch")
    assert images.dtype == torch.float32
    assert images.is_contiguous()
    expected = (raw.astype(np.float64) / 255 - given.MEAN) / given.STD
    np.testing.assert_allclose(images.numpy(), expected.transpose(0, 3, 1, 2), atol=1e-6)


def test_it_knows_the_classes_of_images_rendered_afresh(prepared):
    images, labels = prepared
    right = np.mean(answers(given.classifier("torch"), images).argmax(axis=1) == labels)
    assert right > 0.98  # 0.998 of 5,000


def test_it_arrives_afresh_trainable_and_in_evaluation_mode():
    one, two = given.backbone("torch"), given.backbone("torch")
    for model in (one, two):
        assert not any(module.training for module in model.modules())
        assert all(parameter.requires_grad and parameter.grad is None for parameter in model.parameters())
    with torch.no_grad():
        one.conv1.weight.zero_()
    assert two.conv1.weight.abs().sum() > 0
    assert given.backbone("torch").conv1.weight.abs().sum() > 0


def test_its_children_are_torchvisions_and_in_order_its_forward(prepared):
    model, images = given.backbone("torch"), prepared[0][:8]
    names = [name for name, _ in model.named_children()]
    assert names == ["conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "avgpool", "fc"]
    assert (model.fc.in_features, model.fc.out_features) == (64, 128)
    assert sum(parameter.numel() for parameter in model.parameters()) == 182_928
    *body, head = model.children()
    chain = nn.Sequential(*body, nn.Flatten(), head)
    np.testing.assert_array_equal(answers(chain, images), answers(model, images))


def test_a_new_head_and_other_sizes_fit():
    model = given.backbone("torch")
    model.fc = nn.Linear(model.fc.in_features, 10)
    assert answers(model, torch.zeros(2, 3, 48, 40)).shape == (2, 10)


def test_every_weight_comes_from_the_file():
    state = given.backbone("torch").state_dict()
    tensors = weights.load("backbone")
    assert set(tensors) == {name for name in state if not name.endswith("num_batches_tracked")}
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(state[name].numpy(), tensor)


def test_a_missing_file_is_explained(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    with pytest.raises(stored.StoredError, match=r"backbone\.npz and its checksum.*install the grader again"):
        given.backbone("torch")


def test_imagenet_where_nothing_can_be_downloaded(monkeypatch, tmp_path):
    def offline(*arguments, **options):
        raise OSError("no network")

    torchvision = pytest.importorskip("torchvision")
    monkeypatch.setattr(torchvision.models, "get_model", offline)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(
        RuntimeError, match=r"tried https://download.pytorch.org/models/resnet18-.*no network"
    ) as caught:
        given.imagenet("torch", 18)
    assert str(tmp_path / "hub" / "checkpoints" / "resnet18-") in str(caught.value)
    with pytest.raises(ValueError, match="torchvision has pretrained ResNets of 18, 34, 50, 101, 152 layers; got 20"):
        given.imagenet("torch", 20)


def test_the_function_is_not_hidden_by_a_module_of_its_name():
    assert on_torch.backbone is on_torch.classifier
    assert all(callable(getattr(given, name)) for name in given.__all__ if name.islower() and name != "world")

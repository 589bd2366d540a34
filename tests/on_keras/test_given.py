"""The pretrained net in Keras: what a5 says of it, and that it gives PyTorch's outputs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from grader import given
from grader.given import weights

ROOT = Path(__file__).parent.parent.parent
IN_TORCH = """
import sys
import numpy as np
from grader import given
images = np.load(sys.argv[1])["images"]
model = given.classifier("torch")
prepared = given.prepare(images, "torch")
evaluation = model(prepared).detach().numpy()
training = model.train()(prepared).detach().numpy()
statistics = {name: value.numpy() for name, value in model.state_dict().items() if "running" in name}
np.savez(sys.argv[2], evaluation=evaluation, training=training, **statistics)
"""


@pytest.fixture(scope="module")
def raw():
    return given.images("source", "test", 300, seed="tests in Keras")


@pytest.fixture(scope="module")
def theirs(raw, tmp_path_factory):
    """What PyTorch's net gives for the same images, in a process of its own."""
    asked, answered = (tmp_path_factory.mktemp("parity") / name for name in ("asked.npz", "answered.npz"))
    np.savez(asked, images=raw[0])
    done = subprocess.run([sys.executable, "-c", IN_TORCH, asked, answered], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with np.load(answered, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def answers(model, images, training=False):
    return keras.ops.convert_to_numpy(model(images, training=training))


def test_images_are_prepared_as_the_notebook_says(raw):
    images = given.prepare(raw[0], "keras")
    assert images.dtype == np.float32
    np.testing.assert_allclose(images, (raw[0].astype(np.float64) / 255 - given.MEAN) / given.STD, atol=1e-6)


def test_it_gives_pytorchs_outputs_in_both_modes(raw, theirs):
    model, images = given.classifier("keras"), given.prepare(raw[0], "keras")
    ours = answers(model, images)
    np.testing.assert_allclose(ours, theirs["evaluation"], atol=1e-4)  # 2e-5 of logits up to 21
    assert np.mean(ours.argmax(axis=1) == raw[1]) > 0.97
    # 6e-5; the running variance takes the batch's biased variance here and the unbiased one in PyTorch: 1 in 300
    np.testing.assert_allclose(answers(model, images, training=True), theirs["training"], atol=5e-4)
    norm = model.get_layer("conv3_block1_0_bn")
    np.testing.assert_allclose(norm.moving_mean.numpy(), theirs["layer2.0.downsample.1.running_mean"], atol=1e-5)
    np.testing.assert_allclose(norm.moving_variance.numpy(), theirs["layer2.0.downsample.1.running_var"], rtol=2e-3)


def test_it_arrives_afresh_trainable_and_without_its_head(raw):
    one, two = given.backbone("keras"), given.backbone("keras")
    assert one.output_shape == (None, 64)
    assert all(layer.trainable for layer in one.layers)
    one.get_layer("conv1_conv").kernel.assign(np.zeros((3, 3, 3, 16)))
    assert np.abs(two.get_layer("conv1_conv").kernel.numpy()).sum() > 0
    kernel, bias = given.classifier("keras").layers[-1].get_weights()
    images = given.prepare(raw[0][:20], "keras")
    logits = answers(given.classifier("keras"), images)
    np.testing.assert_allclose(answers(two, images) @ kernel + bias, logits, atol=1e-4)


def test_its_layers_are_named_as_in_keras_applications():
    names = [layer.name for layer in given.backbone("keras").layers[1:]]
    beginnings = dict.fromkeys(name.split("_")[0] for name in names)
    assert list(beginnings) == ["conv1", "pool1", "conv2", "conv3", "conv4", "avg"]
    assert names[-1] == "avg_pool"
    theirs = keras.applications.ResNet50(weights=None, include_top=False, pooling="avg", input_shape=(32, 32, 3))
    kinds = {name.rsplit("_", 1)[-1] for name in names}
    assert kinds <= {layer.name.rsplit("_", 1)[-1] for layer in theirs.layers}


def test_it_can_be_cloned(raw):
    model, images = given.backbone("keras"), given.prepare(raw[0][:5], "keras")
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(answers(clone, images), answers(model, images))


def test_every_weight_of_the_file_is_used():
    tensors = weights.load("backbone")
    assert given.classifier("keras").count_params() == sum(tensor.size for tensor in tensors.values())


def test_imagenet_where_nothing_can_be_downloaded(monkeypatch):
    def offline(*arguments, **options):
        raise Exception("URL fetch failure")  # what Keras raises

    monkeypatch.setattr(keras.applications, "ResNet50", offline)
    expected = r"tried https://storage.*resnet50_weights_.*_notop\.h5, which failed \(URL fetch.*backbone\('keras'\)"
    with pytest.raises(RuntimeError, match=expected):
        given.imagenet("keras", 50)
    with pytest.raises(ValueError, match=r"pretrained ResNets of 50, 101, 152 layers; got 18"):
        given.imagenet("keras", 18)

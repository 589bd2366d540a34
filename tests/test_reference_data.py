"""The data of the reference: embedded tasks, CIFAR-10, folders of images; errors that say what to do."""

from __future__ import annotations

import hashlib
import io
import tarfile
import urllib.error

import numpy as np
import pytest
from PIL import Image

from grader import given
from reference import cifar, data
from reference.problem import Problem


def test_training_images_that_are_rendered_depend_on_the_seed_and_those_that_judge_do_not():
    first, second = data.load("objects", seed=1, count=20), data.load("objects", seed=2, count=20)
    assert len(first.train[1]) == 20
    assert (first.train[0] != second.train[0]).any()
    np.testing.assert_array_equal(first.test[0], second.test[0])
    np.testing.assert_array_equal(first.train[0], data.load("objects", seed=1, count=20).train[0])
    assert "20 train, 500 validation, 500 test images; grader.given.images('objects')" in data.describe(first)


def test_digits_at_8_pixels_are_as_they_were_written():
    digits = data.load("digits", size=8)
    written, labels, _ = given.raw("digits", "train")
    assert digits.shape == (8, 8, 3)
    np.testing.assert_array_equal(digits.train[1], labels)
    np.testing.assert_array_equal(digits.train[0][..., 0], np.minimum(written.astype(int) * 16, 255))


def test_fewer_images_are_as_many_of_each_class():
    fewer = data.load("digits", count=25)
    assert sorted(np.bincount(fewer.train[1])) == [2] * 5 + [3] * 5


def test_data_that_is_not_there_is_refused_with_what_is(tmp_path):
    with pytest.raises(Problem, match=r"no data called 'imagenet': expected one of .*objects.*, cifar10, or a folder"):
        data.load("imagenet")


def record(label, image):
    return bytes([label]) + image.transpose(2, 0, 1).tobytes()


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """A small archive like that of CIFAR-10, with ten images in each file."""
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (60, 32, 32, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as made:
        for index, name in enumerate([*cifar.TRAINING, "test_batch.bin"]):
            content = b"".join(record(label, images[10 * index + label]) for label in range(10))
            entry = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
    (tmp_path / "cifar-10-binary.tar.gz").write_bytes(buffer.getvalue())
    monkeypatch.setattr(cifar, "MD5", hashlib.md5(buffer.getvalue(), usedforsecurity=False).hexdigest())
    monkeypatch.setattr(cifar, "VALIDATION", 10)
    return images


def test_cifar_10_is_read_from_its_archive(archive, tmp_path):
    found = data.load("cifar10", root=tmp_path)
    np.testing.assert_array_equal(found.train[0], archive[:40])
    np.testing.assert_array_equal(found.validation[0], archive[40:50])
    np.testing.assert_array_equal(found.test[0], archive[50:])
    np.testing.assert_array_equal(found.test[1], np.arange(10))
    assert found.names[3] == "cat"
    np.testing.assert_allclose(found.preparation.mean, (archive[:40] / 255).mean(axis=(0, 1, 2)), atol=1e-4)
    np.testing.assert_allclose(found.preparation.deviation, (archive[:40] / 255).std(axis=(0, 1, 2)), atol=1e-4)


def test_a_damaged_archive_is_refused(archive, tmp_path):
    path = tmp_path / "cifar-10-binary.tar.gz"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Problem, match="is damaged: expected the MD5"):
        data.load("cifar10", root=tmp_path)


def test_where_nothing_can_be_downloaded_the_error_says_what_to_do(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(cifar.urllib.request, "urlopen", refuse)
    with pytest.raises(Problem) as caught:
        data.load("cifar10", root=tmp_path)
    told = str(caught.value)
    assert all(part in told for part in (cifar.ADDRESS, "no route to host", str(tmp_path), "--root", "--data small"))
    assert list(tmp_path.iterdir()) == []


def paint(path, colour, size=(20, 12)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)


def test_a_folder_of_classes_is_divided_and_a_folder_of_splits_is_taken_as_it_is(tmp_path):
    for name, colour in (("ants", (255, 0, 0)), ("bees", (0, 0, 255))):
        for index in range(10):
            paint(tmp_path / "flat" / name / f"{index}.png", colour)
        for split in ("train", "val", "test"):
            paint(tmp_path / "split" / split / name / "0.jpg", colour)
    flat, split = data.load(str(tmp_path / "flat"), size=16), data.load(str(tmp_path / "split"))
    assert flat.names == split.names == ("ants", "bees")
    assert [len(flat.train[1]), len(flat.validation[1]), len(flat.test[1])] == [12, 4, 4]
    assert flat.shape == (16, 16, 3)
    assert split.shape == (224, 224, 3)
    assert (flat.test[0][flat.test[1] == 1] == (0, 0, 255)).all()


def test_folders_that_cannot_be_used_are_refused_with_a_reason(tmp_path):
    paint(tmp_path / "one" / "ants" / "0.png", 0)
    with pytest.raises(Problem, match=r"at least two; got \['ants'\]"):
        data.load(str(tmp_path / "one"))
    paint(tmp_path / "one" / "bees" / "0.png", 0)
    with pytest.raises(Problem, match=r"class 'ants' of .* has 1 image; at least 3 are needed"):
        data.load(str(tmp_path / "one"))
    paint(tmp_path / "half" / "train" / "ants" / "0.png", 0)
    with pytest.raises(Problem, match="a folder 'train' but none for test, validation"):
        data.load(str(tmp_path / "half"))
    for name in ("ants", "bees"):
        for index in range(3):
            paint(tmp_path / "bad" / name / f"{index}.png", 0)
    (tmp_path / "bad" / "ants" / "1.png").write_bytes(b"no image")
    with pytest.raises(Problem, match=r"1\.png can't be read as an image"):
        data.load(str(tmp_path / "bad"))

"""The images that students are given."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from grader import given
from grader.given import embedded, objects, preparation, shapes, tasks

RENDERED = tuple(tasks.RENDERED)


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]


# A change of these is a change of what the backbone was trained on: pretrain it again.
@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ("small", "554164ddb0523be0f0213b434e4cf434"),
        ("source", "bbdbdf33e522c21dd4a6ae9afa32a9fe"),
        ("objects", "a63e0330901b1a328f08f2814050c17c"),
        ("things", "0ccafd4618e9e0b16b87ef964483a930"),
    ],
)
def test_the_same_seed_gives_the_same_bytes_everywhere(task, expected):
    images, labels, _ = given.images(task, "train", 40, seed=7)
    assert digest(images) + digest(labels) == expected


@pytest.mark.parametrize("task", given.TASKS)
@pytest.mark.parametrize("split", tuple(tasks.SPLITS))
def test_every_task_gives_images_labels_and_names(task, split):
    images, labels, names = given.images(task, split, 50)
    assert images.dtype == np.uint8
    assert images.shape == (50, 32, 32, 3)
    assert labels.dtype == np.int64
    assert labels.shape == (50,)
    assert names == given.names(task)
    assert len(set(names)) == len(names)
    assert labels.min() >= 0
    assert labels.max() < len(names)


@pytest.mark.parametrize("task", given.TASKS)
def test_every_class_comes_as_often_as_any_other(task):
    count = 4 * len(given.names(task))
    for number in (count, count + 3):
        counts = np.bincount(given.images(task, "train", number)[1], minlength=len(given.names(task)))
        assert counts.max() - counts.min() == (number > count)


@pytest.mark.parametrize("task", RENDERED)
def test_the_first_images_do_not_depend_on_how_many_are_asked_for(task):
    few, few_labels, _ = given.images(task, "test", 30, seed=3)
    many, many_labels, _ = given.images(task, "test", 300, seed=3)  # more than one chunk
    np.testing.assert_array_equal(many[:30], few)
    np.testing.assert_array_equal(many_labels[:30], few_labels)


@pytest.mark.parametrize("task", given.TASKS)
def test_no_image_is_in_two_splits_or_twice_in_one(task):
    counts = dict.fromkeys(tasks.SPLITS) if task in embedded.TASKS else dict.fromkeys(tasks.SPLITS, 400)
    images = [image.tobytes() for split, count in counts.items() for image in given.images(task, split, count)[0]]
    assert len(set(images)) == len(images)


@pytest.mark.parametrize("task", RENDERED)
def test_another_seed_gives_other_images_in_another_order(task):
    one, two = (given.images(task, "train", 200, seed=seed) for seed in (1, "1 more"))
    assert not {image.tobytes() for image in one[0]} & {image.tobytes() for image in two[0]}
    assert not np.array_equal(one[1], two[1])


def test_what_is_given_may_be_written_to():
    for task in given.TASKS:
        first = given.images(task, "test", 5)
        before = first[0].copy()
        first[0][:] = 0
        first[1][:] = 0
        np.testing.assert_array_equal(given.images(task, "test", 5)[0], before)


def test_the_objects_are_held_out_of_the_source_task():
    seen = {name.split()[-1] for name in given.names("source")}
    assert seen == set(shapes.SHAPES)
    assert len(given.names("source")) == 128
    assert not seen & set(given.names("objects"))
    assert not seen & set(given.names("things"))
    assert (given.names("objects"), given.names("things")) == (tuple(objects.OBJECTS), tuple(objects.THINGS))
    assert len(given.world.SILHOUETTES) == 48


def test_no_two_silhouettes_look_alike():
    masks = given.world.atlas()
    apart = np.abs(masks[:, None] - masks[None]).mean(axis=2)
    np.fill_diagonal(apart, 1)
    assert apart.min() > 0.03  # measured: 0.045, pentagon and flower


def test_mean_and_deviation_are_those_of_the_source_task():
    pixels = given.images("source", "train", 5000)[0].reshape(-1, 3) / 255
    np.testing.assert_allclose(pixels.mean(axis=0), given.MEAN, atol=0.003)
    np.testing.assert_allclose(pixels.std(axis=0), given.STD, atol=0.003)
    prepared = preparation.normalised(given.images("source", "test", 100)[0])
    assert prepared.dtype == np.float32
    assert abs(prepared.mean()) < 0.1


def test_raw_digits_are_small_and_fill_the_whole_square_when_enlarged():
    small, labels, names = given.raw("digits", "train", 20)
    assert small.shape == (20, 8, 8)
    assert small.max() <= 16
    large, large_labels, _ = given.images("digits", "train", 20)
    np.testing.assert_array_equal(np.minimum(small.astype(int) * 16, 255), large[:, ::4, ::4, 1])
    np.testing.assert_array_equal(labels, large_labels)
    assert names == tuple("0123456789")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("cats", "train"), "expected one of the tasks small, source,.*got 'cats'"),
        (("small", "holdout"), "expected one of the splits train, validation, test; got 'holdout'"),
        (("small", "train", 0), "at least 1 image; got 0"),
        (("emoji", "test", 500), "expected at most 180 images, which 'emoji' has for 'test'; got 500"),
        (("emoji", "test", 5, 1), "they take no seed; got 1"),
    ],
)
def test_what_cannot_be_given_is_explained(arguments, message):
    with pytest.raises(ValueError, match=message):
        given.images(*arguments)


def test_only_two_frameworks_are_known():
    for function in (given.backbone, given.classifier, given.small_nets):
        with pytest.raises(ValueError, match="expected the framework 'torch' or 'keras'; got 'jax'"):
            function("jax")

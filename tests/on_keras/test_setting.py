"""Probing in a student's own kernel leaves Keras and TensorFlow as they were."""

from __future__ import annotations

import contextlib
import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.eager import context
from tensorflow.python.framework import config

from grader.probes.setting import on_keras as setting


@pytest.fixture(autouse=True)
def _as_in_a_new_process() -> None:
    config.disable_op_determinism()  # the reference's tests, in the same worker, may have switched it on


def flags():
    return {
        "floats": keras.config.floatx(),
        "policy": keras.config.dtype_policy().name,
        "layout": keras.config.image_data_format(),
        "placement": tf.config.get_soft_device_placement(),
        "eagerly": tf.config.functions_run_eagerly(),
        "devices": (tf.device, keras.device),
    }


def drawn():
    """The next random numbers of every source that has a seed."""
    return random.random(), np.random.rand(), float(keras.random.normal(())), tf.random.normal(()).numpy()


@pytest.fixture
def _odd_kernel():
    """Flags that a student may have set, put back for the tests that follow."""
    before = flags()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("mixed_bfloat16")
    keras.config.set_image_data_format("channels_first")
    tf.config.run_functions_eagerly(False)
    tf.config.set_soft_device_placement(False)
    yield
    keras.config.set_floatx(before["floats"])
    keras.config.set_dtype_policy(before["policy"])
    keras.config.set_image_data_format(before["layout"])
    tf.config.run_functions_eagerly(before["eagerly"])
    tf.config.set_soft_device_placement(before["placement"])


@pytest.mark.usefixtures("_odd_kernel")
def test_inside_everything_is_set_and_outside_as_it_was():
    before = flags()
    with setting.restored():
        setting.reset(3)
        inside = flags()
        assert inside | {"devices": None} == {
            "floats": "float32", "policy": "float32", "layout": "channels_last", "eagerly": True, "devices": None,
            "placement": True,
        }  # fmt: skip
        with tf.device("/GPU:0"), keras.device("gpu:0"):
            assert "CPU:0" in tf.ones(1).device
    assert flags() == before


def test_random_numbers_go_on_where_they_were():
    keras.utils.set_random_seed(1)
    expected = drawn(), drawn()
    keras.utils.set_random_seed(1)
    first = drawn()
    with setting.restored():
        setting.reset(3)
        drawn()
    assert (first, drawn()) == expected


def test_where_tensorflow_had_no_seed_it_has_none():
    tf.random.set_seed(None)
    with setting.restored():
        setting.reset(3)
    assert context.global_seed() is None


def test_all_is_put_back_after_an_error():
    before = flags()
    with contextlib.suppress(ValueError), setting.restored():
        setting.reset(3)
        keras.config.set_floatx("float16")
        raise ValueError
    assert flags() == before

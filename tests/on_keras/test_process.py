"""What is set in a Keras process, seen from inside."""

from __future__ import annotations

import pytest

from grader.probes.setting import GPU
from tests.asking import error, result, started

CELLS = [
    "import keras, numpy as np, tensorflow as tf",
    "keras.config.set_floatx('float64')\nkeras.mixed_precision.set_global_policy('mixed_float16')",
    "keras.config.set_image_data_format('channels_first')\ntf.config.run_functions_eagerly(False)",
    "tf.config.set_soft_device_placement(False)\nstrategy = tf.distribute.OneDeviceStrategy('/gpu:0')",
    "tf.config.threading.set_inter_op_parallelism_threads(2)",
    "keras.utils.set_random_seed(1)",
    "def flags():\n"
    "    policy, layout = keras.config.dtype_policy().name, keras.config.image_data_format()\n"
    "    return [keras.config.floatx() == policy == 'float32', layout == 'channels_last', tf.executing_eagerly(),\n"
    "            tf.config.functions_run_eagerly(), keras.backend.backend() == 'tensorflow']",
    "def drawn(): return [*keras.layers.Dense(3)(np.ones((1, 1))).numpy()[0], *keras.random.normal((2,)).numpy()]",
    "def shuffled():\n"
    "    data = tf.data.Dataset.range(100).shuffle(100)\n"
    "    return list(data.as_numpy_iterator()) != list(data.as_numpy_iterator())",
    "def on_gpu():\n"
    "    with tf.device(tf.DeviceSpec(device_type='GPU')), keras.device('gpu:0'), strategy.scope():\n"
    "        return float(keras.ops.sum(tf.ones(3)))",
    "def wrong(): return keras.layers.Dense(0)",
]


@pytest.fixture(scope="module")
def process():
    with started("keras", *CELLS) as process:
        yield process


def test_flags_are_put_back_before_each_probe(process):
    assert result(process, "flags") == [True] * 5


def test_random_numbers_hang_on_the_seed_alone(process):
    assert result(process, "drawn", seed=3) == result(process, "drawn", seed=3) != result(process, "drawn", seed=4)


def test_no_global_seed_is_left_that_would_shuffle_alike(process):
    assert result(process, "shuffled") is True


def test_code_that_names_a_gpu_runs_on_the_cpu(process):
    assert result(process, "on_gpu") == 3
    assert GPU in process.remarks()


def test_an_exception_comes_with_the_students_line(process):
    found = error(process, "wrong")
    assert (found["kind"], found["type"]) == ("raised", "ValueError")
    assert found["line"] == "def wrong(): return keras.layers.Dense(0)"

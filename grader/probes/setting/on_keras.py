"""The setting of a Keras process on TensorFlow."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf
from keras.src.backend.common import global_state  # the generator behind layers without a seed has no public name
from tensorflow.python.eager import context

from grader.probes import setting
from grader.probes.setting import echo

__all__ = ["echo", "prepare", "remarks", "reset", "restored"]

_NUMBERS = ("global_seed_generator", "global_random_seed")
_named: set[str] = set()
_tf_device, _keras_device = tf.device, keras.device


def prepare() -> None:
    """Set up the whole process: one thread, no GPU whatever the code names, functions run eagerly."""
    with contextlib.suppress(RuntimeError):  # when TensorFlow has started already
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    _flags()
    _move_to_cpu()


def _move_to_cpu() -> None:
    tf.device = lambda device_name: _tf_device(_on_cpu(device_name, "/CPU:0"))
    keras.device = lambda device_name: _keras_device(_on_cpu(device_name, "cpu:0"))


def _on_cpu(name: Any, cpu: str) -> Any:
    """The name of a device, or the CPU's in place of a GPU's."""
    text = name.to_string() if isinstance(name, tf.DeviceSpec) else str(name)
    if "gpu" in text.lower() or "cuda" in text.lower():
        _named.add("gpu")
        return cpu
    return name


def _flags() -> None:
    tf.config.set_soft_device_placement(True)  # distribution strategies name devices too
    tf.config.run_functions_eagerly(True)  # operations inside tf.function would be hidden from the trace
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    keras.config.set_image_data_format("channels_last")


def reset(seed: int) -> None:
    """Reset seeds, and the flags that a notebook may have left changed; TensorFlow's global seed is taken away.

    Under a global seed `model.fit(shuffle=True)` shuffles alike in every epoch, which no right student is to blame for.
    """
    keras.utils.set_random_seed(seed)  # Python's and NumPy's too
    tf.random.set_seed(None)
    _flags()


def remarks() -> list[str]:
    """What a student should be told about their code."""
    return [setting.GPU] if _named else []


@contextmanager
def restored() -> Iterator[None]:
    """Probe in a student's own kernel: on the CPU, and with precision, seeds and flags put back afterwards."""
    eagerly, floats = tf.config.functions_run_eagerly(), keras.config.floatx()
    policy, layout = keras.config.dtype_policy(), keras.config.image_data_format()
    placement = tf.config.get_soft_device_placement()
    numbers = {name: global_state.get_global_attribute(name) for name in _NUMBERS}
    seed, drawn = context.global_seed(), getattr(context.context(), "_rng", None)
    with setting.python_numbers_restored(), _tf_device("/CPU:0"):
        try:
            _flags()
            _move_to_cpu()
            yield
        finally:
            tf.device, keras.device = _tf_device, _keras_device
            tf.config.set_soft_device_placement(placement)
            tf.config.run_functions_eagerly(eagerly)
            keras.config.set_floatx(floats)
            keras.config.set_dtype_policy(policy)
            keras.config.set_image_data_format(layout)
            tf.random.set_seed(seed)
            if drawn is not None:
                context.context()._rng = drawn  # seeds of operations go on where they were
            for name, value in numbers.items():
                global_state.set_global_attribute(name, value)

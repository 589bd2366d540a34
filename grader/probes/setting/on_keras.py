"""The setting of a Keras process on TensorFlow."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf

from grader.probes import setting
from grader.probes.setting import echo

__all__ = ["echo", "prepare", "remarks", "reset", "restored"]

_named: set[str] = set()


def prepare() -> None:
    """Set up the whole process: one thread, no GPU, functions run eagerly."""
    for set_threads in (
        tf.config.threading.set_intra_op_parallelism_threads,
        tf.config.threading.set_inter_op_parallelism_threads,
    ):
        with contextlib.suppress(RuntimeError):  # TensorFlow has started already, in a student's own kernel
            set_threads(1)
    tf.config.set_soft_device_placement(True)
    _flags()
    tf.device = _moved(tf.device)
    keras.device = _moved(keras.device)


def _moved(device: Any) -> Any:
    """A stand-in for `device` that notes a GPU and stays on the CPU."""

    def on_cpu(name: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(name, str) and ("gpu" in name.lower() or "cuda" in name.lower()):
            _named.add("gpu")
            name = "/CPU:0" if device is tf_device else "cpu:0"
        return device(name, *args, **kwargs)

    return on_cpu


tf_device = tf.device


def _flags() -> None:
    tf.config.run_functions_eagerly(True)  # operations inside tf.function would be hidden from the trace
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    keras.config.set_image_data_format("channels_last")


def reset(seed: int) -> None:
    """Reset seeds, and the flags that a notebook may have left changed; TensorFlow's global seed is taken away.

    Under a global seed `model.fit(shuffle=True)` shuffles alike in every epoch, which no right student is to blame for.
    """
    setting.reset_python(seed)
    tf.random.set_seed(None)
    _flags()


def remarks() -> list[str]:
    """What a student should be told about their code."""
    return [setting.GPU] if _named else []


@contextmanager
def restored() -> Iterator[None]:
    """Probe in a student's own kernel: on the CPU, and with precision and flags put back afterwards."""
    eagerly, floats = tf.config.functions_run_eagerly(), keras.config.floatx()
    policy, layout = keras.config.dtype_policy(), keras.config.image_data_format()
    with setting.python_numbers_restored(), tf_device("/CPU:0"):
        try:
            _flags()
            yield
        finally:
            tf.config.run_functions_eagerly(eagerly)
            keras.config.set_floatx(floats)
            keras.config.set_dtype_policy(policy)
            keras.config.set_image_data_format(layout)

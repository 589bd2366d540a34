"""Where Keras computes, on TensorFlow, and how."""

from __future__ import annotations

import contextlib
import platform
from dataclasses import dataclass

import keras
import tensorflow as tf

from reference.problem import Problem
from reference.settings import AUTO, Settings, decided

BFLOAT16_FROM = (8, 0)  # the compute capability of the first NVIDIA chips that are good at it


@dataclass(frozen=True)
class Chosen:
    """The settings, decided."""

    device: str
    policy: str  # a dtype policy's name
    compile: bool
    gpu: bool
    words: str


def gpu_kind() -> str | None:
    """What a GPU that TensorFlow sees is called: `mps` with Apple's plugin, else `cuda`."""
    if not tf.config.list_physical_devices("GPU"):
        return None
    return "mps" if platform.system() == "Darwin" else "cuda"


def choose(settings: Settings) -> Chosen:
    """Decide what was left open, set what is global in Keras and TensorFlow, and say so; raises Problem."""
    if keras.backend.backend() != "tensorflow":
        raise Problem(f"the reference runs Keras on TensorFlow, not on {keras.backend.backend()}: unset KERAS_BACKEND")
    kinds = [kind for kind in (gpu_kind(), "cpu") if kind]
    kind = kinds[0] if settings.device == AUTO else settings.device
    if kind not in kinds:
        raise Problem(f"this machine has no {kind} that TensorFlow can use, but: {', '.join(kinds)}")
    if settings.channels_last == "off":
        raise Problem("Keras on TensorFlow is channels last always: leave out --channels-last off")
    gpu = kind != "cpu"
    with contextlib.suppress(RuntimeError):  # too late once TensorFlow has computed something
        place(gpu, settings.threads)
    strict = settings.deterministic == "on" or (settings.deterministic == AUTO and not gpu)
    if strict:
        tf.config.experimental.enable_op_determinism()
    policy = f"mixed_{halved()}" if decided(settings.mixed, kind == "cuda") else "float32"
    keras.config.set_dtype_policy(policy)
    compiled = decided(settings.compile, kind == "cuda")
    parts = [name(kind), policy, *["XLA"] * compiled, *["deterministic"] * strict]
    words = f"Keras {keras.__version__} on TensorFlow {tf.__version__} on {', '.join(parts)}"
    return Chosen("GPU:0" if gpu else "CPU:0", policy, compiled, gpu, words)


def place(gpu: bool, threads: int | None) -> None:
    """Take the GPU, memory only as it is needed, or leave it to others; and so many threads of the CPU."""
    for found in tf.config.list_physical_devices("GPU"):
        if gpu:
            tf.config.experimental.set_memory_growth(found, True)
    if not gpu:
        tf.config.set_visible_devices([], "GPU")  # else the weights would lie there, and travel at each step
    if threads is not None:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)


def halved() -> str:
    """The 16-bit type that this device is good at; bfloat16 has float32's range and needs no scaled loss."""
    for gpu in tf.config.list_physical_devices("GPU"):
        if tf.config.experimental.get_device_details(gpu).get("compute_capability", BFLOAT16_FROM) < BFLOAT16_FROM:
            return "float16"
    return "bfloat16"


def name(kind: str) -> str:
    """The device in words."""
    if kind == "cpu":
        threads = tf.config.threading.get_intra_op_parallelism_threads()
        return f"CPU ({platform.machine()}, {threads or 'as many'} thread{'s' * (threads != 1)})"
    details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
    return details.get("device_name", kind)

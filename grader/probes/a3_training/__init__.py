"""Probes of `a3_training`, by the names of its questions.

init_weights     the kernels, biases, scales and shifts that the student's initialisation leaves
make_optimizer   what the student's optimizer does to weights whose gradients are given
make_schedule    the learning rates over epochs whose validation errors are given
fit, degradation   the diary of a net that notes each forward pass, and what the student's function returns
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from grader.probes import partial, students_code

MAX_CALLS = 5000  # noted forward passes: far more than asked for, and still a small answer
# The tensors of a noted net, in the order of its state: kernel `o i kh kw`, BatchNorm, dense matrix `o i`, bias.
SLOTS = ("kernel", "scale", "shift", "mean", "variance", "matrix", "bias")


def shapes(image: Sequence[int], channels: int, classes: int) -> tuple[tuple[int, ...], ...]:
    """The shapes of the tensors of a net whose one convolution is as large as its images `h w c`."""
    height, width, depth = image
    vector = (channels,)
    return (channels, depth, height, width), vector, vector, vector, vector, (classes, channels), (classes,)


def unpacked(state: np.ndarray, image: Sequence[int], channels: int, classes: int) -> dict[str, np.ndarray]:
    """The tensors of a noted net by slot, from its state as one vector."""
    found, start = {}, 0
    for slot, shape in zip(SLOTS, shapes(image, channels, classes), strict=True):
        size = int(np.prod(shape))
        found[slot] = state[start : start + size].reshape(shape)
        start += size
    return found


class Diary:
    """What a net saw: of each forward pass the images `n h w c`, the mode, the state before it and the logits."""

    def __init__(self) -> None:
        self._images: list[np.ndarray] = []
        self._logits: list[np.ndarray] = []
        self._states: list[np.ndarray] = []
        self._training: list[bool] = []

    def __deepcopy__(self, memo: dict[int, Any]) -> Diary:
        return self  # a copied net writes on in the same diary

    def note(self, images: np.ndarray, training: bool, state: np.ndarray, logits: np.ndarray) -> None:
        """Note one forward pass."""
        if len(self._training) < MAX_CALLS:
            self._images.append(images)
            self._logits.append(logits)
            self._states.append(state)
            self._training.append(training)

    @property
    def trained(self) -> bool:
        """Whether there was a pass in training mode."""
        return any(self._training)

    def evidence(self, prefix: str = "") -> dict[str, np.ndarray]:
        """The passes as arrays: `counts` images belong to each pass."""
        counts = np.array([len(images) for images in self._images], dtype=np.int64)
        return {
            f"{prefix}counts": counts,
            f"{prefix}training": np.array(self._training, dtype=bool),
            f"{prefix}images": _joined(self._images),
            f"{prefix}logits": _joined(self._logits),
            f"{prefix}states": np.array(self._states, dtype=np.float32),
        }


def _joined(arrays: list[np.ndarray]) -> np.ndarray:
    with suppress(ValueError):
        return np.concatenate(arrays).astype(np.float32)
    return np.zeros(0, dtype=np.float32)  # no pass, or images of several sizes


class Script:
    """Logits that a net gives in evaluation mode for known images, by the epoch that its count of steps is in."""

    def __init__(self, images: np.ndarray, logits: np.ndarray, steps: int) -> None:
        self._rows = {images[row, 0, 0, 0].item(): row for row in range(len(images))}
        self._logits = logits  # (epochs + 1, n, k)
        self._steps = steps  # in an epoch

    def __call__(self, images: np.ndarray, steps: int, logits: np.ndarray) -> np.ndarray:
        """The logits with those of known images replaced."""
        epoch = min(-(-steps // self._steps), len(self._logits) - 1)
        found = logits.copy()
        for place, key in enumerate(images[:, 0, 0, 0]):
            if (row := self._rows.get(key.item())) is not None:
                found[place] = self._logits[epoch, row]
        return found


def second(train: Callable[[dict[str, Any]], dict[str, np.ndarray]], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """The evidence of a short training behind the first one, each under `short_`."""
    script = request["short_script"]
    found = partial("error", lambda: train(request | {"script": script, "epochs": len(script) - 1}))
    return {f"short_{name}": array for name, array in found.items()}


def defaults(function: Callable[..., Any], names: Sequence[str]) -> np.ndarray:
    """The default values of a function's parameters, by name: JSON bytes; {} where Python can't tell."""
    found: dict[str, Any] = {}
    with suppress(Exception):
        parameters = inspect.signature(function).parameters
        found = {name: _plain(parameters[name].default) for name in names if name in parameters}
    return text({name: value for name, value in found.items() if value is not None})


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple) and all(type(item) is int for item in value):
        return list(value)
    return value if type(value) in (int, float) else None


def text(found: Any) -> np.ndarray:
    """Plain data as evidence: JSON bytes."""
    return np.frombuffer(json.dumps(found).encode(), dtype=np.uint8)


def history(result: Any) -> dict[str, np.ndarray]:
    """A training history as evidence: the numbers under each key that is asked for, and in words what it is."""
    words = {"type": type(result).__name__, "keys": []}
    found: dict[str, np.ndarray] = {}
    if isinstance(result, Mapping):
        words["keys"] = [str(key)[:40] for key in list(result)[:40]]
        for key in ("loss", "val_loss", "val_accuracy", "lr"):
            if key in result:
                with suppress(Exception):  # what holds no numbers is told by its absence
                    found[f"history_{key}"] = np.array([number(value) for value in list(result[key])[:1000]])
    return found | {"history": text(words)}


def number(value: Any) -> float:
    """A number that may be a tensor of one element; raises TypeError or ValueError."""
    value = value.detach() if hasattr(value, "detach") else value
    array = np.asarray(value)
    if array.size != 1:
        raise ValueError(f"expected one number, got an array of shape {array.shape}")
    return float(array.reshape(()))


def losses(result: Any) -> dict[str, np.ndarray]:
    """The table of the degradation experiment as evidence: kinds and depths with their losses, and what it is."""
    words: dict[str, Any] = {"type": type(result).__name__, "keys": [], "known": []}
    values = []
    if isinstance(result, Mapping):
        words["keys"] = [str(key)[:60] for key in list(result)[:40]]
        for key, value in list(result.items())[:40]:
            with suppress(Exception):
                kind, depth = key
                if isinstance(kind, str) and not isinstance(depth, str):
                    values.append(number(value))
                    words["known"].append([kind[:20], int(depth)])
    return {"table": text(words), "losses": np.array(values, dtype=np.float64)}


def kept(number: int, built: Sequence[tuple[str, Diary]]) -> dict[str, np.ndarray]:
    """The diaries of the nets of one case by name; of several of one name, that of the last one which was trained."""
    found: dict[str, Diary] = {}
    for name, diary in built:
        if name not in found or diary.trained:
            found[name] = diary
    return {key: array for name, diary in found.items() for key, array in diary.evidence(f"{number}_{name}_").items()}


def called(phase: str, function: Callable[..., Any], *words: Any, **named: Any) -> Any:
    """What the student's function returns; what it raises is a StudentError of this phase."""
    with students_code(phase):
        return function(*words, **named)


def made(phase: str, function: Callable[..., Any], *words: Any, **named: Any) -> Any:
    """The same for a function that makes something: None is a StudentError too."""
    found = called(phase, function, *words, **named)
    with students_code(phase):
        if found is None:
            raise TypeError("the function returns None: `return` is missing")
    return found

"""`transfer` as a whole, the same for both frameworks: arguments, passes of images, and what `predict` says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.probes import partial, students_code
from grader.probes.a5_transfer import text

FEW = 60  # training images, on which other preparations are tried where the right one gives little
UNSURE = 0.6  # share of right answers on training images below which they are tried


class TooManyPassesError(RuntimeError):
    """Ends a training that passes far more images than are allowed."""


class Watcher:
    """Counts the images that pass the first convolution, and ends what goes on for too long."""

    def __init__(self, limit: int) -> None:
        self.count = 0
        self._end = limit + limit // 4
        self._counts = True

    def passed(self, images: int) -> None:
        """Count some images; raises TooManyPassesError."""
        if self._counts:
            self.count += int(images)
            if self.count > self._end:
                raise TooManyPassesError(f"more than {self._end} images passed the first convolution")

    def stop(self) -> None:
        """Count no more: what `predict` does is free."""
        self._counts = False

    def restart(self) -> None:
        """Count from 0, for another call."""
        self.count, self._counts = 0, True


class Task:
    """One call of `transfer`, with its arguments, and a second one with two of the classes."""

    def __init__(
        self, function: Callable[..., Any], request: dict[str, Any], watcher: Watcher, head: Callable[[], float]
    ) -> None:
        self._function, self._request, self._watcher, self._head = function, request, watcher, head
        self._given = {name: np.array(request[name]) for name in _ARGUMENTS}

    def evidence(self, backbone: Callable[[], Any]) -> dict[str, np.ndarray]:
        """What the calls gave, each with a new backbone, and what the first one did to its arguments."""
        found = partial("error", lambda: self._called(backbone()))
        passes = {"passes": np.array(min(self._watcher.count, 2**31 - 1), np.int32)}
        if self._watcher.count > int(self._request["limit"]):
            found.pop("error", None)  # it was ended here, and that is what there is to say
        changed = [name for name in _ARGUMENTS if not _same(self._given[name], self._request[name])]
        if "scores" in found:
            found |= partial("two_error", lambda: self._two(backbone()))
        return found | passes | {"changed": text(changed)}

    def _called(self, backbone: Any) -> dict[str, np.ndarray]:
        predict = self._predict(backbone, self._given, int(self._request["num_classes"]))
        return partial("predict_error", lambda: self._predicted(predict))

    def _two(self, backbone: Any) -> dict[str, np.ndarray]:
        self._watcher.restart()
        predict = self._predict(backbone, {name: np.array(self._request[f"two_{name}"]) for name in _ARGUMENTS}, 2)
        return {"two_scores": _scores(predict, self._request["two_test_images"].copy())}

    def _predict(self, backbone: Any, given: dict[str, np.ndarray], num_classes: int) -> Callable[..., Any]:
        with students_code("running transfer"):
            pairs = [(given[f"{part}_images"], given[f"{part}_labels"]) for part in ("train", "validation")]
            predict: Any = self._function(backbone, *pairs, num_classes)
            if not callable(predict):
                raise TypeError(f"expected a function `predict` as the result, got {type(predict).__name__}")
        self._watcher.stop()
        return predict  # type: ignore[no-any-return]

    def _predicted(self, predict: Callable[..., Any]) -> dict[str, np.ndarray]:
        test, train = self._request["test_images"], self._request["train_images"]
        images = np.array(test)
        found = {"scores": _scores(predict, images), "head_moved": np.array(self._head())}
        found["test_changed"] = np.array(not _same(images, test))
        found["alone"] = _scores(predict, test[:1].copy())
        found["few"] = _scores(predict, test[:7].copy())
        found["again"] = _scores(predict, test.copy())
        found["turned"] = _scores(predict, test[::-1].copy())  # of the same shape as before
        dark = test[:1] // 4  # what the brightest image beside it holds changes nothing
        found["dark"] = _scores(predict, np.concatenate([dark, test[1:7]]))
        found["dark_alone"] = _scores(predict, dark.copy())
        found["outsiders"] = _scores(predict, self._request["validation_images"][self._request["outsiders"]])
        found["train_scores"] = _scores(predict, train.copy())
        if not _right(found["train_scores"], self._request["train_labels"]) > UNSURE:
            found |= partial("others_error", lambda: self._otherwise(predict, train[:FEW]))
        return found

    def _otherwise(self, predict: Callable[..., Any], images: np.ndarray) -> dict[str, np.ndarray]:
        """Scores of training images that were prepared in other ways, to find out what `predict` forgets."""
        scaled = images.astype(np.float32) / 255
        mean, deviation = (np.asarray(self._request[name], np.float32) for name in ("mean", "deviation"))
        others: dict[str, np.ndarray] = {
            "as_divided": scaled,
            "as_prepared": (scaled - mean) / deviation,
            "as_normalised": 255 * (scaled - mean) / deviation,
            "as_multiplied": images * np.float32(255),
        }
        found: dict[str, np.ndarray] = {}
        for name, other in others.items():
            found |= partial(f"{name}_error", lambda: {name: _scores(predict, other.astype(np.float32))})  # noqa: B023
        return found


_ARGUMENTS = ("train_images", "train_labels", "validation_images", "validation_labels")


def _same(found: np.ndarray, given: np.ndarray) -> bool:
    return found.dtype == given.dtype and np.array_equal(found, given)


def _right(scores: np.ndarray, labels: np.ndarray) -> float:
    if scores.ndim != 2 or len(scores) != len(labels) or not scores.size:
        return 0.0
    return float(np.mean(scores.argmax(axis=1) == labels))


def _scores(predict: Callable[..., Any], images: np.ndarray) -> np.ndarray:
    with students_code("predicting"):
        found = predict(images)
        if not isinstance(found, np.ndarray):
            raise TypeError(f"expected a NumPy array of scores from `predict`, got {type(found).__name__}")
        if found.dtype.kind not in "fiub":
            raise TypeError(f"expected scores that are real numbers, got {found.dtype}")
        return found.astype(np.float64)

"""One training by the student's `fit`, as its judges see it: epochs with their batches and validations."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from grader.checks.practice.diaries import Diary, Pass, read
from grader.checks.practice.reading import array, plain
from grader.failure import MalformedError
from grader.oracle.learning import cross_entropy
from grader.result import Complaint
from grader.spec import Evidence, Request

KEYS = ("loss", "val_loss", "val_accuracy", "lr")
_recent: deque[Training] = deque(maxlen=2)  # the checks of the question look at the same evidence one after another


@dataclass(frozen=True)
class Epoch:
    """The numbers of the training passes of one epoch, and of the passes until the next one begins."""

    training: tuple[int, ...]
    others: tuple[int, ...]


@dataclass(frozen=True)
class Training:
    """A request to train a noted net, and what came of it."""

    request: Request
    evidence: Evidence

    @cached_property
    def train_size(self) -> int:
        """How many training images there are: they are the first rows, validation images the next."""
        return len(self.request["train_images"])

    @cached_property
    def labels(self) -> np.ndarray:
        """The labels of all known images."""
        return np.concatenate([self.request["train_labels"], self.request["validation_labels"]])

    @cached_property
    def images(self) -> np.ndarray:
        """All known images."""
        return np.concatenate([self.request["train_images"], self.request["validation_images"]])

    @cached_property
    def diary(self) -> Diary:
        """What the net noted."""
        return read(self.request, self.evidence, self.images)

    @property
    def passes(self) -> tuple[Pass, ...]:
        """All forward passes."""
        return self.diary.passes

    def learns(self, one: Pass) -> bool:
        """Whether a pass is one of training images in training mode."""
        return one.training and len(one.rows) > 0 and bool(np.all((one.rows >= 0) & (one.rows < self.train_size)))

    def validates(self, one: Pass) -> bool:
        """Whether all images of a pass are validation images."""
        return len(one.rows) > 0 and bool(np.all(one.rows >= self.train_size))

    @cached_property
    def epochs(self) -> tuple[Epoch, ...]:
        """The epochs: each begins with a training pass behind a validation."""
        found: list[tuple[list[int], list[int]]] = []
        for number, one in enumerate(self.passes):
            if self.learns(one):
                if not found or any(self.validates(self.passes[other]) for other in found[-1][1]):
                    found.append(([], []))
                found[-1][0].append(number)
            elif found:
                found[-1][1].append(number)
        return tuple(Epoch(tuple(training), tuple(others)) for training, others in found)

    def batches(self, numbers: tuple[int, ...]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Images and labels of some passes."""
        return [(self.images[self.passes[n].rows], self.labels[self.passes[n].rows]) for n in numbers]

    def validation_logits(self, epoch: Epoch) -> tuple[np.ndarray, np.ndarray]:
        """The logits of each validation image after an epoch, and which of them there are."""
        size = len(self.labels) - self.train_size
        logits, there = np.zeros((size, self.request["classes"])), np.zeros(size, dtype=bool)
        for number in reversed(epoch.others):  # the first time counts: later ones may be of restored weights
            one = self.passes[number]
            if self.validates(one):
                logits[one.rows - self.train_size], there[one.rows - self.train_size] = one.logits, True
        return logits, there

    def curve(self, key: str) -> np.ndarray | None:
        """The numbers of the history under a key, None when there are none."""
        found = self.evidence.get(f"history_{key}")
        return None if found is None or found.ndim != 1 else found.astype(np.float64)

    @cached_property
    def validation_losses(self) -> np.ndarray:
        """The mean validation loss after each epoch."""
        labels = self.request["validation_labels"]
        return np.array([cross_entropy(self.validation_logits(epoch)[0], labels)[0].mean() for epoch in self.epochs])

    @cached_property
    def validation_accuracies(self) -> np.ndarray:
        """The share of right answers after each epoch."""
        labels = self.request["validation_labels"]
        return np.array([np.mean(self.validation_logits(epoch)[0].argmax(axis=1) == labels) for epoch in self.epochs])

    @cached_property
    def final(self) -> np.ndarray:
        """The state that the net was left in; raises MalformedError."""
        found = array(self.evidence, "final")
        if found.shape != self.request["initial"].shape:
            raise MalformedError(f"a last state of shape {found.shape}")
        return found


def training_of(request: Request, evidence: Evidence) -> Training:
    """The training that evidence tells of, shared by the judges of one question."""
    for known in _recent:
        if known.evidence is evidence:
            return known
    _recent.append(Training(request, evidence))
    return _recent[-1]


def history(request: Request, evidence: Evidence) -> Complaint | None:
    """`fit` returns a dict of lists: loss, val_loss, val_accuracy and lr, one number per epoch."""
    words, training = plain(evidence, "history"), training_of(request, evidence)
    expected = f"a dict with the lists {', '.join(f'`{key}`' for key in KEYS)}, one number per epoch"
    keys = words.get("keys") if isinstance(words.get("keys"), list) else []
    if not keys:
        got = f"`{str(words.get('type'))[:60]}`"
        hint = "Keras's own has them in its attribute `history`, a dict; " if got == "`History`" else ""
        return Complaint(expected, got, f"{hint}return the dict at the end of the function", "no_history")
    for key in KEYS:
        curve = training.curve(key)
        if key not in keys:
            got = f"no `{key}`; there are {', '.join(f'`{str(name)[:40]}`' for name in keys[:8])}"
            return Complaint(expected, got, "keep the names of the stub", "key_missing")
        if curve is None:
            return Complaint(expected, f"no list of numbers under `{key}`", "append one number per epoch", "no_numbers")
        if len(curve) != request["epochs"]:
            return _length(training, key, len(curve), expected)
        if not np.all(np.isfinite(curve)):
            return Complaint(expected, f"NaN or infinity in `{key}`", "look at what is divided and by what")
    default = plain(evidence, "defaults").get("batch_size", 256)
    if default != 256:
        return Complaint(
            "the default `batch_size=256`", f"`batch_size={str(default)[:20]}`", "keep the stub's parameters"
        )
    return None


def _length(training: Training, key: str, length: int, expected: str) -> Complaint:
    epochs = training.request["epochs"]
    if len(training.epochs) < epochs and length == len(training.epochs):
        return Complaint(
            f"training for all {epochs} epochs",
            f"it ends after epoch {length}",
            "run every epoch that is asked for; stopping early is no part of this recipe",
            "stops_early",
        )
    return Complaint(
        expected, f"{length} numbers under `{key}` after {epochs} epochs", "append once per epoch", "wrong_length"
    )

"""Requests for functions that count, train and evaluate: nets of the grader's own, drawn so that mistakes show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grader.checks.basics import programs
from grader.checks.basics.programs import Setup
from grader.oracle import small
from grader.oracle.graph import run
from grader.spec import Request

CLASSES = 5


def count_request(generator: np.random.Generator) -> Request:
    """Models to count: plain ones, with frozen layers, with a tensor in two layers, with one outside of any layer."""

    def layers(*, alike: bool = False) -> list[list[Any]]:
        first, second = (int(size) for size in generator.integers(4, 12, 2))
        head = int(generator.integers(3, 20))
        body: list[list[Any]] = [
            ["convolution", first, 5],
            ["norm"],
            ["relu"],
            ["convolution", first if alike else second, 1],
            ["norm"],
            ["relu"],
        ]
        return [*body, ["mean"], ["dense", head]]

    def case(kind: str, words: str, **changes: Any) -> dict[str, Any]:
        usual = {"frozen": [], "again": [], "offset": 0, "nested": False, "training": True, "compiled": False,
                 "dropouts": 0, "double": False, "layers": layers()}  # fmt: skip
        return {**usual, "kind": kind, "words": words, **changes}

    width = int(generator.integers(5, 9))
    square: list[list[Any]] = [["convolution", width, 3], ["norm"], ["relu"], ["mean"], ["dense", width]]
    rest = ["convolution1", "norm1", "convolution2", "norm2"]
    return {"cases": [
        case("plain", "a net whose parameters all learn", layers=layers(alike=True)),  # its norms hold equal numbers
        case("plain", "a net with nets inside, in evaluation mode", nested=True, training=False, compiled=True,
             dropouts=1, double=True),
        case("frozen", "a net whose first convolution and BatchNorm are frozen", frozen=rest[:2]),
        case("frozen", "a net of which the dense layer alone learns", frozen=rest, nested=True, training=False),
        case("frozen", "a net that is frozen as a whole", frozen=[*rest, "dense1"]),
        case("frozen", "a net of which the dense layer's kernel and a BatchNorm's shift are frozen",
             frozen=["dense1/kernel", "norm1/shift"]),
        case("special", "a net that uses one dense layer's tensors twice", layers=square, again=[width, width]),
        case("special", "a net with a parameter outside of its layers", offset=int(generator.integers(30, 60))),
    ]}  # fmt: skip


def _net(generator: np.random.Generator, activation: str, classes: int = CLASSES) -> tuple[list[list[Any]], Request]:
    """A small net's description and tensors: convolution, BatchNorm, activation twice, mean, dense."""
    first, second = (int(size) for size in generator.integers(4, 8, 2))
    layers: list[list[Any]] = [["convolution", first, 3], ["norm"], [activation], ["convolution", second, 3], ["norm"]]
    layers += [[activation], ["mean"], ["dense", classes]]
    tensors = small.values(small.described(layers), generator)
    tensors["dense1/kernel"] *= 2  # losses and gradients large enough to be worth clipping
    return layers, tensors


def _images(generator: np.random.Generator, count: int) -> np.ndarray:
    contrast = generator.uniform(0.5, 2, (count, 1, 1, 3))
    return (generator.standard_normal((count, 6, 5, 3)) * contrast).astype(np.float32)


def _hold(place: int, case: dict[str, Any], tensors: Request, arrays: Request) -> Request:
    """A case's arrays by the names under which they cross."""
    found = {f"{place}_{name}": array for name, array in arrays.items()}
    return found | {f"{place}_tensor_{slot}": tensor for slot, tensor in tensors.items()}


def epoch_request(generator: np.random.Generator) -> Request:
    """Two epochs of uneven batches: a list for a model in evaluation mode, a generator for one in training mode.

    Some are larger than those that Keras cuts by itself; the second optimizer has two groups, where there are groups,
    and the second net such large scales and weights that gradients cut to a norm of 10 show, which others don't reach.
    The third case has many batches, and a low rate, lest rounding errors grow from step to step.
    """
    request: Request = {"cases": [], "seed": int(generator.integers(2**31))}
    for place, (words, sizes) in enumerate((
        ("three batches in a list", [34, 34, 3]), ("four batches from a generator", [6, 6, 6, 2]),
        ("23 batches in a list", [3] * 22 + [2]),
    )):  # fmt: skip
        for case, tensors, arrays in _epochs(generator, sizes, gain=6.0 if place == 1 else 1.0):
            if place == 2 or _tells(_setup(case, tensors, arrays), most=10.0 if place else 1.0):
                break
        case |= {"words": words, "generator": place == 1, "training": place == 1, "groups": 1 + (place == 1)}
        case["rate"] = round(case["rate"] / (1 if place < 2 else 5), 3)
        request["cases"].append(case)
        request |= _hold(place, case, tensors, arrays)
    return request


def _epochs(
    generator: np.random.Generator, sizes: list[int], gain: float
) -> Iterator[tuple[dict[str, Any], Request, Request]]:
    """Some draws of a net without kinks, as rounding takes a ReLU to its other side, its batches and its optimizer."""
    for _ in range(100):
        layers, tensors = _net(generator, "silu")
        tensors["norm2/scale"] *= gain
        tensors["dense1/kernel"] *= gain
        rate, momentum = round(float(generator.uniform(0.05, 0.15)), 3), round(float(generator.uniform(0.6, 0.9)), 2)
        arrays: Request = {"images": _images(generator, sum(sizes))}
        for epoch in range(2):
            arrays[f"labels_{epoch}"] = generator.integers(0, CLASSES, sum(sizes))
        yield {"layers": layers, "sizes": sizes, "rate": rate, "momentum": momentum, "epochs": 2}, tensors, arrays


def _setup(case: dict[str, Any], tensors: Request, arrays: Request) -> Setup:
    ends = np.cumsum(case["sizes"])
    pairs = [[(arrays["images"][e - n : e].astype(np.float64), arrays[f"labels_{epoch}"][e - n : e])
              for n, e in zip(case["sizes"], ends, strict=True)] for epoch in range(2)]  # fmt: skip
    values = {slot: tensor.astype(np.float64) for slot, tensor in tensors.items()}
    return Setup(small.described(case["layers"]), values, pairs, case["rate"], case["momentum"], "torch")


def _tells(setup: Setup, most: float) -> bool:
    """Whether two mistakes show: the mean of the batches' means in each epoch, and gradients cut to a norm."""
    right, cut = programs.right(setup), programs.clipped(setup, most)
    pairs = [(np.mean([part.mean() for part in epoch]), np.concatenate(epoch).mean()) for epoch in right.losses]
    slots = [slot for slot in setup.values if not slot.endswith(("/mean", "/variance"))]
    off = [np.linalg.norm(cut.values[s] - right.values[s]) / np.linalg.norm(right.values[s] - setup.values[s])
           for s in slots]  # fmt: skip
    return all(abs(wrong - mean) > 0.03 * mean for wrong, mean in pairs) and bool(np.median(off) > 0.05)


def evaluate_request(generator: np.random.Generator) -> Request:
    """Two calls with different right answers; batches few or many, from a list, from a generator, in both modes.

    One net has a dropout, which must be still; large batches, lest a program that is right for small ones alone passes.
    There are six classes, twelve of which eight are labels, and two.
    """
    request: Request = {"cases": [], "seed": int(generator.integers(2**31))}
    for place, (words, sizes, classes) in enumerate((
        ("full batches", [6] * 4, 6),  # as many images as classes: the wrong axis fits
        ("a short last batch", [40, 40, 9], 12),
        ("53 batches from a generator, the last one of one image", [2] * 52 + [1], 2),
    )):  # fmt: skip
        for _ in range(50):
            layers, tensors = _net(generator, "relu", classes)
            if place == 1:
                layers.insert(-1, ["dropout"])
            images, logits = _clear(generator, layers, tensors, sum(sizes))
            answers = logits.argmax(axis=1)
            trained = run(small.described(layers), images, tensors, training=True).output.argmax(axis=1)
            commonest = np.bincount(answers).max() / len(answers)  # where it is the only one, any pairing is right
            labels = [_labels(generator, answers, sizes, float(share), classes)
                      for share in generator.permutation([0.35, 0.75])]  # fmt: skip
            if np.mean(trained != answers) > 0.3 and commonest < 0.6 and _shows(logits, trained, labels):
                break
        case = {"layers": layers, "sizes": sizes, "calls": 2, "words": words, "generator": place == 2,
                "training": place != 2, "gradients": place == 1, "frozen": place == 2}  # fmt: skip
        arrays: Request = {"images": images}
        arrays |= {f"labels_{call}": drawn for call, drawn in enumerate(labels)}
        request["cases"].append(case)
        request |= _hold(place, case, tensors, arrays)
    return request


def _clear(generator: np.random.Generator, layers: Any, tensors: Request, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Images whose answers rounding can't change, with the logits of evaluation mode; the bias is set for many."""
    images = _images(generator, 12 * count)
    logits = run(small.described(layers), images, tensors).output
    tensors["dense1/bias"] = (tensors["dense1/bias"] - logits.mean(axis=0)).astype(np.float32)
    logits = logits - logits.mean(axis=0)
    ordered = np.sort(logits, axis=1)
    clear = np.argsort(ordered[:, -2] - ordered[:, -1])[: 6 * count]
    chosen = generator.permutation(clear)[:count]
    return images[chosen], logits[chosen]


def _shows(logits: np.ndarray, trained: np.ndarray, labels: list[np.ndarray]) -> bool:
    """Whether two mistakes show in the share: ten logits of more, and of two the sign of the second.

    Neither may give by chance the shares of the answers in training mode.
    """
    answers, wrong = logits.argmax(axis=1), logits[:, :10].argmax(axis=1)
    if logits.shape[1] == 2:
        wrong = (logits[:, 1] > 0).astype(np.int64)
    shares = [[np.sum(found == drawn) for drawn in labels] for found in (answers, trained, wrong)]
    return shares[2] not in shares[:2] or 2 < logits.shape[1] <= 10


def _labels(
    generator: np.random.Generator, answers: np.ndarray, sizes: list[int], share: float, classes: int
) -> np.ndarray:
    """Labels of which about a share agree with the answers, most of the last batch's the other way round."""
    last = np.arange(len(answers)) >= len(answers) - sizes[-1]
    agree = generator.random(len(answers)) < np.where(last, 1 - share, share)
    agree[-1], agree[0] = share < 0.5, share >= 0.5  # never all alike
    other = (answers + generator.integers(1, classes, len(answers))) % classes
    labels = np.where(agree, answers, other).astype(np.int64)
    return np.where(labels < 8, labels, (answers + 1) % 8)  # of many classes some are no label, and yet answers

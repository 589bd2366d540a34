"""What is asked of a student's recipe: layers, gradients, errors and images, drawn from the seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.checks.practice.diaries import shapes
from grader.spec import Request


def init_weights(generator: np.random.Generator) -> Request:
    """PyTorch: the widths of a net. Keras: shapes and seeds. The shapes of all kernels `o i kh kw` in both."""
    first, second, third = (int(generator.integers(low, low + 6)) for low in (20, 34, 14))
    shapes = [(first, 3, 7, 7)]
    for inputs, outputs in ((first, second), (second, second), (second, third)):
        shapes += [(outputs, inputs, 3, 3), (outputs, outputs, 3, 5), (outputs, inputs, 1, 1)]
    seeds = generator.choice(np.arange(50, 10_000), len(shapes), replace=False)
    seeds[[2, 5]] = 0, 42  # of kernels of one shape: 0 is a seed too, and no want of one
    return {
        "widths": [first, second, third],
        "shapes": [list(shape) for shape in shapes],
        "norms": 10,
        "biased": 7,
        "seeds": [int(seed) for seed in seeds],
        "again": 2,  # the seed that is given twice, and then one more: no seed stands for another
        "seed": int(generator.integers(2**31)),
    }


def make_optimizer(generator: np.random.Generator) -> Request:
    """A small net's weights, and gradients that are large beside them, so that the decay shows apart."""
    channels, classes = int(generator.integers(8, 13)), int(generator.integers(5, 9))
    slots = {
        "kernel": (channels, 4, 3, 3), "kernel_bias": (channels,), "scale": (channels,), "shift": (channels,),
        "slope": (channels,), "matrix": (classes, channels), "bias": (classes,),
    }  # fmt: skip
    request: Request = {"slots": list(slots), "steps": 5, "idle_steps": 20, "seed": int(generator.integers(2**31))}
    for name, shape in slots.items():
        signs = generator.choice([-1.0, 1.0], shape)
        request[f"weights_{name}"] = (signs * generator.uniform(0.3, 1.2, shape)).astype(np.float32)
        request[f"gradients_{name}"] = (20 * generator.standard_normal((request["steps"], *shape))).astype(np.float32)
    return request


def make_schedule(generator: np.random.Generator) -> Request:
    """Validation errors for several patiences (None: the default), and what a callback may follow wrongly."""
    request: Request = {"patiences": [2, 3, None, 4, 3], "rates": [0.1, 0.03], "seed": int(generator.integers(2**31))}
    for number, patience in enumerate(request["patiences"]):
        last = number == len(request["patiences"]) - 1
        errors = _to_nothing(generator, patience) if last else _errors(generator, 5 if patience is None else patience)
        steps = np.arange(1, len(errors) + 1) / len(errors)
        request[f"errors_{number}"] = errors
        # each of the others gets worse all the while in one of the sequences, and better in the rest
        for turned, name in enumerate(("loss", "accuracy", "val_accuracy"), 1):
            better = (1 - steps if number == turned else steps) * 0.8
            request[f"{name}_{number}"] = 2.3 - better if name == "loss" else better
    return request


_GAINS = 0.004, 0.1  # the contract tries none under 0.001; a relative threshold of that is twice as much here


def _errors(generator: np.random.Generator, patience: int) -> np.ndarray:
    """Improvements, small ones too, and plateaus; none of their errors is a new best, though some beat the last one."""
    best, errors = float(generator.uniform(1.6, 2.0)), []
    # lengths of plateaus: too short to count, just long enough, with two divisions, too short again
    for plateau in (0, patience - 1, patience + 1, patience - 1, 2 * patience + 4, patience - 1, 0, patience + 1):
        best -= float(np.exp(generator.uniform(*np.log(_GAINS))))
        above = generator.uniform(0.02, 0.3, plateau)
        if plateau == patience + 1:
            above = np.sort(above)  # each worse than the last
        if plateau == 2 * patience + 4:
            above = np.sort(above)[::-1]  # each better than the last, and yet no new best
        errors += [best, *(best + above)]
    return np.array(errors)


def _to_nothing(generator: np.random.Generator, patience: int) -> np.ndarray:
    """A plateau behind an error of 0, which is a best error like any other."""
    before, behind = generator.uniform(0.6, 0.9, patience - 1), np.sort(generator.uniform(0.1, 0.4, patience + 1))
    return np.array([0.5, *before, 0.0, *behind])


def _images(generator: np.random.Generator, count: int, size: int) -> np.ndarray:
    return generator.standard_normal((count, size, size, 3)).astype(np.float32)


def _initial(generator: np.random.Generator, request: Request) -> np.ndarray:
    """The state of a noted net: He's weights, and scales so large that clipped gradients show.

    Gradients of the first steps are 6 or more long, with scales around 1 they would be about 1.
    """
    parts = []
    for slot, shape in shapes(request).items():
        if slot in ("conv/kernel", "dense/kernel"):
            values = generator.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))
        elif slot == "norm/scale":
            values = generator.uniform(5.0, 8.0, shape)
        elif slot == "norm/variance":
            values = generator.uniform(0.8, 1.2, shape)
        else:
            values = generator.uniform(-0.1, 0.1, shape)
        parts.append(values.reshape(-1))
    return np.concatenate(parts).astype(np.float32)


# Right answers of 107 validation images after each epoch (before the first one too), and by how much a wrong answer
# beats the right one. Error and loss are best in epoch 1, which the training loss never is, and again from epoch 8 on:
# a right schedule divides the rate behind epoch 6 or 7, and not again in 14 epochs. What is never better than in epoch
# 1 divides it once more behind 11 or 13, the accuracy taken for an error (best in epoch 3) behind 8 or 9. The best
# accuracy, of epoch 9, is that of one image more than in the epoch before, the lowest loss that of epoch 10, and the
# worst accuracy has one digit in per cent.
RIGHT_ANSWERS = (20, 70, 60, 9, 55, 66, 50, 63, 77, 78, 58, 64, 52, 68, 57)
MISS = (1.2, 4.0, 4.2, 1.8, 4.0, 5.2, 3.6, 4.6, 2.6, 4.4, 0.4, 2.6, 2.0, 3.4, 2.2)
# A second training, of two epochs. The untrained net and that of the first epoch are right in all images: that ends no
# training, and the untrained net takes no part.
SHORT_RIGHT_ANSWERS, SHORT_MISS = (107, 107, 62), (0.0, 0.0, 4.0)


def fit(generator: np.random.Generator) -> Request:
    """Images, labels and a small net, with the logits that it gives for validation images after each epoch."""
    classes, training, validation = 4, 35, 107
    request: Request = {
        "image": [4, 4, 3], "channels": 6, "classes": classes, "epochs": len(RIGHT_ANSWERS) - 1, "batch_size": 16,
        "steps": 3, "seed": int(generator.integers(2**31)),
        "train_images": _images(generator, training, 4), "train_labels": generator.integers(0, classes, training),
        "validation_images": _images(generator, validation, 4),
        "validation_labels": generator.integers(0, classes, validation),
    }  # fmt: skip
    request["initial"] = _initial(generator, request)
    labels = request["validation_labels"]
    request["script"] = script = _script(generator, labels, classes, RIGHT_ANSWERS, MISS)
    shifted = script[1:] - script[1:].max(axis=2, keepdims=True)
    chosen = np.take_along_axis(shifted, labels[None, :, None], axis=2)[..., 0]
    request["validation_losses"] = (np.log(np.exp(shifted).sum(axis=2)) - chosen).mean(axis=1).astype(np.float64)
    request["validation_errors"] = np.mean(script[1:].argmax(axis=2) != labels, axis=1)
    request["short_script"] = _script(generator, labels, classes, SHORT_RIGHT_ANSWERS, SHORT_MISS)
    return request


def _script(
    generator: np.random.Generator, labels: np.ndarray, classes: int, counts: Sequence[int], misses: Sequence[float]
) -> np.ndarray:
    """Logits (epochs + 1, n, k): right answers stand mostly among the first images, not in a short last batch."""
    script = generator.uniform(-0.5, 0.5, (len(counts), len(labels), classes))
    rows = np.arange(len(labels))
    for epoch, (count, miss) in enumerate(zip(counts, misses, strict=True)):
        order = np.argsort(rows + generator.uniform(0, 8, len(labels)))
        right, wrong = order[:count], order[count:]
        script[epoch, right, labels[right]] += 2.5
        script[epoch, wrong, (labels[wrong] + generator.integers(1, classes, len(wrong))) % classes] += 1.0 + miss
    return script.astype(np.float32)


def degradation(generator: np.random.Generator) -> Request:
    """Images and the first weights of each net: three depths and less than twenty steps, two depths and more.

    One of them is asked for in both calls, and is built anew.
    """
    count = int(generator.integers(140, 160))
    request: Request = {
        "image": [4, 4, 3], "channels": 5, "classes": 4, "images": _images(generator, count, 4),
        "labels": generator.integers(0, 4, count), "seed": int(generator.integers(2**31)),
        "cases": [{"depths": [20, 26, 32], "steps": 13}, {"depths": [8, 20], "steps": int(generator.integers(24, 28))}],
    }  # fmt: skip
    for depth in sorted({depth for case in request["cases"] for depth in case["depths"]}):
        for kind in ("plain", "residual"):
            request[f"initial_{kind}_{depth}"] = _initial(generator, request)
    return request

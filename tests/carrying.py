"""Weights drawn by NumPy for the reference models, and their names in the other framework."""

from __future__ import annotations

import re

import numpy as np

# builder and its arguments in reference/*/resnet.py, and the image sizes to compare at: odd, even, not square
MODELS = {
    "resnet18": ("resnet", {"depth": 18, "num_classes": 7}, ((33, 33), (64, 48))),
    "resnet34": ("resnet", {"depth": 34, "num_classes": 7}, ((33, 33),)),
    "resnet50": ("resnet", {"depth": 50, "num_classes": 7}, ((33, 33), (64, 48))),
    "resnet101": ("resnet", {"depth": 101, "num_classes": 7}, ((33, 33),)),
    "resnet152": ("resnet", {"depth": 152, "num_classes": 7}, ((33, 33),)),
    "cifar_resnet20": ("cifar_resnet", {"depth": 20}, ((32, 32),)),
    "cifar_padded20": ("cifar_resnet", {"depth": 20}, ((32, 32),)),
    "cifar_plain32": ("cifar_plain", {"depth": 32}, ((32, 32),)),
}


def draw(shapes: dict[str, tuple[int, ...]], seed: int = 0) -> dict[str, np.ndarray]:
    """Kernels scaled by fan-in, vectors well away from 0 and 1, as BatchNorm's scale, shift, mean and variance."""
    random = np.random.default_rng(seed)
    drawn = {}
    for name, shape in shapes.items():
        if len(shape) > 1:
            values = random.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)
        else:
            values = random.uniform(0.5, 1.5, shape)
            if re.search(r"layer\d+\.\d+\.bn[23]\.weight", name):
                values *= 0.3  # the end of a residual branch: keeps the signal of a deep net in range
        drawn[name] = values.astype(np.float32)
    return drawn


def images(count: int, height: int, width: int, seed: int = 1) -> np.ndarray:
    """Images (n, h, w, c) that differ in contrast and offset, so that the global pool doesn't make them alike."""
    random = np.random.default_rng(seed)
    contrast, offset = random.uniform(0.5, 2, (count, 1, 1, 3)), random.normal(0, 1, (count, 1, 1, 3))
    return (random.normal(size=(count, height, width, 3)) * contrast + offset).astype(np.float32)


def keras_path(name: str) -> str:
    """`layer1.0.conv2.weight` of a torch reference -> `conv2_block1_2_conv/kernel` of the Keras reference."""
    module, _, kind = name.rpartition(".")
    if module == "fc":
        return f"predictions/{'kernel' if kind == 'weight' else 'bias'}"
    if not module.startswith("layer"):
        layer = f"conv1_{'bn' if module == 'bn1' else 'conv'}"
    else:
        stage, block, part, *index = module.removeprefix("layer").split(".")
        if part == "downsample":
            part = f"0_{('conv', 'bn')[int(index[0])]}"
        elif part.isdigit():  # a plain block is a sequence: convolution, BatchNorm, ReLU, twice
            part = f"{int(part) // 3 + 1}_{('conv', 'bn')[int(part) % 3]}"
        else:
            part = f"{part[-1]}_{part[:-1]}"
        layer = f"conv{int(stage) + 1}_block{int(block) + 1}_{part}"
    weight = "gamma" if layer.endswith("bn") else "kernel"
    variable = {"weight": weight, "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}
    return f"{layer}/{variable[kind]}"


def to_keras(value: np.ndarray) -> np.ndarray:
    """A torch kernel (o, i, h, w) -> Keras (h, w, i, o), a dense matrix (o, i) -> (i, o); vectors stay."""
    return value.transpose(2, 3, 1, 0) if value.ndim == 4 else value.T


def agree(got: np.ndarray, want: np.ndarray) -> None:
    """Raise AssertionError unless both are the same logits, which must depend on the image."""
    largest = np.abs(want).max()
    assert np.ptp(want, axis=0).max() > 1e-2 * largest, "the images give the same logits: nothing is compared"
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-4 * largest)

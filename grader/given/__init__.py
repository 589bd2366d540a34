"""What students are given: images, the pretrained backbone, small nets; nothing has to be downloaded.

    images, labels, names = given.images("objects", "train", 100)
    model = given.backbone("torch")
    scores = model(given.prepare(images, "torch"))

Importing this loads NumPy alone; a framework is loaded when a model is asked for.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.given import world
from grader.given.embedded import raw
from grader.given.preparation import MEAN, STD
from grader.given.tasks import TASKS, images, names

__all__ = [
    "MEAN",
    "STD",
    "TASKS",
    "backbone",
    "classifier",
    "imagenet",
    "images",
    "names",
    "prepare",
    "raw",
    "small_nets",
    "world",
]

FRAMEWORKS = ("torch", "keras")


def backbone(framework: str) -> Any:
    """A fresh pretrained backbone, all of it trainable, in evaluation mode.

    PyTorch: children named as torchvision's ResNet has them, prepared images to logits of the 128 source classes.
    Keras: layers named as keras.applications' ResNet has them, prepared images to pooled features (n, 64).
    """
    return door("grader.given", framework).backbone()


def classifier(framework: str) -> Any:
    """The pretrained net with its dense head: prepared images to logits of the 128 classes of `names("source")`."""
    return door("grader.given", framework).classifier()


def prepare(images: NDArray[np.uint8], framework: str) -> Any:
    """Raw images (n, h, w, 3) as the backbone wants them: / 255, minus MEAN, over STD, in float32.

    PyTorch: a tensor (n, 3, h, w). Keras: an array (n, h, w, 3).
    """
    return door("grader.given", framework).prepare(images)


def imagenet(framework: str, depth: int) -> Any:
    """A ResNet (v1) with ImageNet's weights, of the same kind as `backbone`, from torchvision or keras.applications.

    Raises downloads.DownloadError, which says what to do, where the weights are neither here nor to be downloaded.
    """
    return door("grader.given", framework).imagenet(depth)


def small_nets(framework: str) -> Any:
    """`build(kind, depth)`, which makes the small nets of the degradation experiment."""
    return door("grader.given.small", framework).build


def door(package: str, framework: str) -> Any:
    """The module of a package that may import this framework."""
    if framework not in FRAMEWORKS:
        raise ValueError(f"expected the framework 'torch' or 'keras'; got {framework!r}")
    return importlib.import_module(f"{package}.on_{framework}")

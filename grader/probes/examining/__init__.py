"""Examining one model: its trace and outputs in evaluation mode, a training step, its registration and its origin.

`examine(build, images, plan)` exists by this name for both frameworks. The evidence of one model:

trace, output                   of evaluation mode
input_changed                   the greatest change of the images during the forward pass
training_output, input_gradient, gradients, statistics, training_operations    of one training forward and backward
again, alone                    outputs of a second call, and of the first image alone
reloaded, copied, shared        outputs of a second model with the first one's state and of a deep copy; names that two
                                separately built models share
ready_made                      what comes from a package of ready-made nets
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# Packages of ready-made nets and blocks, by the beginning of a module's name.
READY_MADE = (
    "torchvision.models", "timm", "pytorchcv", "transformers", "segmentation_models_pytorch", "pretrainedmodels",
    "fastai", "monai", "keras.applications", "keras.src.applications", "keras_hub", "keras_cv", "keras_nlp",
    "tensorflow_hub", "classification_models", "efficientnet",
)  # fmt: skip
_WITHIN = tuple(f"{package}." for package in READY_MADE)  # all of `sys.modules` is looked at for each model


@dataclass(frozen=True)
class Plan:
    """What to look at: the seed and gain of the fill, and which parts of the evidence are wanted."""

    seed: int
    gain: float
    training: bool
    registration: bool
    conduct: bool


def ready_made(module: str) -> bool:
    """Whether a module belongs to a package of ready-made nets."""
    return f"{module}.".startswith(_WITHIN)


def names(found: Sequence[Any]) -> np.ndarray:
    """Texts as evidence: JSON bytes, at most 100 of them."""
    return np.frombuffer(json.dumps([str(name)[:200] for name in found][:100]).encode(), dtype=np.uint8)

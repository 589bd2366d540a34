"""`python -m tests.on_torch.answers FILE`: what the torch reference answers, as an .npz for the Keras tests."""

from __future__ import annotations

import sys

import numpy as np
import torch

from reference.on_torch import resnet as reference
from tests import carrying


def build(key: str) -> torch.nn.Module:
    """A reference model of `carrying.MODELS`, filled by `carrying.draw`."""
    function, arguments, _ = carrying.MODELS[key]
    options = {"block": reference.PaddedBlock} if "padded" in key else {}
    model = getattr(reference, function)(**arguments, **options)
    fill(model)
    return model


def fill(model: torch.nn.Module) -> None:
    """Fill parameters and running statistics, in place."""
    shapes = {name: tuple(t.shape) for name, t in model.state_dict().items() if t.is_floating_point()}
    with torch.no_grad():
        for name, value in carrying.draw(shapes).items():
            model.state_dict()[name].copy_(torch.from_numpy(value))


def run(model: torch.nn.Module, images: np.ndarray, training: bool) -> np.ndarray:
    """Images (n, h, w, c) -> logits (n, k)."""
    model.train(training)
    with torch.no_grad():
        output: np.ndarray = model(torch.from_numpy(images.transpose(0, 3, 1, 2).copy())).numpy()
    return output


def main(path: str) -> None:
    """Write the shapes of every model's weights, and its logits at every size in both modes."""
    answers = {}
    for key, (_, _, sizes) in carrying.MODELS.items():
        state = build(key).state_dict()
        answers |= {f"{key}/shapes/{name}": np.array(t.shape) for name, t in state.items() if t.is_floating_point()}
        for size in sizes:
            for training in (False, True):
                mode = "training" if training else "evaluation"
                answers[f"{key}/{size}/{mode}"] = run(build(key), carrying.images(4, *size), training)
    np.savez(path, **answers)


if __name__ == "__main__":
    main(sys.argv[1])

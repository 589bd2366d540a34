"""`python -m tests.on_torch.steps FILE`: a few training steps of the torch reference, for Keras to compare with."""

from __future__ import annotations

import sys

import numpy as np
import torch

from reference.data import WORLD
from reference.on_torch import resnet
from reference.on_torch.train import Trainer
from tests import carrying, stepping


def answers() -> dict[str, np.ndarray]:
    """Losses by step, the shapes of the weights that it started from, and the weights at the end."""
    model = resnet.cifar_resnet(stepping.DEPTH)
    shapes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items() if tensor.dim()}
    start = {name: torch.from_numpy(value) for name, value in carrying.draw(shapes).items()}
    model.load_state_dict(start, strict=False)  # but for BatchNorm's count of batches
    trainer = Trainer(model, stepping.RECIPE, WORLD)
    losses, right = stepping.run(trainer)
    found = {f"weights/{name}": array for name, array in trainer.weights().items()}
    return (
        found
        | {f"shapes/{name}": np.array(shape) for name, shape in shapes.items()}
        | {"losses": losses, "right": right}
    )


if __name__ == "__main__":
    np.savez(sys.argv[1], **answers())

"""What torchvision says of its own pretrained nets; the metadata come with the package, nothing is downloaded."""

from __future__ import annotations

import torchvision
from torchvision import models

from reference.rivals import Net

OWN_DATA = "ImageNet-1K"


def nets() -> list[Net]:
    """Every classifier whose weights come from ImageNet's own training images alone, a row for each set of weights."""
    found = []
    for name in models.list_models(module=models):
        for weights in models.get_model_weights(name):
            top1 = weights.meta["_metrics"].get(OWN_DATA, {}).get("acc@1", float("nan"))
            # SWAG has seen billions of other images; FEATURES is a VGG without a classifier, and its accuracy NaN.
            if "SWAG" in weights.name or top1 != top1:
                continue
            pixels = weights.transforms.keywords["crop_size"]
            found.append(Net(name, weights.name, weights.meta["num_params"], weights.meta["_ops"], top1, pixels))
    return found


def source() -> str:
    """Where the numbers come from, in words."""
    return f"torchvision {torchvision.__version__}"

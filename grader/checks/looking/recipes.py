"""How raw images become a net's input: the right recipe of each framework, and recipes of other nets or none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Array = np.ndarray
Recipe = Callable[[Array], Array]  # raw images n h w 3 (0..255, RGB) as float64 to the input in n h w c

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
BGR_MEAN = np.array([103.939, 116.779, 123.68])


def _torch(x: Array) -> Array:
    return np.asarray((x / 255 - MEAN) / STD)


def _keras(x: Array) -> Array:
    return np.asarray(x[..., ::-1] - BGR_MEAN)


# One grey level of 255, in the units of the input, and a little: resizing in uint8 rounds by half a level.
LEVEL = {"torch": 1.05 / 255 / STD, "keras": np.full(3, 1.05)}


def near(framework: str, found: Array, expected: Array) -> bool:
    """Whether an input is as expected, to one grey level."""
    return found.shape == expected.shape and bool(np.all(np.abs(found - expected) <= LEVEL[framework]))


RIGHT: dict[str, Recipe] = {"torch": _torch, "keras": _keras}
RECIPES = {"torch": "RGB, 0 to 1, minus mean, over deviation", "keras": "BGR, 0 to 255, minus mean"}

# Of each framework: name -> the recipe, what it is in words, and what to do.
WRONG: dict[str, dict[str, tuple[Recipe, str, str]]] = {
    "torch": {
        "not_scaled": (
            lambda x: (x - MEAN) / STD, "mean and standard deviation applied to values from 0 to 255",
            "divide by 255 first: the mean and the standard deviation are those of values from 0 to 1",
        ),
        "not_normalised": (
            lambda x: x / 255, "values from 0 to 1, not normalised",
            "then subtract the mean and divide by the deviation",
        ),
        "raw": (lambda x: x, "the raw values from 0 to 255", "scale to 0 .. 1 and normalise"),
        "bgr": (
            lambda x: _torch(x[..., ::-1]), "blue where red belongs (BGR)",
            "torchvision's nets take RGB, as the images are: leave the channels in their order",
        ),
        "half": (
            lambda x: (x / 255 - 0.5) / 0.5, "mean and deviation 0.5 in place of ImageNet's",
            "take ImageNet's mean and deviation, three numbers each",
        ),
        "half_scale": (lambda x: x / 127.5, "values from 0 to 2", "divide by 255"),
        "no_deviation": (lambda x: x / 255 - MEAN, "the mean subtracted, no division", "divide by the deviation too"),
        "no_mean": (lambda x: x / 255 / STD, "the division by the deviation alone", "subtract the mean first"),
        "swapped": (
            lambda x: (x / 255 - STD) / MEAN, "mean and deviation exchanged",
            "subtract the mean, divide by the deviation",
        ),
        "variance": (lambda x: (x / 255 - MEAN) / STD**2, "a division by the variance", "divide by the deviation"),
        "deviation_first": (lambda x: x / 255 / STD - MEAN, "the division before the subtraction", "subtract first"),
        "multiplied": (lambda x: (x / 255 - MEAN) * STD, "a product with the deviation", "divide by the deviation"),
        "scaled_twice": (lambda x: _torch(x / 255), "a division by 255 twice",
        "divide by 255 once (`ToTensor` does it)"),
        "normalised_twice": (lambda x: (_torch(x) - MEAN) / STD, "normalised twice", "normalise once"),
        "mean_of_channels_reversed": (
            lambda x: (x / 255 - MEAN[::-1]) / STD[::-1], "the means of blue for red", "the order is red, green, blue",
        ),
        "clipped": (
            lambda x: np.clip(_torch(x), 0, 1), "the right values cut off at 0 and 1",
            "normalised values lie on both sides of 0, and beyond 1: leave them as they are",
        ),
        "keras_recipe": (
            _keras, "the recipe of Keras's ResNets (BGR, no scaling)", "use torchvision's: RGB, 0 .. 1, normalised",
        ),
    },
    "keras": {
        "no_bgr": (
            lambda x: x - BGR_MEAN, "RGB with the means of BGR",
            "turn the channels round before you subtract the means",
        ),
        "rgb": (
            lambda x: x - BGR_MEAN[::-1], "RGB in place of BGR", "turn the channels round: these nets take BGR",
        ),
        "means_reversed": (
            lambda x: x[..., ::-1] - BGR_MEAN[::-1], "BGR with the means of RGB",
            "the means are those of blue, green, red",
        ),
        "raw": (lambda x: x, "the raw values from 0 to 255", "turn RGB to BGR and subtract the means"),
        "not_normalised": (lambda x: x[..., ::-1], "BGR without the means subtracted", "subtract the means"),
        "scaled": (lambda x: x / 255, "values from 0 to 1",
        "these nets take values that are not scaled: BGR, less the means"),
        "scaled_first": (
            lambda x: _keras(x / 255), "values scaled to 0 .. 1 before the means are subtracted", "don't divide by 255",
        ),
        "scaled_last": (lambda x: _keras(x) / 255, "the right values divided by 255", "don't divide by 255"),
        "scaled_by_half": (lambda x: _keras(x) / 127.5, "the right values divided by 127.5", "don't divide"),
        "one": (
            lambda x: x / 127.5 - 1, "values from -1 to 1, as ResNet V2 wants them",
            "use the recipe of ResNet (v1): `keras.applications.resnet`, not `resnet_v2`",
        ),
        "twice": (lambda x: _keras(_keras(x)), "the recipe applied twice", "apply it once"),
        "added": (lambda x: x[..., ::-1] + BGR_MEAN, "the means added", "subtract them"),
        "clipped": (
            lambda x: np.clip(_keras(x), 0, 255), "the right values cut off at 0",
            "values lie on both sides of 0 once the means are subtracted: leave them as they are",
        ),
        "wrapped": (
            lambda x: np.trunc(_keras(x)) % 256, "the right values, but 256 more where they are below 0",
            "unsigned integers know nothing below 0: turn the images to float32 before the means are subtracted",
        ),
        "rolled": (
            lambda x: np.roll(x, 1, axis=-1) - BGR_MEAN, "the channels rolled round, not turned round",
            "the order is blue, green, red: green stays in the middle",
        ),
        "torch_recipe": (
            _torch, "the recipe of torchvision's nets (0 to 1, normalised)",
            "use Keras's: BGR, less the means, not scaled",
        ),
        "torch_recipe_bgr": (
            lambda x: _torch(x)[..., ::-1], "the recipe of torchvision's nets",
            "use Keras's: BGR, less the means, not scaled",
        ),
    },
}  # fmt: skip

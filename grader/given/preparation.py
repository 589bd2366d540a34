"""How raw images are prepared for the pretrained net, in either framework."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Per channel over 5,000 images of the source task / 255, where all six numbers agree to .003
MEAN = (0.502, 0.502, 0.502)
STD = (0.28, 0.28, 0.28)


def normalised(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Raw images (n, h, w, 3) of 0 to 255 -> the same shape in float32: / 255, minus MEAN, over STD."""
    mean, deviation = (np.asarray(numbers, dtype=np.float32) for numbers in (MEAN, STD))
    prepared: NDArray[np.float32] = (np.asarray(images, dtype=np.float32) / np.float32(255) - mean) / deviation
    return prepared

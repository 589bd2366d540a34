"""What an operation is: arrays in, an array out, and the way back for gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray
Tensors: TypeAlias = Mapping[str, Array]
Gradients: TypeAlias = tuple[tuple[Array, ...], dict[str, Array]]
Backward: TypeAlias = Callable[[Array], Gradients]
Outcome: TypeAlias = tuple[Array, Backward]
Operation: TypeAlias = Callable[[tuple[Array, ...], Tensors, Mapping[str, Any], bool], Outcome]

Padding: TypeAlias = tuple[tuple[int, int], tuple[int, int]]  # pixels before and after, of height and of width

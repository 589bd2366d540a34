"""The numbers that a model's tensors are filled with, drawn alike by the student's process and by the judge.

The fill is role-free: tensor i follows from (seed, i) and its shape alone, so the process need not know what a tensor
is for. Canonical shapes are those of `grader.oracle.operations`: kernels `o i kh kw`, matrices `o i`, vectors `c`.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

_POOL = 262_139  # a prime, so that the rows of a tiled kernel never repeat


@lru_cache(maxsize=4)
def _pools(seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.Generator(np.random.PCG64(seed))
    normal = generator.standard_normal(_POOL, dtype=np.float32)
    uniform = generator.uniform(0.5, 1.5, _POOL).astype(np.float32)
    return np.concatenate((normal, normal)), np.concatenate((uniform, uniform))


def tensor(seed: int, index: int, shape: tuple[int, ...], gain: float = 1.0) -> np.ndarray:
    """Tensor `index` of a model, float32: kernels and matrices normal with standard deviation gain * sqrt(2 / fan-in)
    (He et al. 2015, arXiv 1502.01852), all else uniform in .5 .. 1.5, which suits scale, shift, mean and variance.
    """
    normal, uniform = _pools(seed)
    size = math.prod(shape)
    start = (index * 7_919 + 13) % _POOL
    if len(shape) < 2:
        return _tiled(uniform, start, size).reshape(shape)
    deviation = gain * math.sqrt(2 / math.prod(shape[1:]))
    return (_tiled(normal, start, size) * np.float32(deviation)).reshape(shape)


def _tiled(pool: np.ndarray, start: int, size: int) -> np.ndarray:
    """`size` numbers of a pool from `start` on, again from there when they run out."""
    window = pool[start : start + min(size, _POOL)]
    return window.copy() if size <= _POOL else np.resize(window, size)


def sketch(seed: int, gradient: np.ndarray) -> np.ndarray:
    """Four numbers that stand for a gradient of any size: its norm and its products with three fixed directions."""
    normal, _ = _pools(seed)
    flat = np.asarray(gradient, dtype=np.float64).reshape(-1)
    directions = (_tiled(normal, k * 1009, flat.size) for k in (1, 2, 3))
    return np.array([np.linalg.norm(flat), *(flat @ direction for direction in directions)])


def cotangent(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    """The float32 weights of a model's outputs in the sum whose gradients are compared."""
    normal, _ = _pools(seed)
    return _tiled(normal, 4 * 1009, math.prod(shape)).reshape(shape)

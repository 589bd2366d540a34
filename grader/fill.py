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
    start = (index * 7_919 + 13) % _POOL
    if len(shape) < 2:
        return _tiled(uniform, start, shape)
    return _tiled(
        normal, start, shape, gain * math.sqrt(2 / max(math.prod(shape[1:]), 1))
    )  # fan-in 0: a student's layer without inputs


def cotangent(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    """The float32 weights of a model's outputs in the sum whose gradients are compared."""
    return _tiled(_pools(seed)[0], 4 * 1009, shape)


def _tiled(pool: np.ndarray, start: int, shape: tuple[int, ...], factor: float = 1.0) -> np.ndarray:
    """An array of a pool's numbers from `start` on, again from there when they run out, times a factor."""
    result = np.empty(math.prod(shape), dtype=np.float32)
    for first in range(0, result.size, _POOL):
        part = result[first : first + _POOL]
        np.multiply(pool[start : start + part.size], np.float32(factor), out=part)
    return result.reshape(shape)


@lru_cache(maxsize=4)
def _directions(seed: int) -> np.ndarray:
    normal, _ = _pools(seed)
    return np.stack([normal[start : start + _POOL] for start in (1009, 2018, 3027)]).astype(np.float64)


def sketch(seed: int, gradient: np.ndarray) -> np.ndarray:
    """Four numbers that stand for a gradient of any size: its norm and its products with three fixed directions."""
    flat = gradient.reshape(-1)
    whole = flat.size // _POOL * _POOL
    folded = flat[whole:].astype(np.float64)
    if whole:  # the directions repeat after _POOL numbers
        rest, folded = folded, flat[:whole].reshape(-1, _POOL).sum(axis=0, dtype=np.float64)
        folded[: rest.size] += rest
    products = _directions(seed)[:, : folded.size] @ folded
    return np.array([np.linalg.norm(flat), *products], dtype=np.float64)

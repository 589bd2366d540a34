"""The operations that nets are made of, forward and backward, in NumPy.

Maps are `n h w c`, kernels `o i kh kw`, dense matrices `o i`, vectors `c`. Each operation takes its inputs, its tensors
by role, its attributes and whether the net is in training mode; it returns its output and a function from the gradient
of the output to the gradients of inputs and tensors.
"""

from __future__ import annotations

from grader.oracle.operations.pointwise import (
    ACTIVATIONS,
    add,
    concatenate,
    identity,
    log_softmax,
    multiply,
    softmax,
    stop,
)
from grader.oracle.operations.pooling import average_pool, global_max, max_pool, mean, subsample
from grader.oracle.operations.types import Array, Backward, Operation, Padding
from grader.oracle.operations.weighted import convolution, dense, norm

__all__ = ["OPERATIONS", "Array", "Backward", "Operation", "Padding"]

OPERATIONS: dict[str, Operation] = {
    "convolution": convolution,
    "dense": dense,
    "norm": norm,
    **ACTIVATIONS,
    "softmax": softmax,
    "log_softmax": log_softmax,
    "add": add,
    "multiply": multiply,
    "concatenate": concatenate,
    "stop": stop,
    "identity": identity,
    "max_pool": max_pool,
    "average_pool": average_pool,
    "mean": mean,
    "global_max": global_max,
    "subsample": subsample,
}

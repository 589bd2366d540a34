"""What is set in the process that runs a student's code: CPU, one thread, float32, seeds; by the same names in both.

prepare()     once, before the cells run
reset(seed)   before each probe: a notebook may have set or used up the random seeds
remarks()     what a student should be told, such as a GPU that their code names
restored()    puts everything back as it was, for a student's own kernel
echo          a probe that returns its request, for tests of the process
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from grader.probes import students_code

GPU = "Your code names a GPU; grading has none, so it was moved to the CPU. This costs nothing."


def reset_python(seed: int) -> None:
    """Reset Python's and NumPy's own random numbers."""
    random.seed(seed)
    np.random.seed(seed % 2**32)


@contextmanager
def python_numbers_restored() -> Iterator[None]:
    """Put Python's and NumPy's random numbers back as they were."""
    state, numbers = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(numbers)


def echo(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """The arrays of a request, and the result of the student's function when it is called with none."""
    arrays = {name: value for name, value in request.items() if isinstance(value, np.ndarray)}
    with students_code("calling it"):
        result = function()
    return arrays | {"result": np.asarray(result)}

"""What is asked of `preprocess`: raw images in which every known mistake shows."""

from __future__ import annotations

import numpy as np

from grader.checks.looking.cases import Asked, Drawn, request
from grader.spec import Request


def _colours(generator: np.random.Generator, count: int) -> np.ndarray:
    """Colours `n 3` whose channels differ by 40 or more, so that no exchange of channels goes unseen."""
    levels = np.array([generator.permutation(3) for _ in range(count)]) * 90
    return (levels + generator.integers(0, 50, (count, 3))).astype(np.uint8)


def _one_colour(generator: np.random.Generator, count: int, height: int, width: int) -> np.ndarray:
    return np.broadcast_to(_colours(generator, count)[:, None, None], (count, height, width, 3)).copy()


def _quarters(generator: np.random.Generator, count: int, height: int, width: int) -> np.ndarray:
    """Images of four colours, one in each quarter."""
    colours = _colours(generator, 4 * count).reshape(count, 2, 2, 3)
    rows, columns = np.arange(height) * 2 // height, np.arange(width) * 2 // width
    return colours[:, rows][:, :, columns]


def _frame(generator: np.random.Generator, count: int, side: int) -> np.ndarray:
    """Images of one colour with four others in their middle third."""
    images = _one_colour(generator, count, side, side)
    third = side // 3
    images[:, third : 2 * third, third : 2 * third] = _quarters(generator, count, third, third)
    return images


def preprocess(generator: np.random.Generator) -> Request:
    """One-colour, noisy and four-quarter images: of the right size, larger, smaller, and right in one side alone."""
    side = int(generator.integers(20, 26)) * 2
    noise = generator.integers(0, 256, (37, side, side, 3)).astype(np.uint8)
    large = generator.integers(0, 256, (1, 224, 224, 3)).astype(np.uint8)
    drawn: list[tuple[str, int | None, np.ndarray]] = [
        ("colours", side, _one_colour(generator, 5, side, side)),
        ("colours", None, _one_colour(generator, 1, 60, 44)),
        ("noise", side, noise),
        ("noise", None, large),
        ("quarters", side, _quarters(generator, 2, 2 * side + 10, 2 * side - 16)),
        ("quarters", side + 11, _quarters(generator, 3, 30, 42)),  # an odd size has no half
        ("quarters", side, _quarters(generator, 2, side, side + 26)),
        ("quarters", side, _quarters(generator, 1, side + 24, side)),
        ("quarters", 30, _quarters(generator, 1, 25, 36)),  # as many pixels as asked for
        ("frame", 32, _frame(generator, 2, 96)),
        ("colours", side, _one_colour(generator, 5, side, side)),  # as many as in the first case, and others
        ("colours", side, _one_colour(generator, 2, side, side) // 128),  # dark, and no less raw
    ]
    cases: Drawn = []
    for number, (kind, size, images) in enumerate(drawn):
        count, height, width, _ = images.shape
        words = f"{count} image{'s' * (count > 1)} of {height} x {width} and {f'size={size}' if size else 'no `size`'}"
        words += ", of values 0 and 1 alone" * bool(images.max() <= 1)
        case: Asked = {"kind": kind, "words": words, "by_position": number % 2 == 0}
        cases.append((case | ({"size": size} if size else {}), images))
    return request("preprocess", generator, cases)

"""What images of one colour each became, where no known recipe explains it."""

from __future__ import annotations

import numpy as np

from grader.checks.looking.cases import Case
from grader.checks.looking.recipes import LEVEL, near
from grader.result import Complaint


def unexplained(case: Case, found: np.ndarray, right: np.ndarray) -> Complaint:
    """The complaint about an input `n h w c` that isn't the right one."""
    where = f"an image of one colour, {case.words}"
    if not np.all(np.isfinite(found)):
        return Complaint(f"finite numbers for {where}", "NaN or infinity", "look for a division by zero", "not_finite")
    spread = float(np.max(found.max(axis=(1, 2)) - found.min(axis=(1, 2)), initial=0.0))
    if spread <= 2 * float(LEVEL[case.framework].max()):
        return _other_colours(case, found, right, where)
    middle = slice(found.shape[1] * 2 // 5, found.shape[1] * 3 // 5)
    if near(case.framework, found[:, middle, middle], right[:, middle, middle]):
        fix = "stretch, or resize and crop: no bars"
        return Complaint(f"the whole output filled by {where}", "something else at its edges", fix, "bars")
    fix = "move the axis of the channels (`permute`, `transpose`, `moveaxis`): `reshape` and `view` tear pixels apart"
    if case.framework == "keras":
        fix = "in a batch `x[:, :, 0]` is a column of pixels, not a channel; `reshape` and `view` tear pixels apart"
    return Complaint(f"one colour for {where}", "a pattern: channels and pixels are mixed", fix, "reshaped")


def _other_colours(case: Case, found: np.ndarray, right: np.ndarray, where: str) -> Complaint:
    """The complaint about images that are still of one colour each."""
    colours = case.images[:, 0, 0]
    if len(np.unique(colours, axis=0)) > 2 and np.all(np.abs(found.mean(axis=-1)) <= LEVEL[case.framework].min() / 100):
        fix = "subtract and divide by the fixed numbers that the net was trained with, the same for every image"
        got = "numbers around 0 for every colour: each image is normalised with its own mean"
        return Complaint(f"other numbers for each colour, {case.words}", got, fix, "own_mean")
    if len(found) > 1 and near(case.framework, found, np.broadcast_to(right[-1:], right.shape)):
        fix = "make a new array for each image: one that is filled again and again holds the last image alone"
        return Complaint(f"each image in its place, {case.words}", "the last image in every place", fix, "last_image")
    values = [np.round(numbers[0, 0, 0], 3).tolist() for numbers in (found, right)]
    expected = f"{values[1]} for the colour {colours[0].tolist()} (red, green, blue), {case.words}"
    fix = "follow one pixel by hand through your steps: order of the channels, scale, mean, deviation"
    return Complaint(expected, f"{values[0]}", fix, "recipe")

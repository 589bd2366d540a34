"""Judges of `preprocess`: form, colours, pixels that stay where they are, resizing, and the argument."""

from __future__ import annotations

import numpy as np

from grader.checks.looking.cases import Case, first_of, of_those_that_ran, shown
from grader.checks.looking.recipes import RECIPES, RIGHT, WRONG, Recipe, near
from grader.checks.looking.uniform import unexplained
from grader.failure import MalformedError
from grader.result import Complaint

# The share of the output's height and width, from each corner, that shows the corner's colour alone. Four-quarter
# images have 24 pixels a side or more, so that Lanczos reaches .13 from the middle, .15 where an eighth is cropped. In
# a frame the middle third has other colours: cropped to seven tenths, the frame still takes .26 of each side, Lanczos
# .1 of it.
CORNER = {"quarters": 0.28, "frame": 0.1}
_CORNERS = {"top left": (0, 0), "top right": (0, -1), "bottom left": (-1, 0), "bottom right": (-1, -1)}
_FORM_FIRST = Complaint("the right numbers", "another form", "mend the form first")


def _form(case: Case) -> Complaint | None:
    """A float32 input of the right shape, for any size."""
    count, size = len(case.images), case.given.get("size", 224)
    torch = case.framework == "torch"
    wanted = [count, 3, size, size] if torch else [count, size, size, 3]
    returned = case.json("returned", dict)
    kind, dtype, shape = (returned.get(name) for name in ("type", "dtype", "shape"))
    expected = f"a {'tensor' if torch else 'float32 array or tensor'} of shape {tuple(wanted)}, for {case.words}"
    if (torch and kind not in ("Tensor", "Parameter")) or not case.has("numbers"):
        fix = "return a `torch.Tensor`" if torch else "return one array or tensor"
        return Complaint(expected, f"a `{kind}`", f"{fix} with all images, the batch as its first axis", "no_tensor")
    if shape != wanted:
        return Complaint(expected, f"the shape {shown(shape)}", _shape_fix(case, shape, wanted), "shape")
    if "float32" not in str(dtype):
        fix = "convert to float32: the nets' weights are float32"
        return Complaint(f"float32 numbers, for {case.words}", f"`{dtype}`", fix, "dtype")
    return None


def _shape_fix(case: Case, shape: object, wanted: list[int]) -> str:
    if isinstance(shape, list) and sorted(map(str, shape)) == sorted(map(str, wanted)):
        return f"put the axes into the order {'n, c, h, w' if case.framework == 'torch' else 'n, h, w, c'}"
    if isinstance(shape, list) and len(shape) == 3:
        return "keep the axis of the batch, also for one image"
    if case.images.shape[1] != case.images.shape[2]:
        return "resize to `size` x `size`, also where only one side differs and where the image is not square"
    return "resize to `size` x `size`, for every size that is asked for"


def _input(case: Case) -> np.ndarray:
    """What the function returned, as `n h w c`; raises MalformedError when it is no batch of images."""
    found = case.array("numbers")
    if found.ndim != 4 or 0 in found.shape:
        raise MalformedError("no images")
    return found.transpose(0, 2, 3, 1) if case.framework == "torch" else found


def _expected(case: Case, raw: np.ndarray) -> np.ndarray:
    return RIGHT[case.framework](raw.astype(np.float64))


def _follows(recipe: Recipe, found: np.ndarray, raw: np.ndarray) -> bool:
    """Whether the input is what a recipe makes of raw images, to one grey level in its own units."""
    black, dark, white = (recipe(np.full(3, level)) for level in (0.0, 1.0, 255.0))
    expected = recipe(raw.astype(np.float64))
    level = np.maximum(np.abs(white - black) / 255, np.abs(dark - black))  # one of them is 0 where numbers are cut off
    return found.shape == expected.shape and bool(np.all(np.abs(found - expected) <= 1.05 * level))


def _colours(case: Case) -> Complaint | None:
    """An image of one colour becomes what the net expects of this colour."""
    if case.given["kind"] != "colours":
        return None
    if _form(case) is not None:
        return _FORM_FIRST
    found = _input(case)
    raw = np.broadcast_to(case.images[:, :1, :1], found.shape)
    if near(case.framework, found, _expected(case, raw)):
        return None
    expected = f"what this framework's ImageNet ResNets take ({RECIPES[case.framework]}), for {case.words}"
    if np.all(case.images <= 1):  # the brighter ones, which come first, are right
        fix = "raw pixels are 0 to 255 whatever an image holds: don't guess their range from its greatest value"
        return Complaint(expected, "dark images are prepared in another way than bright ones", fix, "range_guessed")
    for name, (recipe, got, fix) in WRONG[case.framework].items():
        if _follows(recipe, found, raw):
            return Complaint(expected, got, fix, name)
    return unexplained(case, found, _expected(case, raw))


def _pixels(case: Case) -> Complaint | None:
    """Where an image has the right size already, every pixel stays where it is."""
    if case.given["kind"] != "noise":
        return None
    if _form(case) is not None:
        return _FORM_FIRST
    found, right = _input(case), _expected(case, case.images)
    if near(case.framework, found, right):
        return None
    expected = f"every pixel in its place, for {case.words}: height and width are `size` already"
    moved = {
        "axes_exchanged": (right.transpose(0, 2, 1, 3), "height and width exchanged", "keep them in the order h, w"),
        "upside_down": (right[:, ::-1], "images upside down", "flip channels only, never rows"),
        "mirrored": (right[:, :, ::-1], "mirrored images", "flip channels only; no augmentation here"),
        "first_image_for_all": (np.broadcast_to(right[:1], right.shape), "the first image every time", "use them all"),
        "images_reversed": (right[::-1], "the images in reversed order", "flip channels only"),
    }
    for name, (pattern, got, fix) in moved.items():
        if near(case.framework, found, pattern):
            return Complaint(expected, got, fix, name)
    recipes = [recipe for recipe, _, _ in WRONG[case.framework].values()]
    if any(_follows(recipe, found, case.images) for recipe in recipes):
        return Complaint(expected, "the pixels in their places, with other values", "mend the colours first")
    if near(case.framework, found[:1], right[:1]):
        fix = "prepare all images, also those of a last part that is shorter"
        return Complaint(expected, "the first image is right, and later ones aren't", fix, "later_images_lost")
    fix = "resize and crop only where height or width differs from `size`"
    return Complaint(expected, "pixels that are mixed or moved", fix, "resized_without_need")


def _resizing(case: Case) -> Complaint | None:
    """The output shows the whole image, or its middle after resizing: no bars, no piece in full resolution."""
    if case.given["kind"] not in CORNER:
        return None
    if _form(case) is not None:
        return _FORM_FIRST
    found = _input(case)
    reach = int(found.shape[1] * CORNER[case.given["kind"]])
    for place, (row, column) in _CORNERS.items():
        part = found[:, _side(row, reach), _side(column, reach)]
        raw = case.images[:, row, column][:, None, None]
        if not near(case.framework, part, _expected(case, np.broadcast_to(raw, part.shape))):
            return _misplaced(case, found, place)
    return None


def _side(end: int, reach: int) -> slice:
    return slice(0, reach) if end == 0 else slice(-reach, None)


def _misplaced(case: Case, found: np.ndarray, place: str) -> Complaint:
    """What is wrong with an output whose corners aren't those of the image."""
    expected = f"the image's {place} corner in the {place} corner of the output, for {case.words}"
    inner = [int(found.shape[1] * share) for share in (0.3, 0.7)]
    quarters = found[:, inner][:, :, inner]
    right = _expected(case, case.images[:, [0, -1]][:, :, [0, -1]])
    if case.given["kind"] == "quarters" and near(case.framework, quarters, right):
        fix = "stretch the image, or resize its shorter side and crop the middle: no bars around it"
        return Complaint(expected, "bars at the edges", fix, "bars")
    if _cut_out(case, found):
        fix = "resize first: the shorter side to `size` or a little more, or both sides to `size`"
        return Complaint(expected, "a piece cut out in full resolution", fix, "crop_without_resize")
    if near(case.framework, quarters, right.transpose(0, 2, 1, 3)):
        return Complaint(expected, "height and width exchanged", "keep them in the order h, w", "axes_exchanged")
    fix = "resize the whole image to `size` x `size`, or its shorter side and crop the middle; never reshape pixels"
    return Complaint(expected, "something else there", fix, "resizing")


def _cut_out(case: Case, found: np.ndarray) -> bool:
    """Whether the output is a piece of the image as it was, from the corner or the middle."""
    size, (height, width) = found.shape[1], case.images.shape[1:3]
    if min(height, width) < size:
        return False
    for row, column in ((0, 0), ((height - size) // 2, (width - size) // 2)):
        piece = case.images[:, row : row + size, column : column + size]
        if near(case.framework, found, _expected(case, piece)):
            return True
    return False


@of_those_that_ran
def argument(case: Case) -> Complaint | None:
    """The images that are given stay as they are."""
    untouched = case.array("untouched")
    if untouched.size and bool(untouched.all()):
        return None
    fix = "work on a copy: a new type (`astype`) makes one, in-place operations (`-=`, `out=`) on the argument don't"
    return Complaint(f"the array `images` as it was, for {case.words}", "its values changed", fix, "argument_changed")


form, colours, pixels, resizing = (first_of(judge) for judge in (_form, _colours, _pixels, _resizing))

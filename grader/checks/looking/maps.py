"""Judges of `feature_maps`: form and values of the maps, and what becomes of an unknown layer."""

from __future__ import annotations

import re

import numpy as np

from grader.checks.looking.cases import Case, close, first_of, of_those_that_ran, shown
from grader.checks.looking.forward import outputs
from grader.checks.looking.nets import INPUT, framework_name, layers
from grader.result import Complaint

# Of the largest value of a map: right programs were off by 2e-6, and a map after an in-place ReLU by .1 or more.
BOUND = 1e-3


def _asked(case: Case) -> list[tuple[int, str, str]]:
    """Place, layer as it was asked for, and the node whose output it gives."""
    given = case.given
    return list(zip(range(99), given["layers"][case.framework], given["nodes"][case.framework], strict=False))


def _form(case: Case) -> Complaint | None:
    """A NumPy array n h w c for each layer that is asked for."""
    right = outputs(case.given["net"], case.images, case.seed, case.framework)
    for place, layer, node in _asked(case):
        returned = case.json(f"returned_{place}", dict)
        wanted = right[node].shape
        where = f"the layer `{layer}` and {case.words}"
        if not case.has(f"numbers_{place}"):
            kind = returned.get("type")
            fix = "convert to NumPy at the end: a map is looked at, drawn and saved as an array"
            return Complaint(f"a NumPy array of shape {wanted}, for {where}", f"a `{kind}`", fix, "no_array")
        numbers = case.array(f"numbers_{place}")
        if (shape := numbers.shape) != wanted:
            got, fix, name = _other_layer(case, node, numbers, right) or _shape_fix(shape, wanted)
            return Complaint(f"shape {wanted} (n, h, w, c), for {where}", f"shape {shape}{got}", fix, name)
    return None


def _other_layer(case: Case, node: str, found: np.ndarray, right: dict[str, np.ndarray]) -> tuple[str, str, str] | None:
    """Which other layer's output these maps are, if they are one's."""
    before = next(other for other in case.given["net"] if other["name"] == node)["inputs"]
    for name, values in right.items():
        if name != node and close(found, values, BOUND):
            if name in before:
                return ", the layer's input", "take what the layer returns, not what it is given", "layer_input"
            other = framework_name(name, case.framework)
            return f", the maps of `{other}`", "look the layer up by its name", "other_layer"
    return None


def _shape_fix(shape: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[str, str, str]:
    n, h, w, c = wanted
    if shape == (n, c, h, w):
        return " (n, c, h, w)", "move the channels to the end", "channels_first"
    if shape in ((n, w, h, c), (n, c, w, h), (c, h, w, n), (c, w, h, n), (h, w, c, n)):
        return "", "put the axes into the order n, h, w, c", "axes_mixed"
    if shape in ((h, w, c), (c, h, w), (1, h, w, c), (1, c, h, w)) and n > 1:
        return ", the maps of one image", "return the maps of all images", "first_image_alone"
    if shape == tuple(size for size in wanted if size > 1) or len(shape) < 4:
        return (
            "",
            "keep all four axes, also for one image and for one channel: look for a `squeeze()` or `[0]`",
            "axes_lost",
        )
    if shape[1:] == (h, w, c):
        fix = "return the maps of all images: look how batches are cut, the last one may be shorter"
        return f", {shape[0]} images' maps", fix, "other_count"
    if shape[:3] == (n, h, w) and len(shape) == 4:
        fix = "return all channels of this very model's layer: cut nothing off, and keep nothing from another model"
        return ", other channels", fix, "other_channels"
    return (
        "",
        "return what the named layer gives, neither resized nor averaged, nor that of another layer",
        "other_shape",
    )


def _maps(case: Case) -> Complaint | None:
    """What the named layer returns, in evaluation mode, before later layers work on it in place."""
    right = outputs(case.given["net"], case.images, case.seed, case.framework)
    for place, layer, node in _asked(case):
        if not case.has(f"numbers_{place}") or case.array(f"numbers_{place}").shape != right[node].shape:
            return Complaint(f"the maps of `{layer}`", "another form", "mend the form first")
        found = case.array(f"numbers_{place}")
        if not close(found, right[node], BOUND) and not case.spoilt:
            expected = f"what the layer `{layer}` returns in evaluation mode, for {case.words}"
            got, fix, name = _recognised(case, node, found, right)
            return Complaint(expected, got, fix, name)
    return None


def _recognised(case: Case, node: str, found: np.ndarray, right: dict[str, np.ndarray]) -> tuple[str, str, str]:
    """The known mistake that gives these maps: what they are, and what to do."""
    net, keras = case.given["net"], case.framework == "keras"
    after = [other for other in net if node in other["inputs"]]
    if any(close(found, right[other["name"]], BOUND) for other in after):
        words = "what the next layer makes of it"
        if keras or after[0]["kind"] not in ("relu", "add"):
            return words, "take the output of the layer itself", "next_layer"
        return (
            f"{words}, in place",
            "copy the output inside the hook (`clone()`): later layers may overwrite it",
            "no_copy",
        )
    before = next(other for other in net if other["name"] == node)["inputs"]
    if any(close(found, right[name], BOUND) for name in before):
        return "the layer's input", "take what the layer returns, not what it is given", "layer_input"
    trained = outputs(net, case.images, case.seed, case.framework, training=True)
    if any(close(found, trained[name], BOUND) for name in (node, *(other["name"] for other in after))):
        fix = "call the model with `training=False`" if keras else "call `model.eval()` before the forward pass"
        return "the maps of training mode, where BatchNorm takes the batch's own statistics", fix, "training_mode"
    for name, maps in right.items():
        if name not in (node, INPUT) and close(found, maps, BOUND):
            return (
                f"the maps of `{framework_name(name, case.framework)}`",
                "look the layer up by its name",
                "other_layer",
            )
    return _rearranged(found, right[node])


def _rearranged(found: np.ndarray, right: np.ndarray) -> tuple[str, str, str]:
    n, h, w, c = right.shape
    first = right.transpose(0, 3, 1, 2)
    fix = "move the axis of the channels (`permute`, `transpose`, `moveaxis`): `reshape` and `view` tear maps apart"
    if close(found, first.reshape(n, h, w, c), BOUND):
        return "maps whose numbers stand in other places", fix, "reshaped"
    if h == w and close(found, right.transpose(0, 2, 1, 3), BOUND):
        return "height and width exchanged", "put the axes into the order n, h, w, c", "axes_mixed"
    if close(found, right[::-1], BOUND):
        return "the images in reversed order", "keep the images in their order", "images_reversed"
    if close(found, np.broadcast_to(right[:1], right.shape), BOUND):
        return "the first image's maps for all images", "pass all images through the model", "first_image_alone"
    if close(found, np.maximum(right, 0), BOUND):
        return "the maps with their negative values set to 0", "return them as the layer does", "negative_values_lost"
    low, high = right.min(), right.max()
    if close(found, (right - low) / (high - low), BOUND):
        return "maps scaled to 0 .. 1", "return them as the layer does; scale them where you draw", "scaled"
    if not np.all(np.isfinite(found)):
        return "NaN or infinity", "return the maps as the layer does", "not_finite"
    return (
        "other values",
        "run the model once on these images, in evaluation mode, and keep what this layer returns",
        "",
    )


@of_those_that_ran
def unknown_layer(case: Case) -> Complaint | None:
    """An unknown layer raises a ValueError that names layers which there are."""
    if "unknown" not in case.given:
        return None
    asked = case.given["unknown"][case.framework]
    told = case.json("refusal", dict)
    expected = f"a ValueError that names at least two of the model's layers, for the unknown layer `{asked}`"
    if "raised" not in told:
        got = f"no exception: it returns a `{told.get('returned')}`"
        return Complaint(
            expected, got, "look the layer up first, and raise the error yourself", "unknown_layer_accepted"
        )
    message = str(told.get("message", ""))
    if told.get("value_error") is not True:
        got = f"{shown(told.get('raised'))}: {shown(message)}"
        fix = "look whether the model has such a layer, and raise a ValueError yourself where it hasn't"
        return Complaint(expected, got, fix, "other_exception")
    message = re.sub(rf"(?<![\w.]){re.escape(asked)}(?![\w.])", " ", message)
    names = [*layers(case.given["net"], case.framework), *["input1"] * (case.framework == "keras")]
    count = _named(message, names)
    if count < 2:
        got = f"a ValueError that names {('none', 'one')[count]}: {shown(message)}"
        return Complaint(expected, got, "write names of layers that there are into the message", "no_names")
    return None


def _named(message: str, names: list[str]) -> int:
    """How many names stand in a message, as words; a part of a longer name is none of its own."""
    count = 0
    for name in sorted(names, key=len, reverse=True):
        message, times = re.subn(rf"(?<!\w){re.escape(name)}(?!\w)", " ", message)
        count += times > 0
    return count


form, maps = first_of(_form), first_of(_maps)

"""Judges of what a transferred model gives: one new dense layer on the pooled features of the pretrained backbone."""

from __future__ import annotations

import numpy as np

from grader.checks.transfer.study import Case, of_each
from grader.result import Complaint


@of_each
def answer(case: Case) -> Complaint | None:
    """For each image the model gives `num_classes` finite numbers."""
    found, classes = case.array("output"), int(case.plan["num_classes"])
    right = (len(case.given("images")), classes)
    if found.shape == right:
        if np.all(np.isfinite(found)):
            return None
        return Complaint(
            "finite logits", f"NaN or infinity ({case.words})", "look for a division by zero or weights that overflow"
        )
    sources, features = int(case.plan["source_classes"]), case.features.shape[1]
    if found.shape == (right[0], sources):
        return Complaint(
            f"{classes} logits per image ({case.words})",
            f"{sources}: those of the classes that the backbone was pretrained on",
            "put a new dense layer in the place of the old one, `fc`; a layer with another name is not used by itself",
            "head_not_replaced",
        )
    if found.shape == (right[0], features):
        return Complaint(
            f"{classes} logits per image ({case.words})", f"the {features} pooled features",
            "the new dense layer isn't applied: it goes from the features to the logits", "head_missing",
        )  # fmt: skip
    return Complaint(
        f"logits of shape {right} ({case.words})", f"shape {found.shape}",
        "one new dense layer from the pooled features, one row per image, to `num_classes` logits",
    )  # fmt: skip


@of_each
def head(case: Case) -> Complaint | None:
    """The new head is one dense layer with bias on the pooled features, and it learns."""
    case.crash("training_error")
    if shared := case.texts("shared"):
        return Complaint(
            f"a new dense layer in each model ({case.words})", f"two models share `{shared[0]}`",
            "make the layer inside the function, at each call: keep none from an earlier one", "head_shared",
        )  # fmt: skip
    classes, features = int(case.plan["num_classes"]), case.features.shape[1]
    place = f"one new dense layer from {features} features to {classes} logits, with bias ({case.words})"
    kernels = [
        one for one in case.new if np.prod(one.shape) == classes * features and {classes, features} <= {*one.shape}
    ]
    biases = [one for one in case.new if np.prod(one.shape) == classes]
    head_itself = {id(one) for one in (*kernels[:1], *biases[:1])}
    others = [one for one in case.new if id(one) not in head_itself]
    sources = int(case.plan["source_classes"])
    if not kernels and any(np.prod(one.shape) == classes * sources for one in case.new):
        return Complaint(
            place, f"one that stands on the {sources} logits of the old classes",
            "put the new layer in the place of the old one, on the pooled features, not behind it", "head_not_replaced",
        )  # fmt: skip
    if len(case.new) > 2 and not case.missing:  # where weights were lost, all is new
        return Complaint(
            place, f"more that is new: `{others[0].name}` of shape {others[0].shape}",
            "one dense layer alone is asked for: no hidden layer and no BatchNorm between the features and it",
            "more_than_one_layer",
        )  # fmt: skip
    if kernels and not biases:
        return Complaint(place, "no bias", "leave the layer's bias on, as it is by default", "head_without_bias")
    if not kernels:
        got = (
            f"new tensors of shape {', '.join(str(one.shape) for one in case.new[:3])}" if case.new else "no new tensor"
        )
        return Complaint(
            place, f"{got} among the model's own",
            "register the dense layer as a part of the model, with the number of features that the backbone gives",
        )  # fmt: skip
    # where BatchNorm is folded, its shifts are new too, and some may be as many as the classes
    return _still(case, place, (any(one.moved for one in kernels), any(one.moved for one in biases)))


def _still(case: Case, place: str, moved: tuple[bool, bool]) -> Complaint | None:
    if all(moved):
        return None
    if any(one.moved for one in case.held):
        what = "it" if not any(moved) else "its bias" if moved[0] else "its matrix"
        got = f"after some training steps {what} is as it was"
    else:
        got = "nothing in the model learns, the new head included"
    return Complaint(
        place + ", which learns", got,
        "freeze the backbone first and put the new head in afterwards, or leave the head out when you freeze",
        "head_frozen",
    )  # fmt: skip

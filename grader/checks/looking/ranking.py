"""Judges of `classify`: the k most probable classes of each image, with names and probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.checks.looking.cases import Case, first_of, shown
from grader.checks.looking.forward import outputs
from grader.checks.looking.misranking import BOUND, MISTAKES, Pairs, fits, mistake, softmax
from grader.result import Complaint


def _form(case: Case) -> Complaint | None:
    """One list per image, with k pairs of a name and a probability."""
    answer: Any = case.json("answer", object)
    count, k = len(case.images), case.given.get("k", 5)
    wanted = f"a list of {count} lists with {k} pairs (name, probability) each, for {case.words}"
    if not isinstance(answer, list):
        return Complaint(wanted, shown(answer), "return a list with one list per image", "no_list")
    if count == 1 and len(answer) == k and all(_pair(item) for item in answer):
        return Complaint(
            wanted, "the pairs themselves", "a batch of one image is a batch too: return a list that holds one list",
            "batch_lost",
        )  # fmt: skip
    if len(answer) != count:
        return Complaint(
            wanted, f"{len(answer)} entries for {count} images", "return one list per image", "wrong_count"
        )
    for row in answer:
        if not isinstance(row, list):
            return Complaint(wanted, f"{shown(row)} for one image", "return a list of pairs for each image", "no_pairs")
        if len(row) != k:
            return Complaint(
                wanted, f"{len(row)} pairs for one image", f"return the first `k` pairs, here {k}", "not_k"
            )
        if (wrong := next((pair for pair in row if not _pair(pair)), None)) is not None:
            return Complaint(wanted, f"{shown(wrong)} in place of a pair", _pair_fix(wrong), "no_pair")
    return None


def _number(value: Any) -> bool:
    return isinstance(value, int | float)


def _pair(item: Any) -> bool:
    return isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) and _number(item[1])


def _pair_fix(item: Any) -> str:
    if isinstance(item, list) and len(item) == 2:
        if isinstance(item[1], str) and _number(item[0]):
            return "the name comes first, the probability second"
        if _number(item[0]) and _number(item[1]):
            return "give the class's name, `names[number]`, and not its number"
        return "a pair is a name (a text) and one number"
    return "a pair is a tuple of two: (name, probability)"


def _probabilities(case: Case) -> Complaint | None:
    """The k most probable classes with the softmax over all classes, in evaluation mode, most probable first."""
    if _form(case) is not None:
        return Complaint("names and probabilities", "another form", "mend the form first")
    names = [str(name) for name in case.given["names"]]
    answer = case.json("answer", list)
    strange = next((name for row in answer for name, _ in row if name not in names), None)
    if strange is not None:
        fix = "class number i is called `names[i]`"
        return Complaint("names out of `names`", shown(strange), fix, "strange_name")
    logits = _logits(case, training=False)
    rows: Pairs = [_numbered(row, names, right) for row, right in zip(answer, softmax(logits), strict=True)]
    if fits(rows, softmax(logits)) or case.spoilt:
        return None
    found = mistake(rows, logits, _logits(case, training=True))
    if found is None:
        return _described(case, rows, softmax(logits), names)
    got, fix = MISTAKES[found]
    if found == "training_mode" and case.framework == "keras":
        fix = "call the model with `training=False`, or use `predict`"
    return Complaint(f"the softmax over all classes, most probable first, for {case.words}", got, fix, found)


def _numbered(row: list[Any], names: list[str], right: np.ndarray) -> list[tuple[int, float]]:
    """An image's pairs with class numbers: of those that share a name, the one whose probability is nearest."""
    found: list[tuple[int, float]] = []
    for name, value in row:
        alike = [number for number, other in enumerate(names) if other == name]
        left = [number for number in alike if number not in dict(found)] or alike
        found.append((min(left, key=lambda number: abs(right[number] - value)), float(value)))
    return found


def _logits(case: Case, *, training: bool) -> np.ndarray:
    net = case.given["net"]
    found = outputs(net, case.images, case.seed, case.framework, training=training)
    return np.asarray(found[net[-1]["name"]])


def _described(case: Case, rows: Pairs, right: np.ndarray, names: list[str]) -> Complaint:
    """A complaint about the first pair that is wrong."""
    expected = f"the softmax over all classes, most probable first, for {case.words}"
    values = np.array([[value for _, value in row] for row in rows])
    wanted = np.sort(right, axis=-1)[:, ::-1][:, : values.shape[1]]
    if np.all(np.abs(values - wanted) <= BOUND):
        by_name = np.argsort(names)
        best = np.argsort(-right, axis=-1)[:, : values.shape[1]]
        first = names[int(np.argmax(right[0]))]
        got = f"the right probabilities with other names: `{first}` is the first image's most probable class"
        fix = "class number i is called `names[i]`; look the number up that belongs to the probability"
        if np.array_equal(by_name[best], [[number for number, _ in row] for row in rows]):
            return Complaint(expected, got, f"{fix}, in `names` as they come: don't sort them", "names_sorted")
        return Complaint(expected, got, fix, "wrong_names")
    row = int(np.argmax(~(np.abs(values - wanted) <= BOUND).all(axis=-1)))
    got = f"{values[row, 0]:.4g} for the first pair of image {row}, where the model says {wanted[row, 0]:.4f}"
    fix = "run the model in evaluation mode on these very images, and take the softmax of its logits along the classes"
    return Complaint(expected, got, fix)


form, probabilities = first_of(_form), first_of(_probabilities)

"""Judges of `layer_table`: the form, the rows and their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checks.looking.cases import Case, first_of, shown
from grader.checks.looking.forward import multiply_adds, outputs, parameters, shape
from grader.checks.looking.hypotheses import Row
from grader.checks.looking.nets import framework_name, layers
from grader.result import Complaint


@dataclass(frozen=True)
class Table:
    """A student's rows by name, and the right ones."""

    found: dict[str, Sequence[Any]]
    right: tuple[Row, ...]
    names: list[str]  # of the student's rows, in their order


def right(case: Case) -> tuple[Row, ...]:
    """The rows of a right table."""
    net, framework = case.given["net"], case.framework
    maps = outputs(net, case.images, case.seed, framework)
    return tuple(
        Row(
            name=framework_name(node["name"], framework), node=node, shape=shape(maps[node["name"]], framework),
            parameters=parameters(node, framework), multiply_adds=multiply_adds(node, maps[node["name"]]),
            input_shape=shape(maps[node["inputs"][0]], framework),
        )
        for node in net
        if node["tensors"]
    )  # fmt: skip


def _whole(value: Any) -> bool:
    return isinstance(value, int | float) and value == round(value) if _finite(value) else False


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and bool(np.isfinite(value))


def _form(case: Case) -> Complaint | None:
    """A list of rows (name, output_shape, parameters, multiply_adds)."""
    answer = case.json("answer", object)
    expected = f"a list of tuples (name, output_shape, parameters, multiply_adds), for {case.words}"
    if not isinstance(answer, list):
        return Complaint(expected, shown(answer), "return a list with one tuple per layer", "no_list")
    if not answer:
        return Complaint(expected, "an empty list", "go through all layers of the model, nested ones too", "empty")
    for row in answer:
        if not isinstance(row, list) or len(row) != 4:
            return Complaint(expected, f"{shown(row)} as a row", "a row is a tuple of four", "no_row")
        name, sizes, *numbers = row
        if not isinstance(name, str):
            return Complaint(expected, f"{shown(name)} as a name", "begin each row with the layer's name", "no_name")
        if not isinstance(sizes, list) or not all(size is None or _whole(size) or _unknown(size) for size in sizes):
            fix = "give the shape as a tuple of whole numbers"
            return Complaint(expected, f"{shown(sizes)} as the output shape of `{shown(name)}`", fix, "no_shape")
        if (wrong := next((number for number in numbers if not _whole(number)), None)) is not None:
            got = f"{shown(wrong)} among the numbers of {shown(name)}"
            return Complaint(expected, got, "parameters and multiply-adds are whole numbers", "no_number")
    return None


def _unknown(size: Any) -> bool:
    """An axis that is left open, as it comes from the probe."""
    return isinstance(size, dict) and size.get("type") == "NoneType"


FORM_FIRST = Complaint("a table of layers", "another form", "mend the form first")


def read(case: Case) -> Table | None:
    """The student's table beside the right one, None where its form is wrong."""
    if _form(case) is not None:
        return None
    answer = case.json("answer", list)
    return Table({row[0]: row[1:] for row in answer}, right(case), [row[0] for row in answer])


def _rows(case: Case) -> Complaint | None:
    """One row for each layer with parameters and no other, by name."""
    if (table := read(case)) is None:
        return FORM_FIRST
    right = [row.name for row in table.right]
    kind = "modules without children that have" if case.framework == "torch" else "layers with"
    expected = f"one row for each of the {len(right)} {kind} parameters, for {case.words}"
    missing = [name for name in right if name not in table.found]
    extra = [name for name in table.names if name not in right]
    if extra and missing:
        fix = "give each layer's name in the model" + (
            ", with all its dots, as `named_modules()` does" if case.framework == "torch" else " (`layer.name`)"
        )
        return Complaint(
            expected, f"a row called {shown(extra[0])}, and none called `{missing[0]}`", fix, "other_names"
        )
    if missing:
        row = next(row for row in table.right if row.name == missing[0])
        words = (
            "frozen layers count too" if row.node.get("frozen") else "go through all layers, not through one kind alone"
        )
        return Complaint(expected, f"no row for `{missing[0]}` ({KINDS[row.node['kind']]})", words, "row_missing")
    if extra:
        leaves = [framework_name(node["name"], case.framework) for node in case.given["net"]]
        return _extra(case, expected, next((name for name in extra if name in leaves), extra[0]))
    if len(table.names) != len(right):
        twice = next(name for name in table.names if table.names.count(name) > 1)
        return Complaint(
            expected, f"`{twice}` more than once", "one row for each layer, for one forward pass", "row_twice"
        )
    return None


KINDS = {
    "convolution": "a convolution",
    "norm": "BatchNorm",
    "prelu": "PReLU, with a slope per channel",
    "dense": "a dense layer",
}


def _extra(case: Case, expected: str, name: str) -> Complaint:
    leaves = [framework_name(node["name"], case.framework) for node in case.given["net"]]
    if name in leaves:
        fix = "leave out layers without parameters"
        return Complaint(expected, f"a row for `{name}`, which has none", fix, "rows_without_parameters")
    if name == "" or name in layers(case.given["net"], case.framework):
        got = f"a row for {f'`{name}`' if name else 'the whole model'}, which is made of other modules"
        return Complaint(
            expected, got, "leave out modules that have children: they count what these count", "containers"
        )
    return Complaint(expected, f"a row called {shown(name)}", "give each layer's name in the model", "other_names")


def _order(case: Case) -> Complaint | None:
    """PyTorch: in the order of execution. Keras: a layer comes after those that it depends on."""
    if (table := read(case)) is None:
        return FORM_FIRST
    right = [row.name for row in table.right]
    if sorted(table.names) != sorted(right):
        return Complaint("the rows in order", "other rows", "mend the rows first")
    if case.framework == "torch" and table.names != right:
        place = next(index for index, name in enumerate(right) if table.names[index] != name)
        expected = f"the rows in order of execution (`{right[place]}` at place {place + 1}), for {case.words}"
        fix = "modules may be registered in another order than they run: let hooks add the rows, when the layers run"
        return Complaint(expected, f"`{table.names[place]}` at place {place + 1}", fix, "order_of_registration")
    for name, needed in _dependencies(case).items() if case.framework == "keras" else ():
        late = next((other for other in needed if table.names.index(other) > table.names.index(name)), None)
        if late is not None:
            expected = f"each layer after those that it depends on, for {case.words}"
            got = f"`{name}` stands before `{late}`, whose output reaches it"
            return Complaint(expected, got, "keep the order of `model.layers`", "order")
    return None


def _dependencies(case: Case) -> dict[str, list[str]]:
    """Of each layer with parameters, those with parameters that feed it."""
    above: dict[str, list[str]] = {}
    for node in case.given["net"]:
        above[node["name"]] = [name for other in node["inputs"] if other in above for name in (other, *above[other])]
    with_rows = {node["name"] for node in case.given["net"] if node["tensors"]}
    return {
        framework_name(name, "keras"): [framework_name(other, "keras") for other in above[name] if other in with_rows]
        for name in above
        if name in with_rows
    }


form, rows, order = first_of(_form), first_of(_rows), first_of(_order)

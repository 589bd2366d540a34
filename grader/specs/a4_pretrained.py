"""Assignment 4: use pretrained nets, and look inside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.checks.looking import columns, maps, pictures, preparation, ranking, requests, table, untouched
from grader.checks.looking.cases import once
from grader.spec import Assignment, Check, Judge, Question


def _question(name: str, request: Any, judges: Sequence[tuple[str, Judge, float]]) -> Question:
    checks = tuple(
        Check(check, (judge.__doc__ or "").strip(), f"a4_pretrained.{name}", request, judge, points)
        for check, judge, points in judges
    )
    return Question(name, {"torch": name, "keras": name}, checks)


ASSIGNMENT = Assignment(
    "a4_pretrained",
    "Pretrained nets, and a look inside",
    (
        _question(
            "preprocess", pictures.preprocess,
            (
                ("form", preparation.form, 0.5), ("colours", preparation.colours, 1.5),
                ("pixels", preparation.pixels, 0.75), ("resizing", preparation.resizing, 0.75),
                ("argument", once(preparation.form, preparation.argument), 0.5),
            ),
        ),
        _question(
            "classify", requests.classify,
            (
                ("form", ranking.form, 1), ("probabilities", ranking.probabilities, 2.75),
                ("untouched", once(ranking.form, untouched.untouched), 1.25),
            ),
        ),
        _question(
            "feature_maps", requests.feature_maps,
            (
                ("form", maps.form, 0.75), ("maps", maps.maps, 2.25),
                ("untouched", once(maps.form, untouched.untouched), 1.25),
                ("unknown_layer", maps.unknown_layer, 0.75),
            ),
        ),
        _question(
            "layer_table", requests.layer_table,
            (
                ("form", table.form, 0.25), ("rows", table.rows, 1.25), ("order", table.order, 0.75),
                ("shapes", columns.shapes, 1), ("parameters", columns.parameters, 1),
                ("multiply_adds", columns.multiply_adds, 1.25),
                ("untouched", once(table.form, untouched.untouched), 0.5),
            ),
        ),
    ),
)  # fmt: skip

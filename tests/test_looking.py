"""The small nets of `a4_pretrained`: they can cross as JSON, and every known mistake shows on them under any seed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from grader.checks.looking import columns, hypotheses, misranking, pictures, requests, table
from grader.checks.looking.cases import Case
from grader.checks.looking.forward import outputs
from grader.spec import FRAMEWORKS

SEEDS = range(6)
# the number that is right in one framework is the mistake of the other
RIGHT = {("torch", "statistics_left_out"), ("keras", "statistics_counted")}


def cases(request, framework):
    return [Case(request | {"framework": framework}, {}, number) for number in range(len(request["cases"]))]


@pytest.mark.parametrize("draw", [pictures.preprocess, requests.classify, requests.feature_maps, requests.layer_table])
def test_a_request_is_json_beside_its_arrays_and_the_same_again(draw):
    once, again = (draw(np.random.default_rng(1)) for _ in range(2))
    arrays = {name for name, value in once.items() if isinstance(value, np.ndarray)}
    rest = {name: value for name, value in once.items() if name not in arrays}
    assert json.loads(json.dumps(rest)) == rest == {name: again[name] for name in rest}
    assert all(np.array_equal(once[name], again[name]) for name in arrays)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_known_mistake_of_a_ranking_shows(framework):
    for seed in SEEDS:
        for case in cases(requests.classify(np.random.default_rng(seed)), framework)[:3]:
            net, place = case.given["net"], case.given["net"][-1]["name"]
            found = [outputs(net, case.images, case.seed, framework, training=mode)[place] for mode in (False, True)]
            assert misranking.telling(*found, case.given.get("k", 5))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_known_mistake_of_a_table_shows(framework):
    columns_of = {
        hypotheses.shapes: lambda row: row.shape,
        hypotheses.parameters: lambda row: row.parameters,
        hypotheses.multiply_adds: lambda row: row.multiply_adds,
    }
    for seed in SEEDS:
        drawn = cases(requests.layer_table(np.random.default_rng(seed)), framework)
        rows = [row for case in drawn for row in table.right(case)]
        for guesses, of in columns_of.items():
            alike = {name for name, (guess, _) in guesses(framework).items() if all(guess(r) == of(r) for r in rows)}
            assert {(framework, name) for name in alike} <= RIGHT


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_maps_of_training_mode_and_of_the_layer_behind_are_others(framework):
    for seed in SEEDS:
        for case in cases(requests.feature_maps(np.random.default_rng(seed)), framework):
            net, names = case.given["net"], case.given["nodes"][framework]
            right, trained = (outputs(net, case.images, case.seed, framework, training=m) for m in (False, True))
            scale = {name: np.abs(right[name]).max() for name in names}
            assert max(np.abs(right[name] - trained[name]).max() / scale[name] for name in names) > 0.1
            for node in net:
                for name in set(node["inputs"]) & set(names):
                    if node["kind"] in ("relu", "add"):
                        assert np.abs(right[node["name"]] - right[name]).max() / scale[name] > 0.05


def test_a_table_that_is_right_passes_every_column_and_one_wrong_number_fails_its_own():
    case = cases(requests.layer_table(np.random.default_rng(0)), "torch")[0]
    rows = [[row.name, row.shape, row.parameters, row.multiply_adds] for row in table.right(case)]

    def judged(rows):
        answer = np.frombuffer(json.dumps(rows).encode(), dtype=np.uint8)
        request = case.request | {"cases": case.request["cases"][:1]}
        judges = (table.form, table.rows, table.order, columns.shapes, columns.parameters, columns.multiply_adds)
        return [judge(request, {"0_answer": answer}) is None for judge in judges]

    assert judged(rows) == [True] * 6
    rows[3][3] += 1
    assert judged(rows) == [True] * 5 + [False]

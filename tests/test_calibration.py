"""Bounds hold what they promise, and figures survive an interruption."""

from __future__ import annotations

import numpy as np
import pytest

from tests.calibration import Recipe, __main__, bounds, figures


def test_so_many_trials_bound_the_share_of_right_programs_that_fail_twice():
    assert bounds.enough() == 94  # 0.0316 squared is 0.001, and 0.95 <= 1 - (1 - 0.0316) ** 94
    generator = np.random.Generator(np.random.PCG64(3))
    least = generator.beta(9, 1, (2000, bounds.enough())).min(axis=1)  # skewed, as accuracies are
    below = least**9  # the share of such a distribution that lies below
    assert np.mean(below**bounds.ROUNDS < bounds.FAILURES) > 0.94


def test_the_threshold_lies_midway_between_wrong_recipes_and_right_ones():
    assert bounds.threshold([0.71, 0.6499], [0.2, 0.1]) == 0.4
    assert bounds.threshold([0.7], [0.2]) == 0.45
    with pytest.raises(ValueError, match="right recipes and wrong ones"):
        bounds.threshold([0.7], [])
    with pytest.raises(ValueError, match=r"a wrong recipe reaches 0\.700"):
        bounds.threshold([0.7], [0.7])


def test_a_line_that_a_kill_cut_short_is_measured_again(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "FOLDER", tmp_path)
    figures.append("a", "torch", "right", 0, 0.8, 1.0)
    figures.append("a", "torch", "right", 1, 0.9, 1.0)
    path = figures.path("a", "torch")
    path.write_bytes(path.read_bytes()[:-6])  # into the last line's value
    assert figures.read("a", "torch") == {"right": {0: 0.8}}
    figures.append("a", "torch", "right", 1, 0.7, 1.0)
    assert figures.read("a", "torch") == {"right": {0: 0.8, 1: 0.7}}


def test_few_seeds_leave_the_threshold_as_it_is_and_say_so(tmp_path, monkeypatch):
    recipes = {"fine": Recipe("q", True), "poor": Recipe("q", False), "broken": Recipe("q", False, "`shape`")}
    monkeypatch.setattr(figures, "FOLDER", tmp_path)
    monkeypatch.setattr(__main__, "THRESHOLDS", tmp_path)
    monkeypatch.setattr(__main__, "_module", lambda name: type("Module", (), {"RECIPES": recipes}))
    (tmp_path / "a.json").write_text('{"q": {"torch": 0.4}}')
    for seed in range(__main__.SEEDS - 1):
        figures.append("a", "torch", "fine", seed, 0.8 + 0.001 * (seed % 7), 1.0)
    for seed in range(3):
        figures.append("a", "torch", "poor", seed, 0.3, 1.0)
        figures.append("a", "torch", "broken", seed, 0.9, 1.0)  # told by another check
    __main__._write("a")
    assert '"torch": 0.4' in (tmp_path / "a.json").read_text()
    assert "threshold 0.40, by hand, from 93 seeds: 94 are asked" in (tmp_path / "a.md").read_text()
    figures.append("a", "torch", "fine", 99, 0.803, 1.0)
    __main__._write("a")
    assert '"torch": 0.55' in (tmp_path / "a.json").read_text()
    table = (tmp_path / "a.md").read_text()
    assert "| fine | right | 94 |" in table
    assert "| poor | wrong | 3 | 0.300 | 0.000 | 0.300 | 0.300 | 3 | accuracy |" in table

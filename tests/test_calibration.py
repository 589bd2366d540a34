"""Bounds hold what they promise, and figures survive an interruption."""

from __future__ import annotations

import numpy as np
import pytest

from tests.calibration import Recipe, __main__, bounds, figures


def test_the_normal_bound_leaves_out_fewer_than_one_in_a_thousand():
    generator = np.random.Generator(np.random.PCG64(3))
    beyond = []
    for _ in range(300):
        summary = bounds.summarise(generator.normal(0.8, 0.01, 50))
        if summary.method == "normal tolerance bound":
            beyond.append(bounds.stats.norm.cdf(summary.bound, 0.8, 0.01))
    assert len(beyond) > 250
    assert np.mean(np.array(beyond) < bounds.FAILURES) > 0.92  # 95 % confidence, over 300 samples


def test_the_tolerance_factor_of_fifty_values_is_that_of_printed_tables():
    assert bounds._tolerance_factor(50) == pytest.approx(3.766, abs=0.001)


def test_skewed_accuracies_get_the_bound_of_their_log_errors():
    generator = np.random.Generator(np.random.PCG64(5))
    beyond, methods = [], []
    for _ in range(300):
        summary = bounds.summarise(1 - np.exp(generator.normal(-3, 0.6, 50)))
        methods.append(summary.method)
        beyond.append(1 - bounds.stats.norm.cdf(np.log(1 - summary.bound), -3, 0.6))
    chosen = np.array(methods) == "normal tolerance bound of log errors"
    assert chosen.mean() > 0.9
    assert np.mean(np.array(beyond)[chosen] < bounds.FAILURES) > 0.92  # as above


def test_figures_that_are_not_normal_get_a_bound_for_any_distribution():
    values = np.concatenate((np.full(45, 0.9), np.full(5, 0.7)))
    summary = bounds.summarise(values)
    assert summary.method == "Cantelli"
    assert summary.bound == pytest.approx(values.mean() - np.sqrt(999) * values.std(ddof=1))


def test_the_threshold_lies_below_every_right_recipe():
    assert bounds.threshold([0.71, 0.6499]) == 0.6
    assert bounds.threshold([0.65]) == 0.65
    with pytest.raises(ValueError, match="no right recipe"):
        bounds.threshold([])
    with pytest.raises(ValueError, match="rarely enough"):
        bounds.threshold([0.7, -0.2])


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
    monkeypatch.setattr(figures, "FOLDER", tmp_path)
    monkeypatch.setattr(__main__, "THRESHOLDS", tmp_path)
    monkeypatch.setattr(__main__, "_module", lambda name: type("Module", (), {"RECIPES": {"fine": Recipe("q", True)}}))
    (tmp_path / "a.json").write_text('{"q": {"torch": 0.4}}')
    for seed in range(__main__.SEEDS - 1):
        figures.append("a", "torch", "fine", seed, 0.8 + 0.001 * (seed % 7), 1.0)
    __main__._write("a")
    assert '"torch": 0.4' in (tmp_path / "a.json").read_text()
    assert "threshold 0.40, by hand, from 49 seeds: 50 are asked" in (tmp_path / "a.md").read_text()
    figures.append("a", "torch", "fine", 99, 0.803, 1.0)
    __main__._write("a")
    found = bounds.threshold([bounds.summarise(list(figures.read("a", "torch")["fine"].values())).bound])
    assert f'"torch": {found}' in (tmp_path / "a.json").read_text()
    assert found > 0.4

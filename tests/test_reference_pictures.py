"""What a run shows: its history, the line of its progress, and the pictures."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest

from reference import history, pictures, rivals
from reference.history import Epoch
from reference.progress import Progress, duration

ROWS = [
    Epoch(1, 10, 0.1, 2.0, 0.2, 2.1, 0.25, 1.5, 100.0),
    Epoch(2, 20, 0.1, 1.0, 0.6, 1.5, 0.5, 1.5, 100.0),
    Epoch(3, 30, 0.01, 0.9, 0.7, 1.6, 0.5, 1.5, 100.0),
]


def test_history_comes_back_from_its_file_and_knows_its_best(tmp_path):
    history.write(tmp_path, ROWS, "A run")
    assert history.read_csv(tmp_path / "history.csv") == ROWS
    assert (tmp_path / "curves.png").read_bytes()[1:4] == b"PNG"
    assert history.best(ROWS) == ROWS[1]  # the first of two that are equal
    assert history.best([replace(ROWS[0], val_accuracy=float("nan"))]) is None


def test_equal_pictures_are_equal_files():
    first, second = (pictures.as_png(pictures.learning_curves(ROWS, "A run")) for _ in range(2))
    assert first == second


def test_degradation_is_drawn_for_long_and_short_runs():
    keys = [(kind, depth) for kind in ("plain", "residual") for depth in (8, 20)]
    for count in (3, 12):
        rows = {key: [replace(ROWS[0], epoch=index, step=index * 10) for index in range(count)] for key in keys}
        assert pictures.as_png(pictures.degradation({key: [2.0, 1.0] for key in keys}, rows, "Nets"))
    np.testing.assert_allclose(pictures.smoothed([1, 2, 3, 4], 2), [1, 1.5, 2.5, 3.5])


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_tells_loss_accuracy_speed_and_time_left():
    stream = Terminal()
    shown = Progress(4, stream=stream, every=0.0)
    shown.step(8, lambda: (0.5, 0.75))
    shown.say("epoch 1")
    assert "1/4 loss 0.5000, accuracy 75.0%, " in stream.getvalue()
    assert all(word in stream.getvalue() for word in (" images/s, ", " left", "epoch 1\n"))
    assert [duration(seconds) for seconds in (5, 65, 3_725)] == ["0:05", "1:05", "1:02:05"]


def test_progress_in_a_file_makes_no_gpu_wait():
    stream = io.StringIO()
    Progress(4, stream=stream, every=0.0).step(8, lambda: pytest.fail("asked for numbers that nobody sees"))
    assert stream.getvalue() == ""


def test_nets_are_compared_by_points_per_million_parameters():
    nets = [rivals.Net("resnet18", "IMAGENET1K_V1", 10_000_000, 1.8, 70.0, 224)]
    nets += [rivals.Net("vgg16_bn", name, 100_000_000, 15.0, top1, 224) for name, top1 in (("V1", 71.0), ("V2", 73.0))]
    assert [net.density for net in nets] == pytest.approx([7.0, 0.71, 0.73])
    assert [net.weights for net in rivals.best_of_each(nets)] == ["IMAGENET1K_V1", "V2"]
    assert [net.resnet for net in nets] == [True, False, False]
    assert rivals.as_csv(nets).splitlines()[1] == "resnet18,IMAGENET1K_V1,10000000,1.8,70.0,224,7.000"
    for draw in (rivals.operations, rivals.density):
        assert pictures.as_png(draw(nets, "a test"))[1:4] == b"PNG"

"""Runs of `python -m reference` in processes of their own, one of which is killed, for both frameworks."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from reference import checkpoints, history

ROOT = Path(__file__).parent.parent
EPOCHS = 24
TRAIN = [
    "train",
    "--model",
    "small_residual8",
    "--data",
    "small",
    "--size",
    "8",
    "--images",
    "160",
    "--batch-size",
    "32",
]
TRAIN += ["--epochs", str(EPOCHS), "--patience", "2", "--augment", "--threads", "1"]
LIMIT = 300.0  # seconds until the first epochs must be there, on a machine that does much else


def reference(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The finished process of a command of the reference."""
    command = [sys.executable, "-m", "reference", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def train(framework: str, folder: Path, device: str) -> str:
    """What a whole run prints."""
    done = reference(*arguments(framework, folder, device))
    assert done.returncode == 0, done.stderr
    return done.stdout


def arguments(framework: str, folder: Path, device: str) -> list[str]:
    """A run that repeats to the bit, on a GPU too."""
    return [*TRAIN, "--framework", framework, "--output", str(folder), "--device", device, "--deterministic", "on"]


def killed(framework: str, folder: Path, device: str, epochs: int = 3) -> int:
    """Kill a run in the middle, once it has done some epochs; how many it had written."""
    command = [sys.executable, "-m", "reference", *arguments(framework, folder, device)]
    path, ends = folder / "history.csv", time.monotonic() + LIMIT
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not (path.exists() and len(history.read_csv(path)) >= epochs):
            assert process.poll() is None, "the run ended by itself"
            assert time.monotonic() < ends, "the run is too slow"
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    return len(checkpoints.load(folder / "last.npz")[1]["rows"])


def timeless(record: dict) -> list[history.Epoch]:
    """The rows of a record without what differs from run to run."""
    return [replace(history.Epoch(**row), seconds=0, images_per_second=0) for row in record["rows"]]


def agree(folder: Path, other: Path) -> None:
    """Both folders hold equal checkpoints, to the bit, and equal histories."""
    for name in ("last.npz", "best.npz"):
        arrays, record = checkpoints.load(folder / name)
        others, theirs = checkpoints.load(other / name)
        assert arrays.keys() == others.keys()
        for key, array in arrays.items():
            assert array.dtype == others[key].dtype
            np.testing.assert_array_equal(array, others[key], err_msg=key)
        assert timeless(record) == timeless(theirs)


def check_resuming(framework: str, tmp_path: Path, device: str = "cpu") -> None:
    """A run that was killed goes on where it was, and ends as one that wasn't."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    train(framework, whole, device)
    epochs = killed(framework, broken, device)
    assert 0 < epochs < EPOCHS
    assert f"going on after epoch {epochs}," in train(framework, broken, device)
    agree(whole, broken)
    assert {path.name for path in broken.iterdir()} == {path.name for path in whole.iterdir()}

"""The files behind what students are given: whole, in the wheel, and explained where they are missing."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from grader import given
from grader.given import downloads, embedded, stored, weights
from reference.commands import embed, samples
from tests.test_house import loaded, sources

ROOT = Path(__file__).parent.parent
LIMIT = 3_000_000  # bytes of the wheel


@pytest.mark.parametrize("path", sorted([*embedded.FOLDER.glob("*.npz"), *weights.FOLDER.glob("*.npz")]))
def test_stored_files_match_their_checksums_and_hold_no_pickles(path):
    arrays = stored.read(path)
    assert arrays
    assert not any(array.dtype.hasobject for array in arrays.values())


@pytest.mark.parametrize("damage", ["missing", "no checksum", "empty checksum", "changed", "no archive"])
def test_a_damaged_file_is_refused(tmp_path, damage):
    path = tmp_path / "numbers.npz"
    stored.write(path, {"a": np.arange(3)})
    np.testing.assert_array_equal(stored.read(path)["a"], [0, 1, 2])
    if damage == "missing":
        path.unlink()
    elif damage == "no checksum":
        stored.checksum_file(path).unlink()
    elif damage == "empty checksum":
        stored.checksum_file(path).write_text("")
    elif damage == "changed":
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    else:
        path.write_bytes(b"PK")
        stored.checksum_file(path).write_text(hashlib.sha256(b"PK").hexdigest())
    with pytest.raises(stored.StoredError, match="install the grader again"):
        stored.read(path)


def test_equal_arrays_give_equal_files(tmp_path):
    for name in ("one", "two"):
        stored.write(tmp_path / f"{name}.npz", {"a": np.arange(3)})
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_images_are_chosen_once_and_in_rounds_of_all_classes():
    labels = np.repeat(np.arange(3), 10).astype(np.uint8)
    arrays = embed.chosen(np.arange(30), labels, ("a", "b", "c"), (4, 2, 3), seed=0)
    parts = [arrays[f"{split}_images"] for split in embed.SPLITS]
    assert len(set(np.concatenate(parts))) == 27
    for images, split in zip(parts, embed.SPLITS, strict=True):
        np.testing.assert_array_equal(labels[images], arrays[f"{split}_labels"])
        assert all(set(turn) == {0, 1, 2} for turn in labels[images].reshape(-1, 3))


def test_rows_are_stored_as_differences_and_come_back():
    pixels = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), np.uint8)
    np.testing.assert_array_equal(embedded.smooth(embedded.rough(pixels)), pixels)


def test_samples_of_a_task_are_drawn():
    figure = samples.draw("things", 3)
    assert len(figure.axes) == 3 * 6
    assert [axes.get_ylabel() for axes in figure.axes[::3]] == list(given.names("things"))


def test_the_record_tells_of_the_weights_that_are_there():
    record = json.loads((weights.FOLDER / "PROVENANCE.json").read_text(encoding="utf-8"))
    assert record["command"] == "python -m reference pretrain"
    assert record["bytes"] == (weights.FOLDER / "backbone.npz").stat().st_size
    assert len(record["epochs"]) == record["options"]["epochs"]
    assert record["stored_in_half_precision"]["accuracy"] > 0.95


def test_where_nothing_can_be_downloaded_the_error_says_what_to_do():
    error = downloads.unavailable("keras", tried="https://example.org/a.h5", place="~/a.h5", reason=OSError("offline"))
    assert str(error) == (
        "ImageNet's weights can't be had: tried https://example.org/a.h5, which failed (offline). Download that file "
        "elsewhere and put it at ~/a.h5; or take grader.given.backbone('keras') in its place, which comes with the "
        "grader: a ResNet-14, pretrained on the image world, for images of 32x32 pixels"
    )
    with pytest.raises(ValueError, match=r"keras\.applications has pretrained ResNets of 50, 101, 152 layers; got 18"):
        downloads.check_depth("keras", "keras.applications", 18)


def test_giving_images_loads_no_framework():
    assert loaded("from grader import given; [given.images(task, 'test', 2) for task in given.TASKS]") == set()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy: building leaves things behind."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "grader", folder / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", folder]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = (folder / "dist").glob("*.whl")
    return path


def test_the_wheel_is_small(wheel):
    assert wheel.stat().st_size < LIMIT


def test_the_wheel_holds_every_file_that_grading_reads(wheel):
    folder = ROOT / "grader"
    needed = {path for path in sources(ROOT) if folder in path.parents and path.suffix != ".md"}
    with zipfile.ZipFile(wheel) as archive:
        assert {path.relative_to(ROOT).as_posix() for path in needed} - set(archive.namelist()) == set()


def test_the_wheel_holds_images_and_weights(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        "from grader import given; from grader.given import weights\n"
        "print(given.__file__, *(given.images(task, 'test', 10)[0].sum() for task in given.TASKS))\n"
        "print(len(weights.load('backbone')))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, count = done.stdout.splitlines()
    path, *sums = first.split()
    assert Path(path).is_relative_to(tmp_path)
    assert sums == [str(given.images(task, "test", 10)[0].sum()) for task in given.TASKS]
    assert int(count) > 50
    for name in ("emoji", "fashion", "digits"):
        assert (tmp_path / "grader" / "given" / "data" / f"LICENSE-{name}.txt").is_file()

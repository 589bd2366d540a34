"""Reading what a student's process wrote: arrays pass, and nothing else does."""

from __future__ import annotations

import io
import json
import os
import zipfile

import numpy as np
import pytest

from grader import answers, failure


@pytest.fixture
def path(tmp_path):
    return tmp_path / "answer.npz"


def kind(path):
    error = failure.read(answers.read(path))
    return error and error["kind"]


def text(value):
    return np.frombuffer(value.encode(), dtype=np.uint8)


def test_arrays_come_back_as_they_were(path):
    given = {"a": np.ones((2, 3), np.float32), "b": np.array(True), "c": np.arange(3), "d": np.zeros(0, np.uint8)}
    np.savez(path, **given)
    found = answers.read(path)
    assert found.keys() == given.keys()
    assert all(np.array_equal(found[name], given[name]) and found[name].dtype == given[name].dtype for name in given)


@pytest.mark.parametrize(
    "array",
    [
        np.array([print]),  # a pickle
        np.array(["text"]),
        np.ones(2, np.complex64),
        np.ones(2, np.float16),
        np.zeros(2, [("field", "f4")]),
        np.array(["2026-01-01"], "datetime64[D]"),
        np.ones(2, ">f4"),
    ],
)
def test_arrays_of_another_sort_are_malformed(path, array):
    np.savez(path, array=array)
    assert kind(path) == "malformed"


@pytest.mark.parametrize("name", ["error", "remarks"])
def test_texts_are_bytes(path, name):
    np.savez(path, **{name: np.full(3, np.nan)})
    assert kind(path) == "malformed"


@pytest.mark.parametrize("content", [b"", b"PK", b"\x80\x04.", b"\x93NUMPY\x01\x00"])
def test_files_that_are_no_archive_are_malformed(path, content):
    path.write_bytes(content)
    assert kind(path) == "malformed"


def test_a_single_array_is_malformed(path):
    with path.open("wb") as file:
        np.save(file, np.ones(3))
    assert kind(path) == "malformed"


def test_an_array_that_claims_more_than_it_holds_is_malformed(path):
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10**9)})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", buffer.getvalue())
    assert kind(path) == "malformed"


def test_links_folders_and_pipes_are_malformed(path, tmp_path):
    np.savez(tmp_path / "real.npz", a=np.ones(1))
    path.symlink_to(tmp_path / "real.npz")
    assert kind(path) == "malformed"
    path.unlink()
    os.mkfifo(path)
    assert kind(path) == "malformed"
    path.unlink()
    path.mkdir()
    assert kind(path) == "malformed"


def test_large_answers_are_not_read(path):
    with path.open("wb") as file:
        file.truncate(answers.MAX_BYTES + 1)
    assert kind(path) == "oversized"


def test_an_answer_that_unpacks_to_too_much_is_not_unpacked(path):
    np.savez_compressed(path, zeros=np.zeros(answers.MAX_BYTES, np.uint8))
    assert path.stat().st_size < 1_000_000
    assert kind(path) == "oversized"


@pytest.mark.parametrize("forged", ["[" * 100_000, "{}", "3", '{"kind": "passed"}', "\x00"])
def test_a_forged_error_is_malformed(path, forged):
    np.savez(path, error=text(forged))
    assert kind(path) == "malformed"


def test_lines_are_capped_and_printable():
    assert answers.lines(text(json.dumps(["x" * 400, "a\x1b[31m\ud800\nb", 3]))) == ["x" * 300, "a [31m  b", "3"]
    assert len(answers.lines(text(json.dumps(["x"] * 50)))) == 20
    for damaged in ("{", "[" * 100_000, "3", '{"a": 1}'):
        assert answers.lines(text(damaged)) == []

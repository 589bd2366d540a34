"""TRUSTED: reads what a student's process wrote. Its files are claims: plain, of capped size, and without pickles."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from grader import failure
from grader.spec import Evidence

MAX_BYTES = 64_000_000  # of an answer; an honest one takes about 1 MB
MAX_ARRAYS = 20_000
_DTYPES = {np.dtype(name) for name in ("f4", "f8", "i4", "i8", "u1", "?")}
_TEXTS = {"error", "remarks"}  # JSON, encoded as bytes


def read(path: Path) -> Evidence:
    """The arrays of an `.npz` file that nobody vouches for; an error as evidence when it is too large or none."""
    try:
        with open_plain(path) as file:
            if os.fstat(file.fileno()).st_size > MAX_BYTES:
                return failure.write("oversized", message=f"more than {MAX_BYTES // 1_000_000} MB")
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MAX_BYTES or len(entries) > MAX_ARRAYS:
                return failure.write("oversized", message=f"more than {MAX_BYTES // 1_000_000} MB unpacked")
            file.seek(0)
            with np.load(file, allow_pickle=False) as arrays:
                found = {name: np.asarray(arrays[name]) for name in arrays.files}
    except Exception as error:  # whatever a forged file makes the reader raise, it is no answer
        return failure.write("malformed", message=type(error).__name__)
    if any(array.dtype not in _DTYPES for array in found.values()):
        return failure.write("malformed", message="arrays that are no numbers")
    if any(found[name].dtype != np.uint8 for name in _TEXTS & found.keys()):
        return failure.write("malformed", message="a text that is none")
    return found


def lines(encoded: np.ndarray, most: int = 20, longest: int = 300) -> list[str]:
    """A capped list of short lines of text, none when they can't be read."""
    try:
        found = json.loads(bytes(encoded).decode())
    except (ValueError, RecursionError):
        return []
    return [_printable(str(line)[:longest]) for line in found[:most]] if isinstance(found, list) else []


def _printable(text: str) -> str:
    """The text as one line that every terminal and file can take."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def open_plain(path: Path) -> IO[bytes]:
    """Open a regular file and nothing else: no link, no device, no pipe; raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError("not a regular file")
    return os.fdopen(handle, "rb")

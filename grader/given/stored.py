"""Arrays in files that came with the grader: `.npz` without pickles, each with its checksum beside it."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray
Arrays = dict[str, Array]
WHAT_TO_DO = "install the grader again: the file is part of it"


class StoredError(RuntimeError):
    """A file of the grader's own is missing or damaged."""


def read(path: Path) -> Arrays:
    """The arrays of a file, whose checksum must be the one beside it."""
    try:
        content, expected = path.read_bytes(), checksum_file(path).read_text(encoding="ascii").split()[0]
    except (OSError, IndexError, UnicodeDecodeError) as error:
        raise StoredError(f"expected {path} and its checksum; got {error!r}; {WHAT_TO_DO}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise StoredError(f"expected {path} with the checksum {expected}; got {found}; {WHAT_TO_DO}")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise StoredError(f"expected arrays in {path}; got {error!r}; {WHAT_TO_DO}") from error


def write(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write arrays, compressed, and their checksum; equal arrays give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
            # ZipInfo's own date, 1980: today's would change the bytes
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), content.getvalue(), zipfile.ZIP_DEFLATED)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    checksum_file(path).write_text(f"{digest}  {path.name}\n", encoding="ascii")


def checksum_file(path: Path) -> Path:
    """Where the checksum of a file stands, as `sha256sum --check` reads it."""
    return path.with_name(f"{path.name}.sha256")

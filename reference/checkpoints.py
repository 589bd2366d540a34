"""Files that are whole or not there: a run that is killed while it writes leaves the file of before.

A checkpoint is an `.npz` without pickles: arrays by name, and a record (JSON) of what the run had done.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from reference.problem import Problem

Arrays = dict[str, np.ndarray]
RECORD = "record.json"


def replace(path: Path, content: bytes) -> None:
    """Write a file beside its place, then move it there in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")  # one name, so that a killed run leaves at most one behind
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())  # else the name may reach the disk before the content does
    part.replace(path)


def save(path: Path, arrays: Mapping[str, np.ndarray], record: Mapping[str, Any]) -> None:
    """Write a checkpoint, atomically."""
    text = np.frombuffer(json.dumps(record).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **{RECORD: text}, **arrays)
    replace(path, buffer.getvalue())


def load(path: Path) -> tuple[Arrays, dict[str, Any]]:
    """The arrays and the record of a checkpoint; raises Problem."""
    if not path.exists():
        raise Problem(f"there is no checkpoint {path}")
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        return arrays, json.loads(arrays.pop(RECORD).tobytes())
    except (ValueError, OSError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise Problem(f"{path} is damaged, or no checkpoint of this program: {error}") from error


def part(arrays: Arrays, prefix: str) -> Arrays:
    """The arrays under `prefix/`, by the rest of their names."""
    start = f"{prefix}/"
    return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}

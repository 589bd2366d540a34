"""How front-ends write: files in one step, and progress that leaves nothing behind."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TextIO


def replace(path: Path, content: str) -> None:
    """Write a file in one step: a reader sees the old content or the new, never a part."""
    handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
    try:
        # A student's text may hold lone surrogates; escaped as \udcXX they are valid JSON.
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(content)
        Path(name).chmod(0o666 & ~_umask())  # as any new file, where mkstemp lets only its owner read
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class Progress:
    """The question that is being checked, on one line of a terminal; silent elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = stream.isatty()

    def show(self, question: str) -> None:
        """Say that this question is being checked."""
        if self._shown:
            print(f"\r\x1b[Kchecking {question} ...", end="", file=self._stream, flush=True)

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            print("\r\x1b[K", end="", file=self._stream, flush=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

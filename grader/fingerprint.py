"""Which grader it was: its version, and a hash over its sources."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@lru_cache(maxsize=1)
def package_version() -> str:
    """The version of the installed grader, "unknown" when it is used from bare sources."""
    try:
        return version("skipgrade")
    except PackageNotFoundError:
        return "unknown"


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """A hash over the grader's own sources and stored numbers: equal fingerprints grade alike."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    # the checksums stand for the files beside them, which grader.given.stored holds to them
    files = (*folder.rglob("*.py"), *folder.rglob("*.sha256"), *folder.glob("specs/thresholds/*.json"))
    for path in sorted(files):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return f"sha256:{digest.hexdigest()}"

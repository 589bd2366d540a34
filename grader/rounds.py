"""Seeds: one per round, one stream per probe, so that adding a check never moves another's inputs."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

import numpy as np

PUBLIC = "public"


class SecretError(Exception):
    """The secret can't be used: the message says why and what to do."""


def seed(assignment: str, round_name: str = PUBLIC, secret: bytes = b"") -> bytes:
    """The 32 bytes that a round's randomness hangs on: HMAC-SHA256(secret, assignment, round)."""
    return hmac.new(secret, f"{assignment}\0{round_name}".encode(), hashlib.sha256).digest()


def stream(round_seed: bytes, name: str) -> np.random.Generator:
    """An independent random generator for one named purpose, such as `basic_block/block`."""
    digest = hmac.new(round_seed, name.encode(), hashlib.sha256).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))


def secret(path: Path) -> bytes:
    """The instructor's secret, made at first use; raises SecretError when others can read it or it is damaged."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(32).encode() + b"\n")
    if path.is_symlink() or not path.is_file():
        raise SecretError(f"the secret {path} is not a plain file: remove it, or restore it from a backup")
    if path.stat().st_mode & 0o077:
        raise SecretError(f"the secret {path} can be read by others: run `chmod 600 {path}`")
    value = path.read_bytes().strip()
    if len(value) != 64:
        raise SecretError(f"the secret {path} holds {len(value)} characters, not 64: restore it from a backup")
    return value

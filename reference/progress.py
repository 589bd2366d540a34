"""One line that says how a run goes: loss, accuracy, images per second, time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

WIDTH = 24


def duration(seconds: float) -> str:
    """Seconds as `m:ss`, from an hour on as `h:mm:ss`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Progress:
    """A bar over `total` steps that is redrawn on a terminal; elsewhere only the lines of `say` are printed."""

    def __init__(self, total: int, done: int = 0, *, stream: TextIO | None = None, every: float = 0.5) -> None:
        self.stream = stream or sys.stdout
        self.total, self.done, self.first = total, done, done
        self.images = 0
        self.every = every
        self.started = time.monotonic()
        self.drawn = 0.0 if self.stream.isatty() else float("inf")

    def step(self, images: int, read: Callable[[], tuple[float, float]]) -> None:
        """Count a step; `read` gives loss and accuracy, and is asked only when a line is drawn: it makes a GPU wait."""
        self.done += 1
        self.images += images
        now = time.monotonic()
        if now - self.drawn < self.every:
            return
        self.drawn = now
        loss, accuracy = read()
        filled = WIDTH * self.done // self.total
        bar = "#" * filled + "." * (WIDTH - filled)
        self.stream.write(f"\r[{bar}] {self.done}/{self.total} {self.words(loss, accuracy)}\x1b[K")
        self.stream.flush()

    def words(self, loss: float, accuracy: float) -> str:
        """Loss, accuracy, speed and the time left at the speed of this run."""
        seconds = max(time.monotonic() - self.started, 1e-9)
        left = seconds * (self.total - self.done) / max(self.done - self.first, 1)
        return f"loss {loss:.4f}, accuracy {accuracy:.1%}, {self.images / seconds:,.0f} images/s, {duration(left)} left"

    def say(self, line: str) -> None:
        """Print a line of its own."""
        self.stream.write(f"\r\x1b[K{line}\n" if self.stream.isatty() else f"{line}\n")
        self.stream.flush()

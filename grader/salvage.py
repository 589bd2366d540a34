"""What still counts in a cell that is no valid Python as a whole: its statements, read one by one."""

from __future__ import annotations

import ast
import codeop
import re
from dataclasses import dataclass

_GOES_ON = re.compile(r"[\s#)\]}]|(?:else|elif|except|finally)\b|\Z")  # lines that begin no statement
_MOST = 200  # statements that may turn out to be the lines of one string


@dataclass(frozen=True)
class Broken:
    """Lines that are no Python, from 1: the one where the parser gave up, what it said, and what stands there."""

    first: int
    last: int
    line: int
    words: str
    text: str

    @property
    def extent(self) -> str:
        """What doesn't count, for a student."""
        return "it doesn't count" if self.first == self.last else f"lines {self.first} to {self.last} don't count"


def statements(source: str) -> tuple[list[ast.stmt], list[Broken]]:
    """The statements at the top level that can be read, with their line numbers, and the lines that can't."""
    lines = source.replace("\r\n", "\n").split("\n")  # as Python counts them
    starts = [*_starts(lines), len(lines)]
    found: list[list[ast.stmt]] = []
    broken: list[Broken] = []
    place = 0
    while place < len(starts) - 1:
        first, end = starts[place], place + 1
        while (body := _read(lines, first, starts[end])) is None and _goes_on(lines, first, starts[end]):
            if end == len(starts) - 1 or end - place == _MOST:
                break
            end += 1
        if body is not None:
            found.append(body)
        else:
            end = place + 1
            error = _error(lines, first, starts[end])
            line = first + (error.lineno or 1)
            if error.msg == "unexpected indent" and found:  # then what stands before it was cut short
                first = found.pop()[0].lineno - 1
            text = "\n".join(lines[first : starts[end]]).rstrip()
            broken.append(Broken(first + 1, first + 1 + text.count("\n"), line, error.msg, text))
        place = end
    return [statement for body in found for statement in body], broken


def _goes_on(lines: list[str], first: int, end: int) -> bool:
    """Whether lines that can't be read are the beginning of a statement, such as an open bracket."""
    try:
        return codeop.compile_command("\n".join(lines[first:end]), symbol="exec") is None
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return False


def _starts(lines: list[str]) -> list[int]:
    """Where a statement may begin; what stands below a decorator belongs to it."""
    found: list[int] = []
    decorated = False
    for number, line in enumerate(lines):
        if not _GOES_ON.match(line) or (not found and line.strip() and not line.lstrip().startswith("#")):
            if not decorated:
                found.append(number)
            decorated = line.startswith("@")
    return found


def _parse(lines: list[str], first: int, end: int) -> list[ast.stmt]:
    body = ast.parse("\n".join(lines[first:end]) + "\n").body
    return [ast.increment_lineno(statement, first) for statement in body]


def _read(lines: list[str], first: int, end: int) -> list[ast.stmt] | None:
    try:
        return _parse(lines, first, end)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _error(lines: list[str], first: int, end: int) -> SyntaxError:
    try:
        _parse(lines, first, end)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxError(str(error) or type(error).__name__)
    raise AssertionError("these lines can be read")

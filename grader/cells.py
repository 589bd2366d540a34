"""Running a student's cells statement by statement, and keeping what they define.

Imports, functions and classes always count. Any other statement that fails or takes too long is skipped with a remark,
and what follows still counts.
"""

from __future__ import annotations
import __future__

import ast
import asyncio
import faulthandler
import functools
import inspect
import linecache
import signal
import sys
import time
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from grader import salvage
from grader.magics import as_python

MODULE = "submission"
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_ALWAYS = (ast.Import, ast.ImportFrom, *_DEFINITIONS)
_AT_LEAST = 1.0  # seconds that a statement gets when the time of all is used up: `CLASSES = 10` must still run
_TO_IMPORT = 120.0  # seconds for an import or a definition
_TO_STOP = 10.0  # more seconds until the process ends, where a statement can't be stopped


class TooLong(BaseException):
    """A statement used up its time; no `except Exception` of the student's stops it."""


class Cells:
    """The namespace that a student's cells fill, with their own definitions and remarks on what was skipped."""

    def __init__(self, seconds: float, all_seconds: float, skip: Sequence[str] = ()) -> None:
        self.module = types.ModuleType(MODULE)
        self.module.__dict__.update(__file__=f"{MODULE}.py", display=lambda *things, **options: None)
        sys.modules[MODULE] = self.module
        self.definitions: dict[str, Any] = {}
        self.overwritten: dict[str, str] = {}  # name -> what it is bound to in place of a definition
        self.unparsed: list[tuple[str, str]] = []  # places that are no Python, and what stands there
        self.remarks: list[str] = []
        self._seconds, self._left = seconds, all_seconds
        self._skip = set(skip)
        self._flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

    def run(self, cells: Sequence[tuple[str, str]], starting: Callable[[str], None] = lambda place: None) -> None:
        """Run cells, pairs of source and label; `starting` is told the place of each statement before it runs."""
        for source, label in cells:
            statements = self._parse(source, label)
            for number, statement in enumerate(statements):
                place = f"{label}, line {statement.lineno}"
                if f"{label}/{number}" in self._skip:
                    self.remarks.append(f"{place} was skipped: it ended or stopped the Python process")
                    continue
                starting(f"{label}/{number}")
                self._statement(statement, label, place)

    def _parse(self, source: str, label: str) -> list[ast.stmt]:
        filename = f"<{label}>"
        try:
            source = as_python(source, self.module.__dict__)
            linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
            return ast.parse(source, filename).body
        except Exception:  # besides SyntaxError, Python's parser knows MemoryError and RecursionError
            found, broken = salvage.statements(source)
        for part in broken:
            self.unparsed.append((f"{label}, line {part.line}", part.text))
            self.remarks.append(f"{label}, line {part.line} is no valid Python ({part.words}): {part.extent}")
        return found

    def _statement(self, statement: ast.stmt, label: str, place: str) -> None:
        always = isinstance(statement, _ALWAYS)
        limit = _TO_IMPORT if always else max(_AT_LEAST, min(self._seconds, self._left))
        before = dict(self.module.__dict__)  # what it bound is found by comparison: any statement may bind names
        started = time.monotonic()
        try:
            with time_limit(limit):
                self._execute(statement, f"<{label}>")
        except TooLong:
            self.remarks.append(f"{place} was skipped: it took more than {limit:.0f} s; put training under "
                                "`if not grader.grading:`")  # fmt: skip
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: the cells that follow still count
            self.remarks.append(f"{place} was skipped: {type(error).__name__}: {error}")
        if not always:
            self._left -= time.monotonic() - started
        self._track(before, statement)

    def _execute(self, statement: ast.stmt, filename: str) -> None:
        code = compile(ast.Module([statement], []), filename, "exec", flags=self._flags, dont_inherit=True)
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for alias in statement.names:  # it holds for all that follows
                self._flags |= getattr(__future__, alias.name).compiler_flag
        result = eval(code, self.module.__dict__)
        if inspect.iscoroutine(result):
            asyncio.run(result)

    def _track(self, before: dict[str, Any], statement: ast.stmt) -> None:
        """Keep what is the student's own among the names that a statement bound."""
        defined = {node.name for node in ast.walk(statement) if isinstance(node, _DEFINITIONS)}
        imported = isinstance(statement, ast.Import | ast.ImportFrom)
        known = {id(value) for value in self.definitions.values()}
        for name, value in list(self.module.__dict__.items()):
            if name.startswith("__") or before.get(name, self) is value:
                continue
            decorated = name in defined and callable(value)  # whatever a decorator made of it
            if not imported and (decorated or id(value) in known or is_own(value)):
                self.definitions[name] = value
                self.overwritten.pop(name, None)
            else:
                self.overwritten[name] = _words(value)
                if name in self.definitions:
                    self.remarks.append(f"`{name}` is bound to {_words(value)} later: your own definition of it counts")


def is_own(value: Any) -> bool:
    """Whether a value is a definition of the student's own: function, class, lambda, partial or method."""
    if isinstance(value, functools.partial):
        return True
    if isinstance(value, types.MethodType):
        return is_own(value.__func__)
    if isinstance(value, type | types.FunctionType):
        return value.__module__ == MODULE or is_own(getattr(value, "__wrapped__", None))
    wrapped = inspect.getattr_static(value, "__wrapped__", None)  # static: objects may answer to any name
    return wrapped is not None and is_own(wrapped)


def _words(value: Any) -> str:
    if isinstance(value, types.ModuleType):
        return f"the module `{value.__name__}`"
    if isinstance(value, type | types.FunctionType):
        return f"something imported from `{value.__module__}`"
    return f"an object of type `{type(value).__name__}`"


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TooLong inside after some seconds, and again every half second should it be swallowed.

    What can't be stopped so, as it swallows everything or waits in a library of C, ends with the process.
    """

    def stop(number: int, frame: Any) -> None:
        raise TooLong

    previous = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
        faulthandler.dump_traceback_later(seconds + _TO_STOP, exit=True, file=2)
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)

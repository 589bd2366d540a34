"""The student's own kernel as a place to ask: the function is found there, and the probes run beside it."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import logging
import os
import sys
import types
import warnings
from collections.abc import Iterator
from typing import Any

from grader import failure, probes
from grader.spec import FRAMEWORKS, Check, Evidence, Question, Request

_PACKAGES = {"torch": ("torch", "torchvision"), "keras": ("keras", "tensorflow")}


class Kernel:
    """The namespace that the student's cells fill, in one framework."""

    def __init__(self, namespace: dict[str, Any], question: Question) -> None:
        self._namespace = namespace
        self.framework = framework(namespace, question)
        with quiet():
            self._setting = importlib.import_module(f"grader.probes.setting.on_{self.framework}")

    def ask(self, question: Question, check: Check, request: Request) -> Evidence:
        """Run a check's probe beside the student's function; only KeyboardInterrupt is raised."""
        name = question.functions[self.framework]
        function: Any = self._namespace.get(name)
        reason = _why_missing(name, function, self._namespace)
        if reason:
            return failure.write("missing", message=reason)
        try:
            with quiet(), self._setting.restored():
                self._setting.reset(request.get("seed", 0))
                return probes.run(
                    self.framework, check.probe, function, request | {"companions": self._beside(question)}
                )
        except probes.StudentError as error:
            return failure.write(**probes.fields(error))
        except SystemExit:
            return failure.write("died", phase="running", message="it called `exit()`")
        except Exception as error:  # what a probe itself raises is a fault of the grader
            return failure.write("fault", type=type(error).__name__, message=f"{type(error).__name__}: {error}")

    def _beside(self, question: Question) -> dict[str, Any]:
        """The companions' functions, None where the notebook has none of its own."""
        names = question.beside(self.framework)
        found = {name: self._namespace.get(function) for name, function in names.items()}
        return {name: None if _why_missing(names[name], it, self._namespace) else it for name, it in found.items()}

    def remarks(self) -> list[str]:
        """What is to be said about the student's code as a whole."""
        found: list[str] = self._setting.remarks()
        return found


def framework(namespace: dict[str, Any], question: Question) -> str:
    """The framework of the student's work: each clue narrows the choice until one is left."""
    left = set(FRAMEWORKS)
    for clue in (_loaded, _named, _referenced, _marked, _installed):
        found = left & clue(namespace, question)
        left = found or left
        if len(left) == 1:
            break
    return min(left, key=FRAMEWORKS.index)


def _loaded(namespace: dict[str, Any], question: Question) -> set[str]:
    return {name for name, packages in _PACKAGES.items() if any(package in sys.modules for package in packages)}


def _named(namespace: dict[str, Any], question: Question) -> set[str]:
    return {name for name, function in question.functions.items() if callable(namespace.get(function))}


def _referenced(namespace: dict[str, Any], question: Question) -> set[str]:
    """The frameworks that the student's definitions of this question look up by name."""
    defined = [namespace[function] for function in question.functions.values() if function in namespace]
    names = {name for thing in defined for code in _codes(thing) for name in code.co_names}
    bases = {base.__module__ for thing in defined for base in getattr(thing, "__mro__", ())}
    roots = {_root(namespace[name]) for name in names if name in namespace} | {base.partition(".")[0] for base in bases}
    return {name for name, packages in _PACKAGES.items() if roots & set(packages)}


def _marked(namespace: dict[str, Any], question: Question) -> set[str]:
    """The framework that the notebook's set-up cell names, read from IPython's history of inputs."""
    cells = namespace.get("In")
    lines = [line.strip() for cell in cells if isinstance(cell, str) for line in cell.splitlines()] if cells else []
    return {name for name in FRAMEWORKS if f"# FRAMEWORK {name}" in lines}


def _installed(namespace: dict[str, Any], question: Question) -> set[str]:
    return {name for name in FRAMEWORKS if importlib.util.find_spec(name) is not None}


def _codes(thing: Any) -> Iterator[types.CodeType]:
    """The code of a function, and of all that is nested in it or in a class."""
    if isinstance(thing, type):
        for member in vars(thing).values():
            yield from _codes(member) if isinstance(member, types.FunctionType | staticmethod | classmethod) else ()
        return
    function = getattr(thing, "func", getattr(thing, "__func__", thing))  # a partial, a method, or a function itself
    pending = [getattr(function, "__code__", None)]
    while pending:
        code = pending.pop()
        if isinstance(code, types.CodeType):
            yield code
            pending.extend(code.co_consts)


def _root(thing: Any) -> str:
    name = thing.__name__ if isinstance(thing, types.ModuleType) else getattr(thing, "__module__", None)
    return str(name).partition(".")[0]


def _why_missing(name: str, found: Any, namespace: dict[str, Any]) -> str:
    """Why there is nothing of the student's own to check under this name, "" when there is something."""
    if found is None:
        return f"this notebook has not defined `{name}` yet: write it and run its cell"
    if isinstance(found, types.ModuleType):
        return f"the name `{name}` is bound to a module, not to a function or class of your own"
    if isinstance(found, type | types.FunctionType):
        foreign = found.__module__ != namespace.get("__name__") and not hasattr(found, "__wrapped__")
        return f"the name `{name}` is imported from `{found.__module__}`, not your own" if foreign else ""
    if not callable(found) or _is_model(found):
        return f"the name `{name}` is bound to {_article(type(found).__name__)}, not to a function or class"
    return ""


def _is_model(thing: Any) -> bool:
    """Whether this is a layer or a model that was built already: callable, but no way to build one."""
    bases = type(thing).__mro__
    return any(_root(base) in FRAMEWORKS and base.__name__ in ("Module", "Layer") for base in bases)


def _article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} `{noun}`"


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Nothing written to stderr inside is seen: warnings, logs, progress bars and what native libraries say.

    To nbgrader anything on stderr is a failure, a harmless warning too.
    """
    level = logging.root.manager.disable
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()), _descriptor_closed(2):
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)
        try:
            yield
        finally:
            logging.disable(level)


@contextlib.contextmanager
def _descriptor_closed(descriptor: int) -> Iterator[None]:
    try:
        kept = os.dup(descriptor)
    except OSError:  # there is no such stream, so nothing can be seen either
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, descriptor)
        os.close(kept)

"""Notebook cells as plain Python: what only IPython understands becomes calls of its shell, where it is installed."""

from __future__ import annotations

import ast
import functools
import importlib.util
import re
import warnings
from typing import Any

# these only measure or silence the cell below them: without them its statements count one by one
_WRAPPERS = re.compile(r"\A\s*%%(?:time|capture)\b.*")
_MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)


def as_python(source: str, namespace: dict[str, Any]) -> str:
    """The cell as Python, which may still be invalid; a shell for its magics is put into the namespace."""
    source = _WRAPPERS.sub("", source)
    valid = _is_python(source)
    if valid and "get_ipython" not in source:
        return source
    if importlib.util.find_spec("IPython") is None:
        return source if valid else _MAGIC.sub(r"\1pass", source)
    from IPython.core.inputtransformer2 import TransformerManager

    _start_shell(namespace)
    return source if valid else str(TransformerManager().transform_cell(source))


def _is_python(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


@functools.cache
def _shell_class() -> Any:
    from IPython.core.interactiveshell import InteractiveShell

    class Shell(InteractiveShell):  # type: ignore[misc]
        """IPython without a terminal: no window for plots, no commands of the operating system."""

        def enable_gui(self, gui: Any = None) -> None:
            """Plots are drawn without a window."""

        def enable_matplotlib(self, gui: Any = None) -> tuple[str, str]:
            """`%matplotlib inline` changes nothing: plots are drawn to memory."""
            return "agg", "agg"

        def system(self, command: str) -> None:
            """`!pip install` and the like are not run."""

        def getoutput(self, command: str, split: bool = True, depth: int = 0) -> list[str]:
            """`files = !ls` gives nothing."""
            return []

    return Shell


def _start_shell(namespace: dict[str, Any]) -> None:
    """The shell that `get_ipython()` gives, which magics are calls of."""
    from traitlets.config import Config

    shell = _shell_class()
    if not shell.initialized():
        shell.instance(user_ns=namespace, config=Config({"HistoryManager": {"enabled": False}}))

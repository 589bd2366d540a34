"""`python -m reference COMMAND`: each command is a module of `reference.commands`, by the same name."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys

from reference import commands
from reference.problem import Problem


def parser() -> argparse.ArgumentParser:
    """One subcommand for each module of `reference.commands`, described by the first line of its docstring."""
    top = argparse.ArgumentParser(prog="python -m reference", description="Train the reference nets, and measure them.")
    chosen = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for found in pkgutil.iter_modules(commands.__path__):
        module = importlib.import_module(f"reference.commands.{found.name}")
        if not hasattr(module, "main"):
            continue
        text = (module.__doc__ or "").splitlines()[0]
        added = chosen.add_parser(
            found.name, help=text, description=text, formatter_class=argparse.ArgumentDefaultsHelpFormatter
        )
        module.add_arguments(added)
        added.set_defaults(main=module.main)
    return top


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0, or 2 when the command cannot be carried out as it was asked."""
    # The reference is written for TensorFlow; both must be set before Keras is imported.
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    options = parser().parse_args(arguments)
    try:
        return int(options.main(options))
    except Problem as problem:
        print(f"reference {options.command}: {problem}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

"""What several commands ask, and what they make of it."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shlex
import sys
from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from dataclasses import fields, replace
from pathlib import Path
from types import ModuleType

from reference import data, recipes
from reference.problem import Problem
from reference.recipes import Recipe
from reference.settings import AUTO, Settings

FRAMEWORKS = ("torch", "keras")
SWITCHES = {
    "mixed": "16-bit arithmetic where it is safe",
    "channels_last": "images as n h w c in memory, which convolutions prefer",
    "compile": "torch.compile, or XLA in Keras",
    "deterministic": "equal results from equal seeds, a little slower on a GPU",
}
WHEN = {"channels_last": "on", "deterministic": "on the CPU"}  # where `auto` doesn't mean "on a GPU"


def add_computing(parser: ArgumentParser) -> None:
    """Framework, device, and how to compute."""
    parser.add_argument("--framework", choices=FRAMEWORKS, default=installed(), help="PyTorch or Keras")
    parser.add_argument("--device", choices=(AUTO, "cuda", "mps", "cpu"), default=AUTO, help="auto: the fastest here")
    for name, text in SWITCHES.items():
        when = WHEN.get(name, "on a GPU")
        parser.add_argument(
            f"--{name.replace('_', '-')}", choices=(AUTO, "on", "off"), default=AUTO, help=f"{text}; auto: {when}"
        )
    threads = os.environ.get("OMP_NUM_THREADS", "")  # PyTorch reads it itself, TensorFlow doesn't
    parser.add_argument(
        "--threads", type=positive, default=threads if threads.isdigit() else None, help="on the CPU; None: as it likes"
    )


def add_data(parser: ArgumentParser, default: str) -> None:
    """The task, and how much of it."""
    parser.add_argument(
        "--data", default=default, help="an embedded task, cifar10, or a folder with one folder of images per class"
    )
    parser.add_argument("--images", type=positive, help="training images at most; None: all, or 1,000 rendered ones")
    parser.add_argument("--size", type=positive, help="pixels of a side; None: as they are, or 224 from a folder")
    parser.add_argument("--root", type=Path, default=data.HOME, help="where downloads are kept")
    parser.add_argument("--seed", type=int, default=0, help="of the weights, the order of images, rendered images")


def add_recipe(parser: ArgumentParser, default: str | None) -> None:
    """A recipe by name, and its numbers one by one."""
    if default is not None:
        parser.add_argument(
            "--recipe", choices=sorted(recipes.RECIPES), default=default, help="where numbers come from"
        )
    own = parser.add_argument_group("numbers in place of the recipe's")
    own.add_argument("--learning-rate", type=float)
    own.add_argument("--momentum", type=float)
    own.add_argument("--weight-decay", type=float)
    own.add_argument("--batch-size", type=positive)
    own.add_argument("--epochs", type=positive)
    own.add_argument("--steps", type=positive, help="stop after so many, whatever --epochs says")
    own.add_argument("--patience", type=positive, help="epochs without a lower validation loss")
    own.add_argument("--augment", action=BooleanOptionalAction, default=None, help="random crops and flips")


def add_output(parser: ArgumentParser, default: str) -> None:
    """Where the results go."""
    parser.add_argument("--output", type=Path, help=f"folder of the results; None: {default}")
    parser.add_argument("--restart", action="store_true", help="start over, where there is a checkpoint to go on from")


def positive(text: str) -> int:
    """A whole number of at least 1."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def installed() -> str:
    """The first framework that is installed."""
    return next((name for name in FRAMEWORKS if importlib.util.find_spec(name)), FRAMEWORKS[0])


def framework(name: str, module: str) -> ModuleType:
    """`reference.on_NAME.MODULE`; raises Problem where the framework is missing."""
    try:
        return importlib.import_module(f"reference.on_{name}.{module}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "reference":
            raise
        raise Problem(
            f"{error.name} is not installed, which --framework {name} needs: pip install {error.name}"
        ) from error


def settings(options: Namespace) -> Settings:
    """How to compute."""
    return Settings(**{field.name: getattr(options, field.name) for field in fields(Settings)})


def recipe(options: Namespace, base: Recipe) -> Recipe:
    """The base with the numbers that were given; a number of epochs takes the place of a number of steps."""
    given = {field.name: getattr(options, field.name, None) for field in fields(Recipe) if field.name != "name"}
    changes = {name: value for name, value in given.items() if value is not None}
    if "epochs" in changes and "steps" not in changes:
        changes["steps"] = None
    return replace(base, **changes)


def load_data(options: Namespace) -> data.Data:
    """The task."""
    return data.load(options.data, seed=options.seed, count=options.images, size=options.size, root=options.root)


def command() -> str:
    """What the user typed."""
    return shlex.join(["python", "-m", "reference", *sys.argv[1:]])

"""Train a ResNet, or its plain twin, from scratch; a run that was killed goes on where it was."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from pathlib import Path

from reference import data, options, recipes, runs, training


def add_arguments(parser: ArgumentParser) -> None:
    """The net, the data, the recipe, the machine."""
    parser.add_argument(
        "--model", default="cifar_resnet20", help="resnet, cifar_resnet, cifar_padded, cifar_plain + depth"
    )
    options.add_data(parser, "small")
    options.add_recipe(parser, "course")
    options.add_computing(parser)
    options.add_output(parser, "runs/DATA-MODEL-FRAMEWORK-seedSEED")


def main(given: Namespace) -> int:
    """Train, and say where the results are."""
    train = options.framework(given.framework, "train")
    loaded = options.load_data(given)
    depth = int((re.findall(r"\d+$", given.model) or [0])[0])
    recipe = options.recipe(given, recipes.recipe(given.recipe, depth))
    name = f"{Path(loaded.name).name}-{given.model}-{given.framework}-seed{given.seed}"
    folder = given.output or Path("runs") / name
    if given.restart:
        runs.restart(folder)
    chosen = options.framework(given.framework, "device").choose(options.settings(given))
    model = train.build(given.model, len(loaded.names), loaded.shape, given.seed)
    trainer = train.Trainer(model, recipe, loaded.preparation, chosen)
    about = {"framework": given.framework, "model": given.model}
    title = f"{given.model} on {Path(loaded.name).name} ({given.framework})"
    job = runs.Job(loaded, recipe, given.seed, folder, about, title, options.command())
    print(f"{chosen.words}\n{data.describe(loaded)}\n{trainer.parameters:,} parameters, {job.total} steps", flush=True)
    outcome = training.run(trainer, job)
    print(f"test: loss {outcome.test[0]:.4f}, accuracy {outcome.test[1]:.1%}; all in {folder}")
    return 0

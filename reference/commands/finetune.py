"""Train a pretrained ResNet further, on images that it hasn't seen, by a strategy of the course's table."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path

from reference import data, nets, options, runs, strategies, training
from reference.history import best


def add_arguments(parser: ArgumentParser) -> None:
    """The backbone, the strategy, the data, the recipe, the machine."""
    parser.add_argument(
        "--backbone", default="given", help="given (embedded), imagenet18 .. imagenet152, or a checkpoint"
    )
    every = (*strategies.NAMES, "all")
    parser.add_argument(
        "--strategy", choices=every, default="fine_tune_few", help="what learns; all: one after another"
    )
    parser.add_argument(
        "--keep", type=options.positive, help="linear_on_stages: cut after this stage; None: before the last"
    )
    parser.add_argument("--learn", type=options.positive, default=1, help="fine_tune_few: how many of the last stages")
    options.add_data(parser, "objects")
    options.add_recipe(parser, None)
    options.add_computing(parser)
    options.add_output(parser, "runs/DATA-STRATEGY-FRAMEWORK-seedSEED")


def main(given: Namespace) -> int:
    """Train by one strategy, or by all of them, and say how they do on the test."""
    loaded = options.load_data(given)
    loaded = replace(loaded, preparation=nets.preparation(given.backbone, given.framework))
    names = strategies.NAMES if given.strategy == "all" else (given.strategy,)
    rows = [(name, *tune(given, loaded, name)) for name in names]
    print(f"\n{data.describe(loaded)}\n")
    print("| strategy | parameters that learn | epoch kept | test accuracy |\n|---|---|---|---|")
    for name, parameters, epoch, accuracy in rows:
        print(f"| {name} | {parameters:,} | {epoch} | {accuracy:.1%} |")
    return 0


def tune(given: Namespace, loaded: data.Data, name: str) -> tuple[int, int, float]:
    """How many parameters learnt, the epoch that was kept, and the accuracy on the test."""
    chosen = options.framework(given.framework, "device").choose(options.settings(given))
    about = {"framework": given.framework, "backbone": str(given.backbone), "strategy": name}
    about |= {"keep": given.keep, "learn": given.learn}
    model, strategy, rates = nets.transferred(about, loaded.names, loaded.shape, given.seed)
    recipe = options.recipe(given, strategy.recipe)
    trainer = options.framework(given.framework, "train").Trainer(model, recipe, loaded.preparation, chosen, **rates)
    task = Path(loaded.name).name
    own = f"{task}-{name}-{given.framework}-seed{given.seed}"
    folder = (
        Path("runs") / own if given.output is None else given.output / name if given.strategy == "all" else given.output
    )
    if given.restart:
        runs.restart(folder)
    title = f"{name} on {task} ({given.framework})"
    job = runs.Job(loaded, recipe, given.seed, folder, about, title, options.command())
    print(f"{name}: {chosen.words}; {trainer.parameters:,} parameters learn, {job.total} steps; {folder}", flush=True)
    outcome = training.run(trainer, job)
    return trainer.parameters, best(outcome.rows).epoch, outcome.test[1]

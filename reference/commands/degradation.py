"""Train plain and residual nets, shallow and deep, and draw how deep plain ones fall behind."""

from __future__ import annotations

import csv
import io
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from reference import checkpoints, data, options, pictures, recipes, runs, training
from reference.problem import Problem

KINDS = ("plain", "residual")
# The paper's nets for CIFAR-10, option A in their shortcuts; elsewhere those that students are given, half as wide.
NETS = {
    "cifar": {"plain": "cifar_plain", "residual": "cifar_padded"},
    "small": {"plain": "small_plain", "residual": "small_residual"},
}
DEPTHS = {"cifar": (20, 32, 44, 56, 110), "small": (20, 56)}
MEAN_OF = 20  # the last steps whose mean training loss is told


def add_arguments(parser: ArgumentParser) -> None:
    """The nets, the data, the recipe, the machine."""
    parser.add_argument("--depths", type=options.positive, nargs="+", help="None: 20 56, for nets of cifar 20 .. 110")
    parser.add_argument("--kinds", choices=KINDS, nargs="+", default=KINDS)
    parser.add_argument("--nets", choices=sorted(NETS), help="the paper's or a student's; None: by the data")
    parser.add_argument("--recipe", choices=sorted(recipes.RECIPES), help="None: degradation, for nets of cifar paper")
    parser.add_argument("--picture", type=Path, help="a file for the picture; None: degradation.png in the folder")
    options.add_data(parser, "digits")
    options.add_recipe(parser, None)
    options.add_computing(parser)
    options.add_output(parser, "runs/degradation-DATA-FRAMEWORK-seedSEED")


def main(given: Namespace) -> int:
    """Train each net, draw, and print the table."""
    if given.data == "digits" and given.size is None:
        given.size = 8  # as they were written
    nets = given.nets or ("cifar" if given.data == "cifar10" else "small")
    chosen = options.framework(given.framework, "device").choose(options.settings(given))
    if nets == "cifar" and not chosen.gpu and given.steps is None and given.epochs is None:
        raise Problem(
            "64,000 steps of nets this deep take days on a CPU, and there is no GPU here: give --steps or --epochs, or "
            "take --nets small on the embedded digits"
        )
    loaded = options.load_data(given)
    task = Path(loaded.name).name
    folder = given.output or Path("runs") / f"degradation-{task}-{given.framework}-seed{given.seed}"
    print(f"{chosen.words}\n{data.describe(loaded)}", flush=True)
    outcomes = {}
    for kind in given.kinds:
        for depth in given.depths or DEPTHS[nets]:
            outcomes[kind, depth] = trained(given, loaded, chosen, kind, depth, folder, NETS[nets][kind])
    title = f"Degradation: {task}, {given.framework}, seed {given.seed}"
    losses = {key: outcome.losses for key, outcome in outcomes.items()}
    rows = {key: outcome.rows for key, outcome in outcomes.items()}
    picture = given.picture or folder / "degradation.png"
    checkpoints.replace(picture, pictures.as_png(pictures.degradation(losses, rows, title)))
    checkpoints.replace(folder / "degradation.csv", table(outcomes).encode())
    print(f"\n| net | steps | training loss, last {MEAN_OF} steps | validation accuracy | test accuracy of the best |")
    print("|---|---|---|---|---|")
    for (kind, depth), outcome in outcomes.items():
        last = outcome.rows[-1]
        print(
            f"| {kind}-{depth} | {last.step:,} | {ended(outcome):.3f} | {last.val_accuracy:.1%} "
            f"| {outcome.test[1]:.1%} |"
        )
    print(f"drawn in {picture}")
    return 0


def trained(
    given: Namespace, loaded: data.Data, chosen: object, kind: str, depth: int, folder: Path, prefix: str
) -> runs.Outcome:
    """One net's run, in a folder of its own."""
    train = options.framework(given.framework, "train")
    base = given.recipe or ("paper" if prefix.startswith("cifar") else "degradation")
    recipe = options.recipe(given, recipes.recipe(base, depth))
    name = f"{prefix}{depth}"
    own = folder / name
    if given.restart:
        runs.restart(own)
    model = train.build(name, len(loaded.names), loaded.shape, given.seed)
    trainer = train.Trainer(model, recipe, loaded.preparation, chosen)
    about = {"framework": given.framework, "model": name}
    job = runs.Job(loaded, recipe, given.seed, own, about, f"{name} ({given.framework})", options.command())
    print(f"{name}: {trainer.parameters:,} parameters, {job.total} steps", flush=True)
    return training.run(trainer, job)


def ended(outcome: runs.Outcome) -> float:
    """The mean training loss of the last steps, each taken before its step."""
    last = outcome.losses[-MEAN_OF:]
    return sum(last) / len(last)


def table(outcomes: dict[tuple[str, int], runs.Outcome]) -> str:
    """Every epoch of every net (CSV)."""
    text = io.StringIO()
    names = ["kind", "depth", *asdict(next(iter(outcomes.values())).rows[0])]
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    for (kind, depth), outcome in outcomes.items():
        writer.writerows({"kind": kind, "depth": depth, **asdict(row)} for row in outcome.rows)
    return text.getvalue()

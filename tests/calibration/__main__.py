"""`make calibrate`: measure what is missing, in a process per framework, and write tables and thresholds."""

from __future__ import annotations

import argparse
import importlib
import itertools
import json
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

from grader.spec import FRAMEWORKS
from tests.calibration import Recipe, figures
from tests.calibration.bounds import Summary, enough, summarise, threshold

THRESHOLDS = Path(__file__).parent.parent.parent / "grader" / "specs" / "thresholds"
ASSIGNMENTS = sorted(path.stem for path in Path(__file__).parent.glob("a[0-9]*.py"))
ENOUGH = 3  # values that a summary needs
KINDS = ("right", "wrong", "noted")  # in this order: the thresholds follow from the first two
SEEDS = enough()  # trials of each right recipe before a threshold follows from them by itself
HEAD = ("| recipe | is | seeds | mean | sd | least | most | below the threshold | told by |", "|" + "---|" * 9)


def main() -> int:
    """Measure and write; interrupted, it goes on where it was the next time."""
    parser = argparse.ArgumentParser(prog="python -m tests.calibration", description=__doc__)
    parser.add_argument("assignments", nargs="*", default=ASSIGNMENTS)
    parser.add_argument("--framework", choices=FRAMEWORKS)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="trials of each recipe; 0 writes the tables alone")
    parser.add_argument("--here", choices=KINDS, help=argparse.SUPPRESS)  # the process of one framework
    options = parser.parse_args()
    if options.here:
        _measure(options.assignments[0], options.framework, options.here, options.seeds)
        return 0
    frameworks = [options.framework] if options.framework else FRAMEWORKS
    for kind, assignment, framework in itertools.product(KINDS, options.assignments, frameworks):
        if options.seeds:
            command = [sys.executable, "-m", "tests.calibration", assignment, "--framework", framework]
            subprocess.run([*command, "--here", kind, "--seeds", str(options.seeds)], check=True)
    for assignment in options.assignments:
        _write(assignment)
    return 0


def _module(assignment: str) -> ModuleType:
    return importlib.import_module(f"tests.calibration.{assignment}")


def _measure(assignment: str, framework: str, kind: str, seeds: int) -> None:
    """Run the missing trials of one framework, seed by seed, so that an interrupted run has all recipes alike."""
    module, done = _module(assignment), figures.read(assignment, framework)
    names = [name for name, recipe in module.RECIPES.items() if recipe.kind == kind]
    missing = [(seed, name) for seed in range(seeds) for name in names if seed not in done.get(name, {})]
    started = time.monotonic()
    for number, (seed, name) in enumerate(missing, 1):
        before = time.process_time()
        value = float(module.measure(framework, name, seed))
        figures.append(assignment, framework, name, seed, value, time.process_time() - before)
        left = (time.monotonic() - started) / number * (len(missing) - number)
        print(
            f"{assignment} {framework} {number}/{len(missing)} seed {seed} {name}: {value:.4f}, {left:.0f} s left",
            flush=True,
        )


def _write(assignment: str) -> None:
    """Write the tables beside the spec, and thresholds where every right recipe has been tried often enough."""
    recipes: dict[str, Recipe] = _module(assignment).RECIPES
    target = THRESHOLDS / f"{assignment}.json"
    chosen: dict[str, dict[str, float]] = json.loads(target.read_text(encoding="utf-8")) if target.exists() else {}
    lines = [f"# Figures of `{assignment}`", "", "Written by `make calibrate`.", ""]
    for framework in FRAMEWORKS:
        measured = figures.read(assignment, framework)
        for question in dict.fromkeys(recipe.question for recipe in recipes.values()):
            asked = {name: recipe for name, recipe in recipes.items() if recipe.question == question}
            found = {name: list(measured[name].values()) for name in asked if len(measured.get(name, ())) >= ENOUGH}
            tried = [len(found.get(name, ())) for name, recipe in asked.items() if recipe.right]
            state = f"by hand, from {min(tried)} seeds: {SEEDS} are asked"
            if min(tried) >= SEEDS:
                right = [min(found[name]) for name, recipe in asked.items() if recipe.right]
                wrong = [max(found[name]) for name in found if asked[name].kind == "wrong"]
                chosen.setdefault(question, {})[framework] = threshold(right, wrong)
                state = "midway from the wrong recipes that it must tell to the right ones"
            if found and framework in chosen.get(question, {}):
                value = chosen[question][framework]
                lines += [f"## `{question}` in {framework}: threshold {value:.2f}, {state}", "", *HEAD]
                lines += [_row(name, recipes[name], found[name], value) for name in found] + [""]
    THRESHOLDS.mkdir(exist_ok=True)
    target.write_text(json.dumps(chosen, indent=2) + "\n", encoding="utf-8")
    (THRESHOLDS / f"{assignment}.md").write_text("\n".join(lines), encoding="utf-8")
    print(f"{assignment}: {chosen}")


def _row(name: str, recipe: Recipe, values: list[float], value: float) -> str:
    """A recipe's line of a table."""
    summary: Summary = summarise(values)
    spread = (summary.mean, summary.deviation, summary.smallest, summary.largest)
    numbers = [summary.count, *(f"{number:.3f}" for number in spread), sum(not each >= value for each in values)]
    words = [name, "right" if recipe.right else "wrong", *numbers, "" if recipe.right else recipe.note or "accuracy"]
    return "| " + " | ".join(str(word) for word in words) + " |"


if __name__ == "__main__":
    sys.exit(main())

"""Accuracies of `transfer` and of a model from `fine_tuner`, in right and in wrong ways."""

from __future__ import annotations

import importlib

import numpy as np

from grader import probes, rounds
from grader.checks.transfer.pipeline import share
from grader.specs import a5_transfer as spec
from tests.calibration import Recipe, prepared

RIGHT = {
    "features_sgd": "transfer",
    "through_the_net": "transfer",
    "adam_undertrained": "transfer",
    "class_means": "transfer",
    "fine_tuned_few": "transfer",
    "head": "fine_tuner",
    "head_of_zeros": "fine_tuner",
    "dropout": "fine_tuner",
    "frozen_norms": "fine_tuner",
}
WRONG = {
    "weights_lost": "transfer",
    "predict_raw": "transfer",
    "predict_not_divided": "transfer",
    "predict_not_normalised": "transfer",
    "labels_shuffled": "transfer",
    "head_not_trained": "transfer",
    "tuned_weights_lost": "fine_tuner",
    "tuned_head_frozen": "fine_tuner",
    "tuned_all_frozen": "fine_tuner",
}
NOTES = {"tuned_all_frozen": "`stages`, by what moves", "tuned_head_frozen": "`head`, by what moves"}
RECIPES = {name: Recipe(question, True) for name, question in RIGHT.items()} | {
    name: Recipe(question, False, NOTES.get(name, "")) for name, question in WRONG.items()
}


def measure(framework: str, recipe: str, seed: int) -> float:
    """The accuracy that the grader finds with one recipe in the round of a seed."""
    ways = importlib.import_module(f"tests.calibration.transfers.on_{framework}")
    tuned = RECIPES[recipe].question == "fine_tuner"
    generator = rounds.stream(rounds.seed("a5_transfer", f"calibration {seed}"), recipe)
    request = (spec.tuning if tuned else spec.task)(generator)
    prepared(framework).reset(int(request["seed"]) % 2**31)
    labels = request.pop("kept_labels")
    evidence = probes.run(framework, f"a5_transfer.{'tuning' if tuned else 'pipeline'}", getattr(ways, recipe), request)
    if not tuned and evidence["passes"] > request["limit"]:
        raise RuntimeError(f"{recipe} takes {evidence['passes']} passes")
    if "scores" not in evidence:
        errors = [value.tobytes().decode() for name, value in evidence.items() if name.endswith("error")]
        raise RuntimeError(f"{recipe} gives no scores: {errors}")
    return share(np.asarray(evidence["scores"], np.float64), labels)

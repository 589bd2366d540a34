"""Accuracies of nets of one's own design, trained by the grader as `simple_cnn` is, in right and in wrong ways."""

from __future__ import annotations

import importlib

from grader import probes, rounds
from grader.checks.basics.classifying import best
from grader.specs.a1_cnn import classifier_request
from tests.calibration import Recipe, prepared

RIGHT = {
    "three_trios": "the lesson's net: three strided trios, global average",
    "pooled_trios": "three trios with max pooling, a dense layer on the last map, dropout",
    "without_norm": "three convolutions without BatchNorm, max pooling, global average",
    "lenet": "two 5x5 convolutions without padding, max pooling, two dense layers",
    "two_strided": "two strided convolutions without BatchNorm, global average: about the weakest design that is right",
}
WRONG = {
    "softmax_at_the_end": "`logits`",
    "relu_at_the_end": "`logits`",
    "frozen_by_a_list": "`registered`",
    "no_activation": "",
    "linear": "a dense layer on the pixels; the architecture is free, so this is measured and not judged wrong",
    "all_zeros": "`alive`",
    "one_narrow_layer": "",
}
RECIPES = {name: Recipe("simple_cnn", True, note) for name, note in RIGHT.items()} | {
    name: Recipe("simple_cnn", False, note) for name, note in WRONG.items()
}


def measure(framework: str, recipe: str, seed: int) -> float:
    """The accuracy that the grader finds with one net in the round of a seed."""
    nets = importlib.import_module(f"tests.calibration.cnns.on_{framework}")
    request = classifier_request(rounds.stream(rounds.seed("a1_cnn", f"calibration {seed}"), recipe))
    prepared(framework).reset(int(request["seed"]) % 2**31)
    labels = request.pop("kept_labels")
    evidence = probes.run(framework, "a1_cnn.classifier", getattr(nets, recipe), request | {"classes": []})
    return best(evidence["outputs"], labels)

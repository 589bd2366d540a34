"""Judges of initial weights beside their distribution: from layer to layer, from seed to seed, biases and norms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from grader.checks.practice.kernels import kernels, pairs_alike
from grader.checks.practice.reading import array, listed
from grader.failure import MalformedError
from grader.result import Complaint
from grader.spec import Evidence, Request


def independent(request: Request, evidence: Evidence) -> Complaint | None:
    """No two layers, and no two seeds, give the same random numbers."""
    found, keras = kernels(request, evidence), request["framework"] == "keras"
    if keras:
        seed = request["seeds"][request["again"]] + 1
        found.append(
            replace(found[request["again"]], name=f"a convolution with seed {seed}", weights=_next(request, evidence))
        )
    for first, second in pairs_alike(found):
        if keras:
            return Complaint(
                "other weights for each seed",
                f"the same random numbers in {first.words} and {second.words}",
                "hand the seed that is given to the initializer",
                "seed_ignored",
            )
        return Complaint(
            "other random numbers in every layer",
            f"the same ones in {first.words} and {second.words}",
            "set a seed once, before all layers, or not at all: a seed that is set for each layer makes them alike",
            "layers_alike",
        )
    return None


def _next(request: Request, evidence: Evidence) -> np.ndarray:
    """The kernel of the next seed."""
    found = array(evidence, "next")
    if found.shape != tuple(request["shapes"][request["again"]]):
        raise MalformedError(f"a kernel of shape {found.shape}")
    return found


def surroundings(request: Request, evidence: Evidence) -> Complaint | None:
    """Biases, scales and shifts start at 0, 1 and 0; equal seeds give equal weights."""
    return _seeds(request, evidence) if request["framework"] == "keras" else _vectors(request, evidence)


def _seeds(request: Request, evidence: Evidence) -> Complaint | None:
    first, again = kernels(request, evidence)[request["again"]].weights, array(evidence, "again")
    if again.shape == first.shape and np.array_equal(again, first):
        return None
    return Complaint(
        "the same weights whenever the same seed is given",
        f"two initializers with the seed {request['seeds'][0]} differ",
        "the numbers must depend on the seed alone, not on how much was drawn before",
        "not_reproducible",
    )


def _vectors(request: Request, evidence: Evidence) -> Complaint | None:
    frozen = listed(evidence, "names", "frozen")
    if frozen:
        return Complaint(
            "weights that learn afterwards",
            f"the kernel of {frozen[0]} requires no gradient",
            "draw the numbers under `torch.no_grad()` and leave `requires_grad` as it is",
            "frozen_weights",
        )
    biased, norms = listed(evidence, "names", "biased"), listed(evidence, "names", "norms")
    wanted = [
        ("scale", norms, 1.0, "the scale (`weight`) of the BatchNorm"),
        ("shift", norms, 0.0, "the shift (`bias`) of the BatchNorm"),
        ("bias", biased, 0.0, "the bias of the convolution"),
    ]
    if len(norms) != request["norms"] or len(biased) != request["biased"]:
        raise MalformedError("names of other layers")
    for role, names, value, words in wanted:
        for number, name in enumerate(names):
            found = array(evidence, f"{role}_{number}")
            if found.size and np.all(found == value):
                continue
            if role == "scale" and found.size and np.all(found == 0):
                return Complaint(
                    f"{words} {name} at 1",
                    "it is 0",
                    "starting the last BatchNorm of each block at 0 is "
                    "another recipe (Goyal et al. 2017); here every scale is 1",
                    "zero_scale",
                )
            spread = f"from {found.min():.3g} to {found.max():.3g}" if found.size else "missing"
            kind = "wrong_bias" if role == "bias" else f"wrong_{role}"
            return Complaint(
                f"{words} {name} at {value:g} in every channel",
                f"it is {spread}",
                "set scales to 1, shifts and the biases of convolutions to 0, in every layer",
                kind,
            )
    return None

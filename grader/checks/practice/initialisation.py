"""Judges of initial weights: He et al. 2015 (arXiv 1502.01852), a normal distribution of deviation sqrt(2 / fan)."""

from __future__ import annotations

import math

import numpy as np

from grader.checks.practice.kernels import BOUND, RIGHT, WRONG, Kernel, factor, fits, fits_alone, kernels
from grader.result import Complaint
from grader.spec import Evidence, Request

# The kurtosis of a normal distribution is 3, truncated at two deviations 2.37, of a uniform one 1.8. Over
# the 64,000 weights or more of 232 requests it was 2.98 .. 3.04 for normal and from 2.35 for truncated ones.
KURTOSIS = (2.15, 3.25)
# The variance of the squared length of filters, in units of normal ones': 1 for normal weights, 0 for orthogonal ones.
# In the same requests it was .84 .. 1.17 for normal and from .54 for truncated weights.
ROWS = 0.3


def spread(request: Request, evidence: Evidence) -> Complaint | None:
    """Convolution kernels have mean 0 and standard deviation sqrt(2 / fan), one fan throughout."""
    found = kernels(request, evidence)
    expected = "kernels with mean 0 and standard deviation sqrt(2 / fan), fan-in or fan-out, in every convolution"
    for kernel in found:
        if not np.all(np.isfinite(kernel.weights)):
            return Complaint(
                expected, f"NaN or infinity in the kernel of {kernel.words}", "look for a division by zero"
            )
        if kernel.before is not None and np.array_equal(kernel.before, kernel.weights):
            return _unchanged(found, kernel, expected)
    for kernel in found:
        if not kernel.deviation > 0 or np.ptp(kernel.weights) == 0:
            return Complaint(
                expected,
                f"every weight of {kernel.words} is {kernel.weights.flat[0]:.3g}",
                "equal weights get equal gradients and stay equal: draw them at random",
                "constant_kernels",
            )
    if (complaint := _repeated(found, expected)) is not None:
        return complaint
    for kernel in found:
        mean = float(np.mean(kernel.weights, dtype=np.float64))
        if not abs(mean) < BOUND * kernel.deviation / math.sqrt(kernel.size):
            return Complaint(
                expected,
                f"the weights of {kernel.words} have the mean {mean:.3g}",
                "draw them around zero: half of them are negative",
                "mean_not_zero",
            )
    if any(fits(found, rule) for rule in RIGHT.values()):
        return None
    return _wrong_spread(found, expected)


def _repeated(found: list[Kernel], expected: str) -> Complaint | None:
    for kernel in found:
        if len(np.unique(kernel.weights)) < 0.9 * kernel.size:  # float32 gives equal numbers once in thousands
            return Complaint(
                expected,
                f"the same numbers again and again in {kernel.words}",
                "draw every weight by itself, not one filter for all channels",
                "repeated_weights",
            )
    return None


def _unchanged(found: list[Kernel], kernel: Kernel, expected: str) -> Complaint:
    kept = [one for one in found if one.before is not None and np.array_equal(one.before, one.weights)]
    if len(kept) == len(found):
        return Complaint(
            expected,
            "no kernel of the model changed",
            "change the weights of the model that is given, not of a copy: "
            "`model.modules()` lists its layers, and functions whose name ends in `_` work in place",
            "nothing_initialised",
        )
    return Complaint(
        expected,
        f"the kernel of {kernel.words} is as it was before ({len(kept)} of {len(found)} are)",
        "reach every convolution, at any depth and of any kernel size: `model.modules()` lists nested layers "
        "too, `model.children()` those of the top level alone",
        "layers_left_out",
    )


def _wrong_spread(found: list[Kernel], expected: str) -> Complaint:
    for name, (words, rule, fix) in WRONG.items():
        if fits(found, rule):
            return Complaint(expected, f"the standard deviation is {words}", fix, name.removesuffix("_out"))
    deviations = np.array([kernel.deviation for kernel in found])
    if np.ptp(deviations) < 0.15 * deviations.mean():
        return Complaint(
            expected,
            f"about {deviations.mean():.3g} in every convolution, however many weights meet there",
            "a fixed deviation suits one width alone: compute it from each layer's own fan",
            "fixed_deviation",
        )
    if all(any(fits_alone(kernel, rule) for rule in RIGHT.values()) for kernel in found):
        return Complaint(
            expected, "fan-in in some convolutions and fan-out in others", "take one of both throughout", "mixed_fans"
        )
    for name, rule in RIGHT.items():
        times = factor(found, rule)
        if all(fits_alone(kernel, rule, times) for kernel in found):
            return Complaint(
                expected,
                f"{times:.2f} times sqrt(2 / {name})",
                "check the factor under the root",
                "wrong_factor",
            )
    worst = max(
        found, key=lambda kernel: min(abs(math.log(kernel.deviation / rule(kernel))) for rule in RIGHT.values())
    )
    return Complaint(
        expected,
        f"{worst.deviation:.3g} in {worst.words}: fan-in would be {RIGHT['fan-in'](worst):.3g}, fan-out "
        f"{RIGHT['fan-out'](worst):.3g}",
        "compute the fan from the shape of each kernel, by the same rule for all of them",
    )


def normal(request: Request, evidence: Evidence) -> Complaint | None:
    """The weights are drawn from a normal distribution, each by itself."""
    found = kernels(request, evidence)
    expected = "weights from a normal distribution, each drawn by itself"
    scaled = [
        kernel.weights.astype(np.float64).reshape(len(kernel.weights), -1) / kernel.deviation
        for kernel in found
        if kernel.deviation > 0 and np.all(np.isfinite(kernel.weights))
    ]
    if len(scaled) < len(found):
        return Complaint(
            expected, "weights that are all zero, or not finite", "draw them at random", "constant_kernels"
        )
    if (complaint := _repeated(found, expected)) is not None:
        return complaint
    values = np.concatenate([rows.reshape(-1) for rows in scaled])
    kurtosis = float(np.mean(values**4))
    if not KURTOSIS[0] < kurtosis < KURTOSIS[1]:
        what = (
            "a uniform distribution" if 1.7 < kurtosis < 1.9 else f"another one: its kurtosis is {kurtosis:.2f}, not 3"
        )
        return Complaint(
            expected,
            what,
            "He's paper draws from a normal (Gaussian) distribution",
            "uniform_distribution" if 1.7 < kurtosis < 1.9 else "",
        )
    if not abs(float(np.mean(values**3))) < BOUND * math.sqrt(15 / values.size):
        return Complaint(
            expected, "a distribution that leans to one side", "draw from a normal distribution around zero"
        )
    spreads = [np.mean((rows**2).sum(axis=1).var() / (2 * rows.shape[1])) for rows in scaled]
    if not np.average(spreads, weights=[len(rows) for rows in scaled]) > ROWS:
        return Complaint(
            expected,
            "filters that are all equally long: their weights depend on one another",
            "draw every weight by itself; orthogonal matrices are another recipe",
            "orthogonal_kernels",
        )
    return None

"""Judges of equality with the oracle: outputs, running statistics and gradients, under tensors drawn from the seed."""

from __future__ import annotations

import numpy as np

from grader import fill
from grader.checks.comparing import TOLERANCE, difference, wrong_gradients
from grader.checks.departure import ending
from grader.checks.judging import first_of, raise_crash
from grader.checks.study import Study
from grader.failure import decode
from grader.oracle import measures
from grader.oracle.alignment import Aligned
from grader.oracle.graph import IMAGES, Run
from grader.result import Complaint


def _cannot_compare(study: Study) -> Complaint:
    return Complaint(
        "the same numbers as a right program", f"other layers than those asked for ({study.words})",
        "mend the layers first: kernel sizes, channels, BatchNorm, shortcuts",
    )  # fmt: skip


def _finite(found: np.ndarray, mode: str, study: Study) -> Complaint | None:
    if np.all(np.isfinite(found)):
        return None
    return Complaint(
        "finite numbers", f"NaN or infinity in the output in {mode} mode ({study.words})",
        "look for a division by zero, a logarithm or a root of a negative number",
    )  # fmt: skip


@first_of
def evaluation(study: Study) -> Complaint | None:
    """In evaluation mode the output equals that of a right program with the same weights."""
    found = study.array("output")
    if (complaint := _finite(found, "evaluation", study)) is not None:
        return complaint
    if not isinstance(study.fit, Aligned):
        return _cannot_compare(study)
    error = study.evaluation_error(study.fit)
    if error < study.tolerance:
        return None
    return ending(study) or Complaint(
        "in evaluation mode the output of a right program with the same weights",
        f"other values{_percent(error)} ({study.words})",
        "check the order convolution, BatchNorm, ReLU, the place of the stride, and the shortcut",
    )


def _excused_crash(study: Study) -> bool:
    """Whether training raised because of an in-place operation on a block's input that is excused here."""
    error = decode(study.array("training_error")) if study.has("training_error") else {}
    return "relu_on_input" in study.request.get("excused", ()) and "inplace operation" in error.get("message", "")


def _percent(error: float) -> str:
    return f", {min(error * 100, 999):.2g} % off" if np.isfinite(error) else ""


@first_of
def training(study: Study) -> Complaint | None:
    """In training mode output and running statistics equal those of a right program with the same weights."""
    if not study.case.get("training"):
        return None
    if _excused_crash(study):
        return None
    raise_crash(study, "training_error")
    found = study.array("training_output")
    if (complaint := _finite(found, "training", study)) is not None:
        return complaint
    if study.excused:
        return None  # the mistake has cost its points in its own question, training mode included
    if not isinstance(study.fit, Aligned) or study.trained is None:
        return _cannot_compare(study)
    error = difference(found, study.trained.output)
    if not error < TOLERANCE:
        return Complaint(
            "in training mode the output of a right program with the same weights",
            f"other values{_percent(error)} ({study.words})",
            "in training mode nothing but BatchNorm differs from evaluation: it uses the statistics of the whole batch",
        )
    return _running_statistics(study, study.fit, study.trained)


def _running_statistics(study: Study, fit: Aligned, trained: Run) -> Complaint | None:
    """Each running statistic moved by one share in (0, 1] from its old value towards the batch's."""
    after = _statistics_after(study)
    seed, gain = int(study.request["seed"]), float(study.request["gain"])
    for node in fit.graph.nodes:
        if node.name not in trained.statistics:
            continue
        mean, variance, count = trained.statistics[node.name]
        unbiased = variance * count / max(count - 1, 1)
        for role, targets in (("mean", (mean,)), ("variance", (variance, unbiased))):
            index = fit.binding[f"{node.name}/{role}"]
            before = fill.tensor(seed, index, study.reading.tensors[index].shape, gain).astype(np.float64)
            if index not in after or not min(_astray(before, after[index], target) for target in targets) < TOLERANCE:
                return Complaint(
                    f"{measures.words(node.name)} updates its running {role} in training mode",
                    f"the running {role} is not a mixture of its old value and the batch's ({study.words})",
                    "let the layer keep its own running statistics: a mean of old and new, never the new alone by hand",
                )
    return None


def _astray(before: np.ndarray, after: np.ndarray, target: np.ndarray) -> float:
    """How far `after` lies from the way between `before` and `target`, at one share for all channels."""
    way = target - before
    share = float((after - before) @ way) / float(way @ way)
    return difference(after, before + share * way) if 1e-4 < share <= 1 + 1e-3 else float("inf")


def _statistics_after(study: Study) -> dict[int, np.ndarray]:
    """The non-trainable vectors after the training step, by tensor."""
    flat, found, start = study.array("statistics"), {}, 0
    for index, tensor in enumerate(study.reading.tensors):
        if not tensor.trainable:
            size = int(np.prod(tensor.shape))
            found[index] = flat[start : start + size]
            start += size
    return {index: array for index, array in found.items() if array.shape == study.reading.tensors[index].shape}


@first_of
def gradients(study: Study) -> Complaint | None:
    """Every parameter and the input get the true gradient."""
    if not study.case.get("training"):
        return None
    if _excused_crash(study):
        return None
    raise_crash(study, "training_error")
    if study.excused:
        return None
    if not isinstance(study.fit, Aligned) or study.trained is None:
        return _cannot_compare(study)
    found = study.array("gradients")
    if found.shape != (len(study.reading.tensors), 4):
        return _cannot_compare(study)
    wrong = wrong_gradients(study.fit, study.trained, int(study.request["seed"]), found, study.array("input_gradient"))
    if not wrong:
        return None
    name, dead = wrong[0]
    place = "the input" if name == IMAGES else measures.words(name)
    return Complaint(
        f"the true gradient for every parameter and for the input ({study.words})",
        f"{'no gradient' if dead else 'another gradient'} reaches {place}",
        "follow the way back from the output: nothing on it may be detached, computed without gradients or replaced",
    )

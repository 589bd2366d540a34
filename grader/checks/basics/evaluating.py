"""Judges of `evaluate`: the share of right answers, and a net that is left as it was."""

from __future__ import annotations

import numpy as np

from grader.checks.basics.cases import Case, each_case
from grader.checks.basics.misanswering import MISTAKES, share
from grader.checks.comparing import difference
from grader.oracle.graph import run
from grader.result import Complaint

# The share is a quotient of whole numbers; a mean in float32 is off by less than 1e-6.
EXACT = 1e-4
# A tensor that nothing touches is the same to the last bit; one that is written and restored may be rounded.
SAME = 1e-6
STATISTICS = ("/mean", "/variance")


@each_case
def unchanged(case: Case) -> Complaint | None:
    """Evaluating changes no weight, no running statistic and no mode, and leaves no gradients."""
    moved = _moved(case)
    if moved and all(slot.endswith(STATISTICS) for slot in moved):
        return Complaint(
            "running statistics that evaluating leaves as they are",
            f"those of BatchNorm moved ({case.facts['words']}): the images went through in training mode",
            "put the model into evaluation mode first (`model.eval()`)" if case.framework == "torch"
            else "call the model with `training=False`", "evaluated_in_training_mode",
        )  # fmt: skip
    if moved:
        return Complaint(
            "weights that evaluating leaves as they are",
            f"`{next(slot for slot in moved if not slot.endswith(STATISTICS))}` changed ({case.facts['words']})",
            "nothing is trained or converted here: no optimizer, no backward pass, no other type in between",
            "evaluate_trains",
        )  # fmt: skip
    return _mode(case) if case.framework == "torch" else None


def _moved(case: Case) -> list[str]:
    return [slot for slot, old in case.values.items() if not difference(case.after[slot], old) < SAME]


def _mode(case: Case) -> Complaint | None:
    """What PyTorch keeps beside the tensors: gradients, what needs them, and the mode."""
    if case.texts("gradients"):
        there = bool(case.facts["gradients"])
        return Complaint(
            "`.grad` of each parameter as before" if there else "no gradients left in `.grad`",
            f"`{case.texts('gradients')[0]}.grad` {'is another one or gone' if there else 'was filled'} "
            f"({case.facts['words']})",
            "evaluating needs no backward pass" + ", and nothing to clear" * there,
            "gradients_touched" if there else "gradients_left",
        )  # fmt: skip
    if bool(case.array("flags", ())):
        return Complaint(
            "`requires_grad` of each parameter as before", f"it is another one afterwards ({case.facts['words']})",
            "use `torch.no_grad()`, which changes no parameter", "requires_grad_changed",
        )  # fmt: skip
    if not bool(case.array("single", ())):
        return Complaint(
            "weights of the type that they had, float32", f"another type afterwards ({case.facts['words']})",
            "leave the model as it is: convert the images if need be, not the weights", "type_changed",
        )  # fmt: skip
    mode, before = bool(case.array("training", ())), bool(case.facts["training"])
    if mode == before:
        return None
    return Complaint(
        f"`model.training` as before: {before}", f"{mode} afterwards ({case.facts['words']})",
        "note `model.training` before you call `model.eval()`, and put it back with `model.train(...)`",
        "mode_not_restored",
    )  # fmt: skip


@each_case
def accuracy(case: Case) -> Complaint | None:
    """The result is the share of right answers, 0 to 1, over all examples, in evaluation mode, at each call."""
    shares, types = case.array("shares", (case.facts["calls"],)), case.texts("types")
    calls = [_scored(case, call, training=False) for call in range(len(shares))]
    for call, (got, scored) in enumerate(zip(shares, calls, strict=True)):
        expected = share(*scored)
        if abs(got - expected) < EXACT:
            continue
        again = f" at call {call + 1} with the same net and other labels" if call else ""
        if not np.isfinite(got):
            kind = types[call] if call < len(types) else "nothing"
            return Complaint(
                f"the share of right answers: {expected:.3f}", f"no number but `{kind}`{again} ({case.facts['words']})",
                "return right answers divided by examples, as a number", "no_share",
            )  # fmt: skip
        mistake, words, fix = _explained(case, shares, calls)
        return Complaint(
            f"a share of {expected:.3f}{again} ({case.facts['words']})", f"{got:.3f}{': ' * bool(words)}{words}",
            fix, mistake,
        )  # fmt: skip
    return None


def _explained(
    case: Case, shares: np.ndarray, calls: list[tuple[list[np.ndarray], list[np.ndarray]]]
) -> tuple[str, str, str]:
    """The mistake that explains all calls, with its words, or a general hint."""
    for name, count, words, fix in MISTAKES:
        if all(abs(got - count(*scored)) < EXACT * max(1, abs(got)) for got, scored in zip(shares, calls, strict=True)):
            return name, words, fix
    trained = [share(*_scored(case, call, training=True)) for call in range(len(shares))]
    if np.all(np.abs(shares - trained) < EXACT) or any(slot.endswith(STATISTICS) for slot in _moved(case)):
        fix = "put the model into evaluation mode first: BatchNorm then uses its running statistics"
        return "evaluated_in_training_mode", "the answers of the net in training mode", fix
    flat = [np.concatenate(part) for part in zip(*(_joined(scored) for scored in calls), strict=True)]
    if len(shares) > 1 and abs(shares[-1] - share([flat[0]], [flat[1]])) < EXACT:
        return "never_reset", "the share over this call and the ones before", "count from zero at each call"
    if _moved(case):
        words = "weights that evaluating leaves as they are changed on the way"
        return "evaluate_trains", words, "nothing is trained here: no optimizer, no backward pass"
    fix = "in evaluation mode, where dropout is still, count the images whose greatest logit is that of their label"
    return "", "", f"{fix}, and divide by the number of images"


def _joined(scored: tuple[list[np.ndarray], list[np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate(scored[0]), np.concatenate(scored[1])


def _scored(case: Case, call: int, *, training: bool) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The right logits and the labels of each batch."""
    batches = case.batches(call)
    logits = [run(case.graph, images, case.values, training=training).output for images, _ in batches]
    return logits, [labels for _, labels in batches]

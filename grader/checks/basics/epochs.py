"""Judges of `train_epoch`: the tensors after two epochs, and the loss that was returned, under a secret seed."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np

from grader.checks.basics import programs
from grader.checks.basics.cases import Case, each_case
from grader.checks.basics.lessons import AVERAGES, LOSS, WORDS, means
from grader.checks.basics.programs import Outcome, Setup
from grader.checks.comparing import difference
from grader.result import Complaint

# How far a tensor may be from where it should be, relative to its way there. Right programs were off by 3.3e-5 at most
# (200 seeds in PyTorch); a penalty of 1e-3 times the squared weights, or labels smoothed by 0.01, by more than 1e-2.
TOLERANCE = 1e-3
STATISTICS = ("/mean", "/variance")
_recent: deque[tuple[Case, tuple[str, Outcome]]] = deque(maxlen=4)


def setup(case: Case) -> Setup:
    """What the case's function was given."""
    facts = case.facts
    epochs = [case.batches(epoch) for epoch in range(facts["epochs"])]
    return Setup(case.graph, case.values, epochs, facts["rate"], facts["momentum"], case.framework)


def distances(case: Case, outcome: Outcome, *, statistics: bool) -> dict[str, float]:
    """How far each tensor is from an outcome, relative to the way that it went; infinitely where it is NaN."""
    errors = {}
    for slot, old in case.values.items():
        if slot.endswith(STATISTICS) == statistics:
            way = float(np.linalg.norm(outcome.values[slot] - old))
            scale = max(way, 1e-4 * float(np.linalg.norm(old)))
            off = float(np.linalg.norm(case.after[slot] - outcome.values[slot])) / scale
            errors[slot] = off if np.isfinite(off) else np.inf
    return errors


def _near(errors: dict[str, float]) -> bool:
    return max(errors.values()) < TOLERANCE


def nearest(case: Case) -> tuple[str, Outcome]:
    """The program that did what the student's did: "" for the right one, or when none did."""
    for known, found in _recent:
        if known.evidence is case.evidence and known.place == case.place:
            return found
    given = setup(case)
    right = programs.right(given)
    found = "", right
    if not _equal(case, right):
        tried = ((name, program(given)) for name, program in programs.PROGRAMS)
        with np.errstate(over="ignore", invalid="ignore"):  # some of them diverge, and are near to nothing then
            found = next((each for each in tried if _equal(case, each[1])), found)
        if not found[0]:
            other = next((each for each in programs.orders(given) if _equal(case, each)), None)
            found = ("batches_in_another_order", other) if other is not None else found
    _recent.append((case, found))
    return found


def _equal(case: Case, outcome: Outcome) -> bool:
    return all(_near(distances(case, outcome, statistics=which)) for which in (False, True))


def _complaint(case: Case, name: str) -> Complaint:
    expected, got, fix = WORDS[name]
    if name == "epoch_in_evaluation_mode" and case.framework == "keras":
        fix = "call the model with `training=True`"
    return Complaint(expected, f"{got} ({case.facts['words']})", fix, name)


@each_case
def steps(case: Case) -> Complaint | None:
    """After two epochs each parameter is where one SGD step per batch on the mean cross-entropy takes it."""
    errors = distances(case, programs.right(setup(case)), statistics=False)
    if _near(errors):
        return None
    name, _ = nearest(case)
    if name.startswith("nothing_learned") and case.place:  # the model of the case before it learned
        return _nothing_this_time(case)
    if name:
        return _complaint(case, name)
    off, slot = max((off, slot) for slot, off in errors.items())
    how_far = f"`{slot}` is {min(off, 99):.1%} of its way elsewhere" if np.isfinite(off) else f"NaN in `{slot}`"
    return Complaint(
        f"after two epochs the parameters that SGD on the mean cross-entropy gives ({case.facts['words']})", how_far,
        "for each batch once: gradients cleared, logits in training mode, mean cross-entropy and nothing added to it, "
        "backward, one step of the optimizer that was given; no clipping, no smoothing, no penalty",
    )  # fmt: skip


def _nothing_this_time(case: Case) -> Complaint:
    """What keeps a second model from learning, batches from a generator."""
    if not np.any(np.nan_to_num(case.array("losses", (case.facts["epochs"],)))):
        return Complaint(
            "one optimizer step for each batch", f"no batch was met: nothing changed, no loss ({case.facts['words']})",
            "a generator can be gone through once: what counts or lists its batches before the training uses them up",
            "batches_used_up",
        )  # fmt: skip
    return Complaint(
        "each model that the function is given is trained",
        f"this one isn't, though an earlier call trained its own ({case.facts['words']})",
        "keep nothing from call to call: a `tf.function`, a model or an optimizer that is made once, outside or at the "
        "first call, goes on with the first model", "first_model_alone_trained",
    )  # fmt: skip


@each_case
def statistics(case: Case) -> Complaint | None:
    """BatchNorm's running statistics moved once for each batch: the model was in training mode."""
    _, outcome = nearest(case)
    right = programs.right(setup(case))
    errors = [distances(case, each, statistics=True) for each in (right, outcome)]
    still = all(difference(case.after[s], old) < 1e-6 for s, old in case.values.items() if s.endswith(STATISTICS))
    if still:
        return _complaint(case, "epoch_in_evaluation_mode")
    if any(_near(each) for each in errors):
        return None
    slot = max((off, slot) for slot, off in errors[0].items())[1]
    return Complaint(
        f"running statistics that moved once for each batch ({case.facts['words']})", f"`{slot}` is elsewhere",
        "one forward pass in training mode for each batch, before its step, and no other",
    )  # fmt: skip


@each_case
def losses(case: Case) -> Complaint | None:
    """Each epoch returns the mean loss per example, each batch's loss taken before its step."""
    found, types = case.array("losses", (case.facts["epochs"],)), case.texts("types")
    _, outcome = nearest(case)
    expected = means(outcome)
    if all(abs(got - loss) < LOSS * abs(loss) for got, loss in zip(found, expected, strict=True)):
        return None
    if not np.all(np.isfinite(found)):
        kind = next((t for t, f in zip(types, found, strict=False) if not np.isfinite(f)), "nothing")
        return Complaint(
            f"the mean loss of the epoch, {expected[0]:.4f} ({case.facts['words']})",
            f"no finite number but `{kind}`", "return the mean loss per example as a number", "no_loss",
        )  # fmt: skip
    late = replace(outcome, losses=programs.losses_after_steps(setup(case)))
    after = ("loss_after_step", lambda _: means(late), "the losses after the steps", "take each one before its step")
    for name, average, words, fix in (*AVERAGES, after):
        if all(abs(got - other) < LOSS * abs(other) for got, other in zip(found, average(outcome), strict=True)):
            return Complaint(
                f"the mean loss per example, {_row(expected)} ({case.facts['words']})", f"{_row(found)}: {words}",
                fix, name,
            )  # fmt: skip
    return Complaint(
        f"the mean loss per example, {_row(expected)} ({case.facts['words']})", _row(found),
        "add up each batch's mean loss times its number of examples, taken before its step, and divide by all examples",
    )  # fmt: skip


def _row(losses: list[float] | np.ndarray) -> str:
    return " and ".join(f"{loss:.4f}" for loss in losses)

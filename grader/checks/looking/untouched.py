"""Judge of what a function leaves behind in a model: nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.checks.looking.cases import Case, close, of_those_that_ran
from grader.checks.looking.forward import outputs
from grader.failure import CrashedError, MalformedError, decode, raised
from grader.result import Complaint

# Afterwards the model gives what it gave before, to this share of its largest logit: right functions differ by 1e-6.
SAME = 1e-3


@of_those_that_ran
def untouched(case: Case) -> Complaint | None:
    """The model is left as it was: weights, running statistics, gradients, mode, gradient mode and hooks."""
    where = f" (with {case.words}; the model came in {'training' if case.given['training'] else 'evaluation'} mode)"
    if (found := complaint(case.json("changed", dict), case.framework, where)) is not None:
        return found
    if case.has("after_crash"):
        error = decode(case.evidence[f"{case.number}_after_crash"])
        raise CrashedError(raised("the model to be as usable afterwards as before", error))
    net = case.given["net"]
    expected = outputs(net, case.images, case.seed, case.framework)[net[-1]["name"]]
    if not close(case.array("after"), expected, SAME):
        return Complaint(
            "a model that gives the same logits afterwards as before",
            f"it gives others, though its weights are the same{where}",
            "don't change the model's layers, such as the activation of its last one: work on what the model returns",
            "model_changed",
        )
    if case.has("after_refusal"):
        return complaint(case.json("after_refusal", dict), case.framework, " (after being asked for an unknown layer)")
    return None


def complaint(changed: Mapping[str, Any], framework: str, where: str) -> Complaint | None:
    """The first thing that changed, the most telling first; raises MalformedError for what no probe writes."""
    if not all(isinstance(names, list) for names in changed.values()) or "weights" not in changed:
        raise MalformedError("no list of what changed")
    for what, (expected, got, fix, mistake) in _CHANGES[framework].items():
        if names := changed.get(what):
            place = str(names[0])[:100] or "the model itself"
            return Complaint(expected, got.format(place) + where, fix, mistake)
    return None


_HOOKS = (
    "a model without new hooks", "a hook is still on `{}`",
    "keep what `register_forward_hook` returns, and call its `remove()` at the end, whatever happens", "hook_left",
)  # fmt: skip
_WEIGHTS = (
    "weights as they were", "`{}` has other values", "only look at the model: no training step, no fill",
    "weights_changed",
)  # fmt: skip
_CHANGES: dict[str, dict[str, tuple[str, str, str, str]]] = {
    "torch": {
        "devices": ("the model on the device where it was", "`{}` is on another one",
                    "`model.to(...)` moves the model itself: work on a copy, or move it back", "device_changed"),
        "statistics": (
            "running statistics as they were", "`{}` moved: the model ran in training mode",
            "call `model.eval()` before the forward pass: in training mode BatchNorm takes the batch's own statistics, "
            "and updates its running ones", "training_mode",
        ),
        "weights": _WEIGHTS,
        "layers": ("the layers as they were", "`{}` was added, replaced, or has another `forward`",
                   "don't build into the model: take what it returns and work on that", "model_changed"),
        "hooks": _HOOKS,
        "modes": (
            "the mode as it was, training or evaluation", "the mode of `{}` is another one",
            "note `was = model.training` at the start, and call `model.train(was)` at the end", "mode_not_restored",
        ),
        "frozen": (
            "`requires_grad` as it was", "that of `{}` changed",
            "`torch.no_grad()` does without gradients and leaves `requires_grad` alone", "requires_grad_changed",
        ),
        "gradients": (
            "`.grad` as it was", "that of `{}` changed",
            "compute no gradients here, and don't reset them: work under `torch.no_grad()`", "gradients_changed",
        ),
        "gradient mode": (
            "gradients switched on or off as before", "gradients are switched the other way afterwards",
            "use `with torch.no_grad():`, which puts back what was; `torch.set_grad_enabled` stays as you set it",
            "gradient_mode_not_restored",
        ),
    },
    "keras": {
        "statistics": (
            "moving statistics as they were", "`{}` moved: the model ran in training mode",
            "call the model with `training=False`: in training mode BatchNorm takes the batch's own statistics, and "
            "updates its moving ones", "training_mode",
        ),
        "weights": _WEIGHTS,
        "layers": ("the layers as they were", "`{}` was added, removed, or has another `call` or `activation`",
                   "don't build into the model: make a new `keras.Model` from its inputs and outputs", "model_changed"),
        "frozen": ("`trainable` as it was", "that of `{}` changed",
                   "leave `trainable` alone: without a training step nothing learns anyway", "trainable_changed"),
    },
}  # fmt: skip

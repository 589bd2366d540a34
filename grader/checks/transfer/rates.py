"""Judges of `parameter_groups`, and of its sibling in Keras, `compile_for`: what learns, and at which rate.

The evidence of PyTorch tells for each parameter of a model in which groups it stands, that of Keras what a compiled
model does; the checks ask both the same three questions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from grader.checks.transfer.compiled import accepted_by_compile, compiled_learning, compiled_rates
from grader.failure import CrashedError, MalformedError, decode, raised
from grader.result import Complaint
from grader.spec import Evidence, Judge, Request


def _either(torch: Callable[[Grouped], Complaint | None], keras: Judge, sentence: str) -> Judge:
    """A judge of both frameworks' evidence."""

    def judge(request: Request, evidence: Evidence) -> Complaint | None:
        if request.get("framework") == "keras":
            return keras(request, evidence)
        return next(filter(None, (torch(case) for case in _cases(request, evidence))), None)

    judge.__doc__ = sentence
    return judge


@dataclass(frozen=True)
class Grouped:
    """The parameters of one model, and what the optimizer knows of each."""

    words: str
    names: list[str]
    pretrained: np.ndarray
    learns: np.ndarray
    trainable: np.ndarray
    counts: np.ndarray
    rates: np.ndarray
    foreign: int
    rate: float
    other: float
    earlier: float

    def some(self, which: np.ndarray) -> str:
        """The names of up to three parameters."""
        found = [f"`{name}`" for name, chosen in zip(self.names, which, strict=True) if chosen]
        return ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")


def _cases(request: Request, evidence: Evidence) -> Iterator[Grouped]:
    for number, plan in enumerate(request["cases"]):
        maker = _text(evidence, f"{number}_maker")
        call = f"{maker}(backbone, {plan['num_classes']}" + (
            f", {plan['stages'][0]})" if maker == "fine_tuner" else ")"
        )
        words = f"a model of your `{call}`" if maker in ("fine_tuner", "feature_extractor") else "a fine-tuned backbone"
        if f"{number}_error" in evidence:
            error = decode(evidence[f"{number}_error"])
            raise CrashedError(raised(f"`parameter_groups(model, lr)` for {words}", error))
        names = _text(evidence, f"{number}_names")
        found = {}
        for name in ("pretrained", "learns", "trainable", "counts", "rates", "foreign"):
            array = evidence.get(f"{number}_{name}")
            if array is None or array.dtype.kind not in "fiub" or (name != "foreign" and array.shape != (len(names),)):
                raise MalformedError(f"no array `{name}`")
            found[name] = np.asarray(array)
        foreign = int(np.ravel(found.pop("foreign"))[0])
        rate, other, earlier = (float(request[name]) for name in ("lr", "other", "earlier"))
        yield Grouped(words, [str(name) for name in names], **found, foreign=foreign, rate=rate, other=other,
                      earlier=earlier)  # fmt: skip


def _text(evidence: Evidence, name: str) -> list[str] | str:
    try:
        found: list[str] | str = json.loads(bytes(evidence[name]).decode())
    except (KeyError, ValueError, RecursionError) as error:
        raise MalformedError(f"no text `{name}`") from error
    if not isinstance(found, list | str):
        raise MalformedError(f"`{name}` is no text")
    return found


def _accepted(case: Grouped) -> Complaint | None:
    twice = case.counts > 1
    if np.any(twice):
        part = "the head is" if np.all(~case.pretrained.astype(bool)[twice]) else "parameters are"
        return Complaint(
            f"each parameter in one group, once ({case.words})", f"{part} in the groups twice: {case.some(twice)}",
            "what one group holds has to be left out of the others; an optimizer refuses a parameter in two groups",
            "in_two_groups",
        )  # fmt: skip
    if case.foreign:
        return Complaint(
            f"parameters of the model that the function is given ({case.words})",
            f"{case.foreign} tensors that are none of its parameters", "take them from `model`, not from another net",
            "foreign_parameters",
        )  # fmt: skip
    return None


def _complete(case: Grouped) -> Complaint | None:
    missing = (case.learns != 0) & (case.counts == 0)
    if not np.any(missing):
        return None
    head = missing & (case.pretrained == 0)
    part = "the head, " if np.array_equal(head, missing) else ""
    return Complaint(
        f"each parameter that learns in a group ({case.words})", f"{part}{case.some(missing)} in none",
        "what is in no group never learns: collect biases and BatchNorm's scale and shift too, not weights alone",
        "parameters_in_no_group",
    )  # fmt: skip


def _rates(case: Grouped) -> Complaint | None:
    learns = case.learns != 0
    if np.any(learns & (case.pretrained != 0)):
        asked = learns
    else:  # all of it was made trainable, so that there is something beside the head
        asked = learns | ((case.trainable != 0) & (case.pretrained != 0))
    asked &= case.counts > 0
    head, rest = asked & (case.pretrained == 0), asked & (case.pretrained != 0)
    unstated = asked & _equal(case.rates, case.other)
    if np.any(unstated):
        return Complaint(
            f"every group states its rate ({case.words})",
            f"no rate for {case.some(unstated)}: the optimizer takes its own default, here {case.other:g}",
            "give each group its `lr`", "rate_not_stated",
        )  # fmt: skip
    slow = case.rate / 10
    if np.all(_equal(case.rates[head], case.rate)) and np.all(_equal(case.rates[rest], slow)):
        return None
    expected = f"the head at lr and the rest at lr / 10: {case.rate:g} and {slow:g} ({case.words})"
    seen = [sorted({float(f"{rate:g}") for rate in case.rates[part]}) for part in (head, rest)]
    words = [", ".join(f"{rate:g}" for rate in rates[:3]) for rates in seen]
    got = f"the head at {words[0] or 'no rate'}, the rest at {words[1] or 'no rate'}"
    swapped = np.any(rest) and np.all(_equal(case.rates[rest], case.rate)) and np.all(_equal(case.rates[head], slow))
    same = np.any(rest) and np.all(_equal(case.rates[rest], case.rate)) and np.all(_equal(case.rates[head], case.rate))
    if swapped:
        return Complaint(
            expected, got, "the other way round: the new head has all to learn, the pretrained rest little",
            "rates_swapped",
        )  # fmt: skip
    if same:
        return Complaint(
            expected, got, "pretrained weights are near a good place already: give them a tenth of the head's rate",
            "same_rate_for_all",
        )  # fmt: skip
    if np.all(_equal(case.rates[head], case.earlier)) and np.all(_equal(case.rates[rest], case.earlier / 10)):
        return Complaint(
            expected, f"{got}: the rates of an earlier call", "make the groups afresh at each call, from its own `lr`",
            "earlier_rates",
        )  # fmt: skip
    return Complaint(
        expected, got, "use the argument `lr` as it comes: for the head itself, for the rest a tenth of it"
    )


def _equal(found: np.ndarray, rate: float) -> np.ndarray:
    return np.asarray(np.abs(found - rate) <= 1e-6 * rate)


accepted = _either(
    _accepted, accepted_by_compile,
    "The optimizer takes what the function sets up: in PyTorch each parameter of the model in one group, in Keras a "
    "new optimizer, cross-entropy from logits and accuracy.",
)  # fmt: skip
rates = _either(_rates, compiled_rates, "The head learns at lr, the pretrained rest at lr / 10.")
learning = _either(
    _complete, compiled_learning,
    "All that should learn does: in PyTorch each trainable parameter is in a group, in Keras `trainable` decides.",
)  # fmt: skip

"""Judges of `evaluate`: the share of right answers, and a net that is left as it was."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.checks.basics.cases import Case, each_case
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


Counted = Callable[[list[np.ndarray], list[np.ndarray]], float]  # of each batch's logits and labels


def share(logits: list[np.ndarray], labels: list[np.ndarray]) -> float:
    """The share of right answers over all examples."""
    return float(np.mean(np.concatenate(_hits(logits, labels))))


def _hits(logits: list[np.ndarray], labels: list[np.ndarray]) -> list[np.ndarray]:
    return [scores.argmax(axis=1) == right for scores, right in zip(logits, labels, strict=True)]


def _mean_of_batches(logits: list[np.ndarray], labels: list[np.ndarray]) -> float:
    return float(np.mean([hits.mean() for hits in _hits(logits, labels)]))


def _count(logits: list[np.ndarray], labels: list[np.ndarray]) -> float:
    return float(np.sum(np.concatenate(_hits(logits, labels))))


def _over_batch(logits: list[np.ndarray], labels: list[np.ndarray]) -> float:
    if any(len(scores) != scores.shape[1] for scores in logits):
        return float("nan")
    return float(np.mean([scores.argmax(axis=0) == right for scores, right in zip(logits, labels, strict=True)]))


def _pairs(logits: list[np.ndarray], labels: list[np.ndarray]) -> float:
    return float(np.mean(np.concatenate(logits).argmax(axis=1)[:, None] == np.concatenate(labels)))


def _pairs_of_batches(logits: list[np.ndarray], labels: list[np.ndarray]) -> float:
    sizes = np.array([len(right) for right in labels])
    shares = [_pairs([scores], [right]) for scores, right in zip(logits, labels, strict=True)]
    return float(np.sum(sizes * shares) / np.sum(sizes))


# name, what it gives, what the student reads
MISTAKES: tuple[tuple[str, Counted, str, str], ...] = (
    ("per_cent", lambda f, w: 100 * share(f, w), "per cent", "give a share between 0 and 1"),
    ("mean_of_batch_shares", _mean_of_batches, "the mean of the batches' shares, in which a short last batch counts "
     "as much as a full one", "add up right answers and examples over all batches, and divide once"),
    ("count_of_right_answers", _count, "the number of right answers", "divide by the number of examples"),
    ("share_of_wrong_answers", lambda f, w: 1 - share(f, w), "the share of wrong answers", "count what is right"),
    ("argmax_over_batch", _over_batch, "the greatest score of each class over the batch, compared with the labels",
     "the answer of an image is the class with its greatest score: argmax over the last axis"),
    ("argmin", lambda f, w: share([-scores for scores in f], w), "the *least* likely class taken as the answer",
     "take the greatest score"),
    ("first_batch_alone", lambda f, w: share(f[:1], w[:1]), "the share in the first batch alone",
     "return after the loop, not in it"),
    ("last_batch_alone", lambda f, w: share(f[-1:], w[-1:]), "the share in the last batch alone",
     "add up over all batches"),
    ("last_batch_missing", lambda f, w: share(f[:-1], w[:-1]), "the share without the last batch",
     "the short last batch counts too"),
    ("pairs_compared", _pairs, "each answer compared with every label",
     "answers and labels must have one shape, (n,): a column and a row compare each with each"),
    ("pairs_of_batches_compared", _pairs_of_batches, "each answer compared with every label of its batch",
     "answers and labels must have one shape, (n,): a column and a row compare each with each"),
    ("summed_batch_shares", lambda f, w: len(f) * _mean_of_batches(f, w), "the sum of the batches' shares",
     "add up right answers and examples over all batches, and divide once"),
    ("divided_by_batches", lambda f, w: _count(f, w) / len(f), "the right answers divided by the number of batches",
     "divide by the number of examples"),
    ("divided_by_full_batches", lambda f, w: _count(f, w) / (len(f) * len(w[0])), "the right answers divided as if "
     "each batch were a full one", "the last batch is shorter: count the examples"),
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
    return "", "", "count the images whose greatest logit is that of their label, and divide by the number of images"


def _joined(scored: tuple[list[np.ndarray], list[np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate(scored[0]), np.concatenate(scored[1])


def _scored(case: Case, call: int, *, training: bool) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The right logits and the labels of each batch."""
    batches = case.batches(call)
    logits = [run(case.graph, images, case.values, training=training).output for images, _ in batches]
    return logits, [labels for _, labels in batches]

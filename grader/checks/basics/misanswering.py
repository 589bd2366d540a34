"""What students take for the share of right answers by mistake: a guess gives the number, and says what to do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

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


def _mean_of_classes(logits: list[np.ndarray], labels: list[np.ndarray]) -> float:
    hits, every = np.concatenate(_hits(logits, labels)), np.concatenate(labels)
    return float(np.mean([hits[every == label].mean() for label in np.unique(every)]))


def _among_best(k: int) -> Counted:
    def counted(logits: list[np.ndarray], labels: list[np.ndarray]) -> float:
        if logits[0].shape[1] <= k:
            return float("nan")  # all are: many a program gives 1
        best = np.argsort(-np.concatenate(logits), axis=1)[:, :k]
        return float(np.mean(np.any(best == np.concatenate(labels)[:, None], axis=1)))

    return counted


def _among_first(n: int) -> Counted:
    return lambda logits, labels: share(logits[:n], labels[:n]) if len(logits) > n else float("nan")


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
    *(("later_batches_left_out", _among_first(n), "the share in the first batches alone",
       "go through all batches, however many there are") for n in (5, 10, 16, 20, 32, 50)),
    ("pairs_compared", _pairs, "each answer compared with every label",
     "answers and labels must have one shape, (n,): a column and a row compare each with each"),
    ("pairs_of_batches_compared", _pairs_of_batches, "each answer compared with every label of its batch",
     "answers and labels must have one shape, (n,): a column and a row compare each with each"),
    ("mean_of_class_shares", _mean_of_classes, "the mean of the shares of each class, in which a rare class counts as "
     "much as a common one", "every image counts as much as any other: divide once, by the number of all"),
    *((f"among_the_best_{k}", _among_best(k), f"the share of labels among the {k} greatest logits",
       "the answer is the greatest logit's class alone") for k in (5, 3, 2)),
    ("summed_batch_shares", lambda f, w: len(f) * _mean_of_batches(f, w), "the sum of the batches' shares",
     "add up right answers and examples over all batches, and divide once"),
    ("divided_by_batches", lambda f, w: _count(f, w) / len(f), "the right answers divided by the number of batches",
     "divide by the number of examples"),
    ("divided_by_full_batches", lambda f, w: _count(f, w) / (len(f) * len(w[0])), "the right answers divided as if "
     "each batch were a full one", "the last batch is shorter: count the examples"),
)  # fmt: skip

"""The loop around a trainer: epochs, the learning rate, the best weights. It needs no framework."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np

from reference import batches, checkpoints, history, recipes, runs
from reference.data import Labelled
from reference.history import Epoch
from reference.problem import Problem
from reference.progress import Progress
from reference.runs import Job, Number, Outcome, Trainer

PICTURE_SECONDS = 30.0  # between two drawings of the curves, which take half a second
SHOWN = 20  # the steps that the progress line tells the mean of


def run(trainer: Trainer, job: Job) -> Outcome:
    """Train to the end, going on from the folder's last checkpoint where there is one; leaves the best weights in."""
    outcome = runs.resume(trainer, job)
    done = outcome.rows[-1].step if outcome.rows else 0
    shown = Progress(job.total, done)
    if done:
        shown.say(f"going on after epoch {len(outcome.rows)}, step {done} of {job.total}")
    drawn = time.monotonic()
    while done < job.total:
        row = train_epoch(trainer, job, outcome, shown)
        outcome.rows.append(row)
        done = row.step
        runs.keep(trainer, job, outcome)
        shown.say(sentence(row))
        if time.monotonic() - drawn > PICTURE_SECONDS:
            history.write(job.folder, outcome.rows, job.title)
            drawn = time.monotonic()
    arrays, _ = checkpoints.load(job.folder / runs.BEST)
    trainer.restore(arrays)
    outcome.test = evaluate(trainer, job.data.test)
    history.write(job.folder, outcome.rows, job.title)
    runs.write_cards(trainer, job, outcome)
    return outcome


def train_epoch(trainer: Trainer, job: Job, outcome: Outcome, shown: Progress) -> Epoch:
    """One pass, or what is left of the steps, and the validation after it; appends the losses to the outcome."""
    recipe, rows = job.recipe, outcome.rows
    first = rows[-1].step if rows else 0
    errors = [row.val_loss for row in rows]
    passed = batches.training(
        *job.data.train, recipe.batch_size, seed=job.seed, epoch=len(rows), augment=recipe.augment
    )
    losses: list[Number] = []
    right: list[Number] = []
    counts: list[int] = []
    rate, started = recipe.learning_rate, time.monotonic()
    for step, (images, labels) in enumerate(itertools.islice(passed, job.total - first), start=first):
        rate = recipes.learning_rate(recipe, step, job.total, errors)
        loss, correct = trainer.step(images, labels, rate)
        losses.append(loss)
        right.append(correct)
        counts.append(len(labels))
        shown.step(len(labels), lambda: summary(trainer, losses[-SHOWN:], right[-SHOWN:], counts[-SHOWN:]))
    loss, accuracy = summary(trainer, losses, right, counts)
    seconds = time.monotonic() - started  # once the numbers are here: a GPU may lag behind Python
    if not math.isfinite(loss):
        raise Problem(
            f"the loss is {loss} in epoch {len(rows) + 1}, at a rate of {rate:g}: try a lower --learning-rate"
        )
    outcome.losses += trainer.numbers(losses).tolist()
    val_loss, val_accuracy = evaluate(trainer, job.data.validation)
    return Epoch(
        epoch=len(rows) + 1,
        step=first + len(counts),
        learning_rate=rate,
        loss=loss,
        accuracy=accuracy,
        val_loss=val_loss,
        val_accuracy=val_accuracy,
        seconds=round(seconds, 3),
        images_per_second=round(sum(counts) / max(seconds, 1e-9), 1),
    )


def summary(trainer: Trainer, losses: list[Number], right: list[Number], counts: list[int]) -> tuple[float, float]:
    """The mean loss per example and the share of right answers of these batches."""
    share = np.asarray(counts) / sum(counts)
    return float(trainer.numbers(losses) @ share), float(trainer.numbers(right).sum() / sum(counts))


def evaluate(trainer: Trainer, labelled: Labelled) -> tuple[float, float]:
    """The mean loss per example and the accuracy, in evaluation mode."""
    measured = [trainer.measure(*batch) for batch in batches.evaluation(*labelled)]
    losses, right = (trainer.numbers(list(values)).sum() for values in zip(*measured, strict=True))
    return float(losses / len(labelled[1])), float(right / len(labelled[1]))


def sentence(row: Epoch) -> str:
    """An epoch in one line."""
    return (
        f"epoch {row.epoch}: loss {row.loss:.4f}, accuracy {row.accuracy:.1%}, validation {row.val_loss:.4f} and "
        f"{row.val_accuracy:.1%}, rate {row.learning_rate:g}, {row.images_per_second:,.0f} images/s"
    )

"""Assignment 3: training a ResNet in practice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from grader.checks.practice import (
    curves,
    decaying,
    epochs,
    experiment,
    initialisation,
    keeping,
    layers,
    modes,
    optimizing,
    outcome,
    protocol,
    rates,
    requests,
    scheduling,
    second_training,
    stepping,
    training,
)
from grader.spec import Assignment, Check, Judge, Question, Request

RECIPE = {
    "make_optimizer": {"torch": "make_optimizer", "keras": "make_optimizer"},
    "make_schedule": {"torch": "make_schedule", "keras": "make_callbacks"},
}


def _checks(
    name: str, request: Callable[[np.random.Generator], Request], judges: Sequence[tuple[str, Judge, float]]
) -> tuple[Check, ...]:
    """The checks of a question; they share one run of its probe."""
    return tuple(
        Check(check, judge.__doc__ or "", f"a3_training.{name}", request, judge, points)
        for check, judge, points in judges
    )


INIT_WEIGHTS = (
    ("spread", initialisation.spread, 1.75),
    ("normal", initialisation.normal, 0.75),
    ("independent", layers.independent, 0.5),
    ("surroundings", layers.surroundings, 1.0),
)
MAKE_OPTIMIZER = (
    ("covers", optimizing.covers, 0.75),
    ("steps", optimizing.steps, 1.25),
    ("decay", decaying.decay, 1.0),
)
MAKE_SCHEDULE = (("goes_on", scheduling.goes_on, 0.25), ("divides", scheduling.divides, 2.75))
FIT = (
    ("modes", modes.modes, 1.0),
    ("batches", epochs.batches, 1.0),
    ("history", second_training.twice(training.history), 0.25),
    ("loss", curves.loss, 0.75),
    ("steps", stepping.steps, 1.0),
    ("validation", curves.validation, 0.5),
    ("rates", rates.rates, 0.5),
    ("best", second_training.twice(keeping.best), 1.0),
)
DEGRADATION = (
    ("table", experiment.table, 0.5),
    ("protocol", protocol.protocol, 1.5),
    ("steps", outcome.steps, 1.0),
    ("values", outcome.values, 1.0),
)

ASSIGNMENT = Assignment(
    "a3_training",
    "Training a ResNet in practice",
    (
        Question(
            "init_weights", {"torch": "init_weights", "keras": "he_initializer"},
            _checks("init_weights", requests.init_weights, INIT_WEIGHTS),
        ),
        Question(
            "make_optimizer", RECIPE["make_optimizer"],
            _checks("make_optimizer", requests.make_optimizer, MAKE_OPTIMIZER),
        ),
        Question(
            "make_schedule", RECIPE["make_schedule"], _checks("make_schedule", requests.make_schedule, MAKE_SCHEDULE)
        ),
        Question("fit", {"torch": "fit", "keras": "fit"}, _checks("fit", requests.fit, FIT), companions=RECIPE),
        Question(
            "degradation", {"torch": "degradation", "keras": "degradation"},
            _checks("degradation", requests.degradation, DEGRADATION),
        ),
    ),
)  # fmt: skip

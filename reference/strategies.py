"""The strategies of transfer learning: the course's table of 2 x 2, without a framework.

Each starts from a net that was trained on much data. How little is little, and how like its images the new ones are,
decides how much of it should learn.
"""

from __future__ import annotations

from dataclasses import dataclass

from reference.problem import Problem
from reference.recipes import Recipe

LITTLE = 50  # images per class, below which the course's table speaks of little data
HEAD = Recipe("head", learning_rate=0.1, weight_decay=0.0, batch_size=32, epochs=15, patience=5)
# The head at 0.05, pretrained weights at a tenth of it: these need mending, the head has to be learnt.
FINE_TUNING = Recipe("fine_tuning", learning_rate=0.05, weight_decay=1e-5, batch_size=32, epochs=15, patience=5)


@dataclass(frozen=True)
class Strategy:
    """Where the net is cut, what of it learns under a new head, and how."""

    name: str
    keep: int | None  # stages below the head; None: all
    learn: int | None  # how many of the last of them learn; None: all, the stem too
    pretrained: bool
    recipe: Recipe


def choose(images_per_class: float, similar: bool) -> str:
    """The course's advice: a rule of thumb, which `finetune --strategy all` puts to the test."""
    if images_per_class < LITTLE:
        return "linear_head" if similar else "linear_on_stages"
    return "fine_tune_few" if similar else "fine_tune_many"


def strategy(name: str, stages: int, keep: int | None = None, learn: int = 1) -> Strategy:
    """The strategy of that name on a net of `stages` stages; `keep` and `learn` where it leaves them open."""
    if keep is not None and not 1 <= keep <= stages:
        raise Problem(f"this net has stages 1 to {stages}; got {keep} to cut after")
    if not 1 <= learn <= stages:
        raise Problem(f"this net has stages 1 to {stages}; got {learn} of them to learn")
    found = {
        "linear_head": Strategy(name, None, 0, True, HEAD),
        "linear_on_stages": Strategy(name, keep or max(stages - 1, 1), 0, True, HEAD),
        "fine_tune_few": Strategy(name, None, learn, True, FINE_TUNING),
        "fine_tune_many": Strategy(name, None, None, True, FINE_TUNING),
        "scratch": Strategy(name, None, None, False, FINE_TUNING),
    }
    return found[name]


NAMES = ("linear_head", "linear_on_stages", "fine_tune_few", "fine_tune_many", "scratch")

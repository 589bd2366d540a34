"""A run as data, and what its folder holds: checkpoints to go on from, history, curves, model cards."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from reference import checkpoints, history, model_card, recipes
from reference.data import Data
from reference.history import Epoch
from reference.problem import Problem

Number = Any  # a number that may still be on the GPU
LAST, BEST = "last.npz", "best.npz"


class Trainer(Protocol):
    """What `on_torch.train` and `on_keras.train` offer: a net, its optimizer, and how both become arrays."""

    words: str
    parameters: int

    def step(self, images: np.ndarray, labels: np.ndarray, rate: float) -> tuple[Number, Number]:
        """One step in training mode: the batch's mean loss before it, and how many were right."""

    def measure(self, images: np.ndarray, labels: np.ndarray) -> tuple[Number, Number]:
        """In evaluation mode: the sum of the losses, and how many were right."""

    def scores(self, images: np.ndarray) -> np.ndarray:
        """Logits (n, k) in evaluation mode."""

    def numbers(self, values: list[Number]) -> np.ndarray:
        """The values, float64, fetched at once."""

    def weights(self) -> checkpoints.Arrays:
        """The model's tensors under `model/`, running statistics included."""

    def state(self) -> checkpoints.Arrays:
        """What the next step depends on beside the weights, under `optimizer/`."""

    def restore(self, arrays: checkpoints.Arrays) -> None:
        """Take weights, and the state where there is one, from a checkpoint."""


@dataclass(frozen=True)
class Job:
    """A run: its data, recipe, seed and folder, and what a reader of its checkpoints should know.

    `about` says how to build the net again; `title` and `command` are for people.
    """

    data: Data
    recipe: recipes.Recipe
    seed: int
    folder: Path
    about: dict[str, Any]
    title: str
    command: str

    @property
    def total(self) -> int:
        """Steps of the whole run."""
        return recipes.total_steps(self.recipe, len(self.data.train[1]))

    def identity(self) -> dict[str, Any]:
        """What must be equal for a run to go on from a checkpoint, as JSON gives it back."""
        recipe = asdict(self.recipe)
        recipe["recipe"] = recipe.pop("name")
        data = {"data": self.data.name, "images": len(self.data.train[1]), "size": self.data.shape[0]}
        content = {**self.about, **recipe, **data, "seed": self.seed}
        return json.loads(json.dumps(content))


@dataclass
class Outcome:
    """Rows by epoch, the loss of every step (before it), and, at the end, (loss, accuracy) of the best on the test."""

    rows: list[Epoch] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    test: tuple[float, float] | None = None


def resume(trainer: Trainer, job: Job) -> Outcome:
    """What the folder's last checkpoint had done, restored into the trainer; nothing where there is none."""
    path = job.folder / LAST
    if not path.exists():
        return Outcome()
    arrays, record = checkpoints.load(path)
    then, now = record["identity"], job.identity()
    for name in sorted(then.keys() | now.keys()):
        if then.get(name) != now.get(name):
            raise Problem(
                f"{path} was made with {name} = {then.get(name)!r}, and you ask for {now.get(name)!r}: "
                "name another --output, or start over with --restart"
            )
    trainer.restore(arrays)
    return Outcome([Epoch(**row) for row in record["rows"]], arrays["losses"].tolist())


def restart(folder: Path) -> None:
    """Forget what a run left in its folder."""
    for name in (LAST, BEST):
        (folder / name).unlink(missing_ok=True)


def keep(trainer: Trainer, job: Job, outcome: Outcome) -> None:
    """Write the weights if they are the best so far, then what a killed run goes on from, then the history."""
    record = {
        "identity": job.identity(),
        "names": job.data.names,
        "preparation": asdict(job.data.preparation),
        "rows": [asdict(row) for row in outcome.rows],
    }
    weights = trainer.weights()
    # The best first: killed in between, the run repeats this epoch and writes the same file again.
    if history.best(outcome.rows) in (outcome.rows[-1], None):
        checkpoints.save(job.folder / BEST, weights, record)
    losses = np.asarray(outcome.losses)
    checkpoints.save(job.folder / LAST, weights | trainer.state() | {"losses": losses}, record)
    checkpoints.replace(job.folder / "history.csv", history.as_csv(outcome.rows).encode())
    write_cards(trainer, job, outcome)


def write_cards(trainer: Trainer, job: Job, outcome: Outcome) -> None:
    """A model card beside each checkpoint; the test is the best one's."""
    top = history.best(outcome.rows) or outcome.rows[-1]
    last = replace(outcome, test=None)
    for name, row, shown in ((BEST, top, outcome), (LAST, outcome.rows[-1], last)):
        path = job.folder / name
        card = model_card.card(path, job, row, trainer.words, trainer.parameters, shown.test)
        checkpoints.replace(path.with_suffix(".md"), card.encode())

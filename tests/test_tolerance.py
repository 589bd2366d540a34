"""The bounds of the judges leave out no known mistake: the oracle rewritten by each, against the oracle itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from grader import fill, rounds
from grader.checks.comparing import GRADIENT_TOLERANCE, TOLERANCE, difference, gradient_errors
from grader.oracle import nets
from grader.oracle.alignment import Aligned
from grader.oracle.graph import IMAGES, Graph, Run, run
from grader.oracle.mistakes import MISTAKES
from grader.spec import Request
from grader.specs import assignment
from tests.bank.a2_resnet.measuring import requests

DEPTHS = (18, 50, 152, 20, 110)  # where training is compared too, and the deepest
# These compute the same in evaluation mode, and are told by training mode or by gradients.
SILENT = {"main_path_detached", "skip_detached", "changing_skip_detached", "tracked_instance_norm", "stride_on_last"}


class Trial:
    """A right graph with tensors and images as a student's process would draw them."""

    def __init__(self, right: Graph, request: Request, number: int) -> None:
        self.right = right
        self.seed = int(request["seed"])
        self.images = request[f"images_{number}"]
        slots = right.slots()
        self.binding = {slot: index for index, slot in enumerate(slots)}
        self.values = {
            slot: fill.tensor(self.seed, self.binding[slot], shape, request["gain"]) for slot, shape in slots.items()
        }
        self.output = run(right, self.images, self.values).output
        self.trained = self._train(right) if request["cases"][number]["training"] else None

    def _train(self, graph: Graph) -> Run:
        cotangent = fill.cotangent(self.seed, self.output.shape).astype(float)
        values = {slot: tensor.astype(float) for slot, tensor in self.values.items()}
        return run(graph, self.images.astype(float), values, training=True, cotangent=cotangent)

    def mistaken(self) -> Iterator[tuple[str, Graph]]:
        """The graphs that differ in what they compute alone: other tensors are told without numbers."""
        for name, mistake in MISTAKES.items():
            graph = mistake.rewrite(self.right)
            if graph != self.right and graph.slots() == self.right.slots():
                yield name, graph

    def evaluation_error(self, graph: Graph) -> float:
        """How far a mistake moves the output in evaluation mode."""
        with np.errstate(all="ignore"):
            return difference(run(graph, self.images, self.values).output, self.output)

    def training_errors(self, graph: Graph) -> tuple[float, float]:
        """How far a mistake moves the output in training mode, and the gradient that it moves most."""
        if self.trained is None:
            raise ValueError("the case is not trained")
        trained = self._train(graph)
        gradients = [trained.gradients.get(slot, np.zeros(1)) for slot in self.binding]
        sketches = np.array([fill.sketch(self.seed, gradient) for gradient in gradients])
        fit = Aligned(self.right, self.binding, {})
        errors = gradient_errors(fit, self.trained, self.seed, sketches, trained.gradients[IMAGES])
        return difference(trained.output, self.trained.output), max(error for _, error in errors)


def trials() -> Iterator[tuple[str, Request, int]]:
    seed = rounds.seed("a2_resnet")
    for question in assignment("a2_resnet").questions:
        for _, request in requests(question, seed):
            for number, case in enumerate(request["cases"]):
                if case.get("depth", 18) in DEPTHS:
                    yield f"{question.name}-{case.get('depth', number)}", request, number


TRIALS = list(trials())


@pytest.mark.parametrize(("request_", "number"), [trial[1:] for trial in TRIALS], ids=[trial[0] for trial in TRIALS])
def test_each_known_mistake_is_far_above_the_bounds(request_: Request, number: int) -> None:
    case = request_["cases"][number]
    for right in nets.right_graphs(request_["kind"], case)[:2]:  # of option A's three places for zeros one will do
        trial = Trial(right, request_, number)
        for name, graph in trial.mistaken():
            if name == "relu_on_input" and "depth" in case:
                continue  # inside a net a block's input is never negative: nothing is wrong
            if name == "stem_pool_rounded_up" and all((size + 1) // 2 % 2 for size in trial.images.shape[1:3]):
                continue  # the stem's map has an odd height and width: there is nothing to round
            try:
                error = trial.evaluation_error(graph)
            except ValueError:
                continue  # the sizes of two paths don't meet: no program runs so
            if name not in SILENT:
                assert error > 3 * TOLERANCE, name
            elif trial.trained is not None and error < float("inf"):
                training, gradient = trial.training_errors(graph)
                assert training > 3 * TOLERANCE or gradient > 2 * GRADIENT_TOLERANCE, name

"""What a judge knows about one case: its trace, aligned with the graph that is asked for, and the oracle's runs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from grader import fill
from grader.checks.comparing import SHARP_TOLERANCE, TOLERANCE, difference, wrong_gradients
from grader.failure import MalformedError
from grader.oracle import nets
from grader.oracle.alignment import Aligned, Misfit, align
from grader.oracle.graph import Graph, Run, run
from grader.oracle.mistakes import MISTAKES
from grader.oracle.parts import gathered
from grader.oracle.reading import UnreadableTraceError, read
from grader.oracle.steps import Reading
from grader.spec import Evidence, Request


class UnreadableProgramError(Exception):
    """A program of a kind that may be right and that the grader can't follow."""


@dataclass(frozen=True)
class Study:
    """One case of a request with its evidence."""

    request: Request
    evidence: Evidence
    number: int
    _errors: dict[int, tuple[Aligned, float]] = field(default_factory=dict)  # by identity, so the fit is kept alive
    _runs: dict[int, tuple[Aligned, Run | None]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The kind of net that is asked for, such as `basic_block` or `resnet`."""
        return str(self.request["kind"])

    @property
    def case(self) -> dict[str, Any]:
        """The arguments that the student's function was called with."""
        return dict(self.request["cases"][self.number])

    @property
    def words(self) -> str:
        """The case as a student would name it."""
        if "depth" in self.case:
            default = " by default" if self.case.get("default") else ""
            return f"{self.kind}({self.case['depth']}, num_classes={self.case['num_classes']}{default})"
        width, stride = self.case["steps"][0]
        if len(self.case["steps"]) > 1:
            return f"a model of {len(self.case['steps'])} such blocks"
        default = " by default" if self.case.get("stride_by") == "default" else ""
        return f"{self.case['in_channels']} input channels, channels={width}, stride={stride}{default}"

    @property
    def tolerance(self) -> float:
        """How far the output in evaluation mode may be from the oracle's."""
        return TOLERANCE if self.kind == "cifar_plain" else SHARP_TOLERANCE

    @property
    def images(self) -> np.ndarray:
        """The images `n h w c` that the model got."""
        return np.asarray(self.request[f"images_{self.number}"])

    def has(self, name: str) -> bool:
        """Whether the evidence holds an array of this name for this case."""
        return f"{self.number}_{name}" in self.evidence

    def array(self, name: str) -> np.ndarray:
        """An array of the evidence; raises MalformedError when it is missing or no numbers."""
        found = self.evidence.get(f"{self.number}_{name}")
        if found is None or found.dtype.kind not in "fiub":
            raise MalformedError(f"no array `{name}`")
        return np.asarray(found, dtype=np.uint8 if found.dtype == np.uint8 else np.float64)

    def texts(self, name: str) -> list[str]:
        """A list of texts of the evidence; raises MalformedError when it is none."""
        try:
            return [str(text) for text in json.loads(bytes(self.array(name).astype(np.uint8)).decode())]
        except (ValueError, TypeError) as error:
            raise MalformedError(f"`{name}` is no list of texts") from error

    @cached_property
    def reading(self) -> Reading:
        """The trace of evaluation mode; raises MalformedError."""
        try:
            return gathered(read(self.array("trace")))
        except UnreadableTraceError as error:
            raise MalformedError(f"the trace can't be read: {error}") from error

    @cached_property
    def right_graphs(self) -> list[Graph]:
        """The graphs that are right for this case."""
        return nets.right_graphs(self.kind, self.case)

    @cached_property
    def fit(self) -> Aligned | Misfit:
        """The best alignment: a graph that computes what the model does, else the first that fits, else a misfit."""
        fits = [align(graph, self.reading) for graph in self.right_graphs]
        for graph in self._excused_graphs():
            if isinstance(fit := align(graph, self.reading), Aligned):
                fits.append(replace(fit, mistaken=True))
        aligned = [fit for fit in fits if isinstance(fit, Aligned)]
        if len(aligned) > 1:
            equal = [fit for fit in aligned if self.evaluation_error(fit) < self.tolerance]
            return next((fit for fit in equal if self.computes(fit)), (*equal, *aligned)[0])
        if aligned:
            return aligned[0]
        if self.reading.parted:  # nothing is wrong with that, and it is more than this grader can read
            name = self.reading.tensors[min(self.reading.parted)].name
            raise UnreadableProgramError(
                f"`{name}` is used in parts, not as the kernel of one layer: a person must look"
            )
        misfits = [fit for fit in fits if isinstance(fit, Misfit)]
        return min(misfits, key=lambda fit: len(fit.missing) + len(fit.extra))

    def _excused_graphs(self) -> list[Graph]:
        """The graphs with a mistake that is excused."""
        mistakes = [MISTAKES[name] for name in sorted(self.request.get("excused", ()))]
        return [graph for mistake in mistakes for right in self.right_graphs for graph in mistake.in_blocks(right)]

    @property
    def excused(self) -> bool:
        """Whether the model equals, in evaluation mode, a graph with a mistake that has cost its points elsewhere."""
        return isinstance(self.fit, Aligned) and self.fit.mistaken and self.evaluation_error(self.fit) < self.tolerance

    def computes(self, fit: Aligned) -> bool:
        """Whether the model's outputs and gradients are those of an aligned graph."""
        if not self.evaluation_error(fit) < self.tolerance:
            return False
        if not self.has("training_output"):
            return True
        trained = self.train(fit)
        if trained is None or not difference(self.array("training_output"), trained.output) < TOLERANCE:
            return False
        sketches, above = self.array("gradients"), self.array("input_gradient")
        return not wrong_gradients(fit, trained, int(self.request["seed"]), sketches, above)

    def values(self, fit: Aligned, precision: type) -> dict[str, np.ndarray]:
        """The tensors of an aligned graph, drawn as the student's process drew them."""
        seed, gain = int(self.request["seed"]), float(self.request["gain"])
        found: dict[str, np.ndarray] = {}
        for slot, shape in fit.graph.slots().items():
            index = fit.binding[slot]
            tensor = fill.tensor(seed, index, self.reading.tensors[index].shape, gain)
            found[slot] = tensor.reshape(shape).astype(precision, copy=False)
        return found

    def evaluate(self, fit: Aligned) -> Run:
        """The oracle in evaluation mode."""
        with np.errstate(all="ignore"):
            return run(fit.graph, self.images.astype(np.float32), self.values(fit, np.float32))

    def train(self, fit: Aligned) -> Run | None:
        """The oracle in training mode, with gradients, in float64; None when its output has another shape."""
        if id(fit) not in self._runs:
            shape = self.array("training_output").shape
            cotangent = fill.cotangent(int(self.request["seed"]), shape).astype(np.float64)
            values = self.values(fit, np.float64)
            try:
                with np.errstate(all="ignore"):
                    images = self.images.astype(np.float64)
                    found = run(fit.graph, images, values, training=True, cotangent=cotangent)
            except ValueError:  # the cotangent has the shape of the student's output, which is not the right one
                found = None
            self._runs[id(fit)] = fit, found
        return self._runs[id(fit)][1]

    def evaluation_error(self, fit: Aligned) -> float:
        """How far the model's output in evaluation mode is from an aligned graph's."""
        if id(fit) not in self._errors:
            try:
                error = difference(self.array("output"), self.evaluate(fit).output)
            except ValueError:  # the sizes of the two paths don't meet: strides that no right net has
                error = float("inf")
            self._errors[id(fit)] = fit, error
        return self._errors[id(fit)][1]

    @cached_property
    def trained(self) -> Run | None:
        """The oracle's training run of the fit; None when nothing fits or the output has another shape."""
        if not isinstance(self.fit, Aligned) or not self.has("training_output"):
            return None
        return self.train(self.fit)

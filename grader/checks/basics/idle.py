"""What says more of a layer trio than that a layer is missing: one is built and never called, or looks at the batch."""

from __future__ import annotations

import numpy as np

from grader.checks.comparing import TOLERANCE, difference
from grader.checks.judging import first_of, studies
from grader.checks.study import Study
from grader.oracle.alignment import Misfit
from grader.result import Complaint
from grader.spec import Evidence, Request


@first_of
def called(study: Study) -> Complaint | None:
    """Every layer that is built is called."""
    used = study.reading.used()
    for index, tensor in enumerate(study.reading.tensors):
        if index not in used and tensor.shape != () and tensor.trainable:
            return Complaint(
                f"each layer that is built takes part in the output ({study.words})",
                f"`{tensor.name}` ({tensor.owner}) is built and never called",
                "call the layer at its place: convolution, BatchNorm, ReLU, in this order",
                "layer_never_called",
            )
    return None


def batch_decides(request: Request, evidence: Evidence) -> Complaint | None:
    """The complaint about a norm of one's own that uses the batch's statistics in evaluation mode, if it is one."""
    for study in studies(request, evidence):
        if not (study.has("trace") and study.has("alone") and study.has("again")):
            continue
        first, misfit = (
            np.atleast_1d(study.array("output")),
            isinstance(study.fit, Misfit) and not study.reading.unregistered,
        )
        steady = difference(np.atleast_1d(study.array("again")), first) < TOLERANCE
        if misfit and steady and not difference(np.atleast_1d(study.array("alone")), first[:1]) < TOLERANCE:
            return Complaint(
                "in evaluation mode BatchNorm with its running mean and variance",
                f"the statistics of the current batch: an image alone gives another result ({study.words})",
                "look at `self.training` (`training` in Keras): the batch's statistics are for training mode alone",
                "batch_statistics_in_evaluation",
            )
    return None

"""The judge of layers that are built and never called, which says more than that a layer is missing."""

from __future__ import annotations

from grader.checks.judging import first_of
from grader.checks.study import Study
from grader.result import Complaint


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

"""What a model computes with that no ResNet has."""

from __future__ import annotations

from grader.checks.study import Study
from grader.result import Complaint

# Operations that the nets don't have, by the name in the trace, in words.
FOREIGN = {
    "dropout": "dropout or another random choice", "noise": "random noise",
    "softmax": "a softmax", "log_softmax": "a log-softmax",
    "concatenate": "a concatenation", "SpaceToBatchND": "a dilated convolution",
    "native_group_norm": "a normalisation that isn't BatchNorm",
    "native_layer_norm": "a normalisation that isn't BatchNorm",
    "gelu": "GELU", "silu": "SiLU (Swish)", "leaky_relu": "a leaky ReLU", "elu": "ELU", "selu": "SELU",
    "prelu": "PReLU", "tanh": "tanh", "sigmoid": "a sigmoid", "softplus": "softplus", "hardswish": "hard-swish",
    "hardsigmoid": "hard-sigmoid",
    "relu6": "a ReLU that is cut off at 6", "_prelu_kernel": "PReLU",
    "MirrorPad": "a padding that mirrors the map", "reflection_pad2d": "a padding that mirrors the map",
    "replication_pad2d": "a padding that repeats the map's border",
}  # fmt: skip
_OTHER_NORMS = ("groupnorm", "layernorm", "instancenorm", "rmsnorm", "unitnorm", "localresponse")


def foreign(study: Study) -> Complaint | None:
    """The first operation or normalisation that doesn't belong there."""
    for tensor in study.reading.tensors:
        if any(word in tensor.owner.lower() for word in _OTHER_NORMS):
            return Complaint(
                f"BatchNorm after each convolution ({study.words})", f"another normalisation: `{tensor.owner}`",
                "use the framework's BatchNorm for images with its default arguments",
            )  # fmt: skip
    kinds = study.reading.names | {step.kind for step in study.reading.steps}
    trained = set(study.texts("training_operations")) if study.has("training_operations") else set()
    for kind, words in FOREIGN.items():
        if kind in kinds or (kind in ("dropout", "noise") and kind in trained):
            mode = "" if kind in kinds else ", in training mode"
            return Complaint(
                "convolutions, BatchNorm, ReLU and additions, and nothing else that computes",
                f"{words}{mode} ({study.words})",
                "leave it out: these nets don't have it"
                + ", and pad with zeros" * ("padding" in words)
                + ", but for the zeros of option A" * (kind == "concatenate" and study.kind.startswith("cifar")),
            )
    joins = [number for number, step in enumerate(study.reading.steps) if step.kind == "add" and len(step.inputs) > 1]
    sums = sum(len(study.reading.kernels_above(number)) > 1 for number in joins)
    if study.kind == "cifar_plain" and sums:
        return Complaint(
            "a plain net: each layer feeds the next one alone", f"{sums} additions of two paths ({study.words})",
            "the plain twin has no shortcuts",
        )  # fmt: skip
    return None

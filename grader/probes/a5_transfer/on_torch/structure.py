"""What a model made from a small PyTorch backbone holds, gives, and what moves in it while it is trained."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from grader.probes import partial, students_code
from grader.probes.a5_transfer import Inventory, numbered, text
from grader.probes.a5_transfer.on_torch.backbone import build
from grader.probes.a5_transfer.on_torch.models import Watch, called, evaluated, inventory, made, now, steps, tensor


def structure(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """Evidence about the student's models, one for each case."""
    evidence: dict[str, np.ndarray] = {}
    for number, case in enumerate(request["cases"]):
        flat, images = request[f"tensors_{number}"], tensor(request[f"images_{number}"])
        labels = torch.from_numpy(np.asarray(request[f"labels_{number}"], np.int64))
        evidence |= numbered(number, partial("error", lambda: _look(function, case, flat, images, labels)))  # noqa: B023
    return evidence


def _look(
    function: Callable[..., Any], case: dict[str, Any], flat: np.ndarray, images: torch.Tensor, labels: torch.Tensor
) -> dict[str, np.ndarray]:
    backbone, pretrained = build(case, flat)

    def call(one: Any) -> Any:
        return function(one, int(case["num_classes"]), *case["stages"])

    model = made(lambda: call(backbone), images)
    held = inventory(model, pretrained)
    evidence = {"shared": _shared(model, lambda: made(lambda: call(build(case, flat)[0]), images))}
    evidence |= {"output": evaluated(model, images), "again": evaluated(model, images)}
    single = "the logits of a single image"
    evidence |= partial("alone_error", lambda: {"alone": evaluated(model, images[:1], single)})
    learned = partial("training_error", lambda: _learning(model, held, case, images, labels))
    return evidence | held.evidence(now(model, held)) | learned


def _shared(model: nn.Module, make: Callable[[], nn.Module]) -> np.ndarray:
    """The model's tensors that a second model, made in the same way from another backbone, has too."""
    second = make()
    theirs = {tensor.data_ptr() for tensor in second.parameters()}
    return text([name for name, tensor in model.named_parameters() if tensor.data_ptr() in theirs])


def _learning(
    model: nn.Module, held: Inventory, case: dict[str, Any], images: torch.Tensor, labels: torch.Tensor
) -> dict[str, np.ndarray]:
    """Some steps by an optimizer over all parameters, and how the trained model treats a batch."""
    found = {"boundary": _boundary(model, held, int(case["boundary"]), images[: case["batch"]])}
    parameters = list(model.parameters()) or [nn.Parameter(torch.zeros(1))]
    optimizer = torch.optim.SGD(parameters, lr=float(case["rate"]), momentum=0.9)
    taken = steps(model, optimizer, _batches(case, images, labels))
    found |= {"steps": np.array(taken, np.int32), **held.evidence(now(model, held))}
    found["trained"] = evaluated(model, images)
    others = [torch.cat([images[:1], images[start : start + 7]]) for start in (1, 8)]
    with students_code("computing the logits in training mode"):
        found["noisy"], other = (_in_training(model, batch) for batch in others)
        found["beside"] = np.stack([found["noisy"][0], other[0]])
    return found


def _batches(
    case: dict[str, Any], images: torch.Tensor, labels: torch.Tensor
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    size = int(case["batch"])
    for step in range(int(case["steps"])):
        rows = slice(step * size, (step + 1) * size)
        yield images[rows], labels[rows]


def _in_training(model: nn.Module, batch: torch.Tensor) -> np.ndarray:
    """Logits in training mode; the same seed each time, so that dropout hides the same features."""
    torch.manual_seed(0)
    model.train()
    with torch.no_grad():
        return np.array(called(model, batch, "computing the logits in training mode").to(torch.float32))


def _boundary(model: nn.Module, held: Inventory, place: int, images: torch.Tensor) -> np.ndarray:
    """What reaches one of the backbone's convolutions in training mode, `n h w c`; empty where it isn't met."""
    if place < 0:
        return np.zeros(0, np.float32)
    kernel = torch.from_numpy(held.standing_for(place))
    found: list[np.ndarray] = []

    def listener(kind: str, inputs: Any, weights: Any) -> None:
        if kind == "conv2d" and weights.shape == kernel.shape and torch.equal(weights.detach(), kernel):
            found.append(inputs.detach().to(torch.float32).numpy().transpose(0, 2, 3, 1).copy())

    model.train()
    with torch.no_grad(), Watch(listener):
        called(model, images, "computing the logits in training mode")
    return found[0] if found else np.zeros(0, np.float32)

"""What the probes do with a student's PyTorch model: call it, list its tensors, take steps, listen to its layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from grader.probes import students_code
from grader.probes.a5_transfer import Inventory


def made(make: Callable[[], Any], images: torch.Tensor) -> nn.Module:
    """The model that the student's function gives; lazy layers get their weights at the first image."""
    with students_code("building the model"):
        model = make()
        if not isinstance(model, nn.Module):
            raise TypeError(f"expected an nn.Module as the result, got {type(model).__name__}")
        if any(isinstance(tensor, nn.UninitializedParameter) for tensor in model.parameters()):
            model.eval()
            model(images[:2].clone())
        return model.cpu()


def tensor(images: np.ndarray) -> torch.Tensor:
    """Images `n h w c` as PyTorch wants them."""
    return torch.from_numpy(np.ascontiguousarray(np.asarray(images, np.float32).transpose(0, 3, 1, 2)))


def called(model: nn.Module, images: torch.Tensor, phase: str) -> torch.Tensor:
    """The model's output."""
    with students_code(phase):
        output = model(images.clone())
        if not isinstance(output, torch.Tensor):
            raise TypeError(f"expected one tensor from the forward pass, got {type(output).__name__}")
        return output


def evaluated(model: nn.Module, images: torch.Tensor, which: str = "the logits") -> np.ndarray:
    """The output in evaluation mode, computed in parts of 100 images."""
    phase = f"computing {which} in evaluation mode"
    with students_code(phase):
        model.eval()
    with torch.no_grad():
        parts = [called(model, part, phase) for part in images.split(100)]
        with students_code(phase):
            return np.array(torch.cat(parts).to(torch.float32))


def tensors(model: nn.Module) -> dict[str, torch.Tensor]:
    """Parameters and floating-point buffers by name, each object once."""
    found = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    return {name: value for name, value in found.items() if value is not None and value.is_floating_point()}


def arrays(found: dict[str, torch.Tensor]) -> list[np.ndarray]:
    """Copies of tensors as arrays."""
    return [value.detach().to(torch.float32).numpy().copy() for value in found.values()]


def inventory(model: nn.Module, pretrained: Sequence[np.ndarray]) -> Inventory:
    """The model's tensors as they are now."""
    found = tensors(model)
    return Inventory(list(found), arrays(found), pretrained)


def now(model: nn.Module, held: Inventory) -> list[np.ndarray]:
    """The tensors of an inventory by their names, as they are now; what is gone is empty."""
    found = tensors(model)
    gone = torch.zeros(0)
    return arrays({name: found.get(name, gone) for name in held.names})


def steps(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]],
) -> int:
    """Steps on the cross-entropy in training mode; how many were taken, none where nothing gets a gradient."""
    taken = 0
    with students_code("training the model"), torch.enable_grad():
        model.train()
        for images, labels in batches:
            output = called(model, images, "computing the logits in training mode")
            if output.ndim != 2 or not output.requires_grad or output.shape[1] <= int(labels.max()):
                break
            optimizer.zero_grad()
            functional.cross_entropy(output, labels).backward()
            optimizer.step()
            taken += 1
    return taken


class Watch(TorchFunctionMode):  # type: ignore[misc]  # torch is untyped here
    """Tells a listener of every 2-D convolution and dense layer: its kind, its input and its weights."""

    def __init__(self, listener: Callable[[str, Any, Any], None]) -> None:
        super().__init__()
        self._listener = listener

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(function, "__name__", "")
        if name in ("conv2d", "linear"):
            inputs = args[0] if args else kwargs.get("input")
            self._listener(name, inputs, args[1] if len(args) > 1 else kwargs.get("weight"))
        return function(*args, **kwargs)

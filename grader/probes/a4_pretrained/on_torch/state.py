"""What a function must leave as it was in a PyTorch model."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

# the hooks of a module, and those of all modules; each a dict of handles
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
_EVERYWHERE = tuple(f"_global{name}" for name in _HOOKS)

Notes = dict[str, dict[str, Any]]


def note(model: nn.Module) -> Notes:
    """What there is of a model, by what is looked at."""
    parameters = dict(model.named_parameters())
    modules = dict(model.named_modules())
    return {
        "devices": {name: tensor.device.type for name, tensor in model.state_dict(keep_vars=True).items()},
        "weights": {name: _bytes(parameter) for name, parameter in parameters.items()},
        "statistics": {name: _bytes(buffer) for name, buffer in model.named_buffers()},
        "gradients": {name: _bytes(parameter.grad) for name, parameter in parameters.items()},
        "frozen": {name: not parameter.requires_grad for name, parameter in parameters.items()},
        "modes": {name: module.training for name, module in modules.items()},
        "hooks": {name: [len(getattr(module, kind)) for kind in _HOOKS] for name, module in modules.items()}
        | {"all modules": [len(getattr(nn.modules.module, kind)) for kind in _EVERYWHERE]},
        "layers": {name: (type(module), _function(module.forward)) for name, module in modules.items()},
        "gradient mode": {"": torch.is_grad_enabled()},
    }


def forget_hooks() -> None:
    """Remove the hooks that a function left on all modules: other functions' answers must not suffer from it."""
    for kind in _EVERYWHERE:
        getattr(nn.modules.module, kind).clear()


def leave_gradients(model: nn.Module) -> None:
    """Give every parameter that isn't frozen a gradient, as training leaves one behind."""
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.grad = torch.full_like(parameter, 0.5)


def _function(method: Any) -> Any:
    """What a method runs, also where it was put back by hand."""
    return getattr(method, "__func__", method)


def _bytes(tensor: torch.Tensor | None) -> bytes | None:
    return None if tensor is None or tensor.is_meta else tensor.detach().cpu().numpy().tobytes()

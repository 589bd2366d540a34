"""A net and its optimizer in PyTorch: a training step, a measurement, and both as arrays."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from grader import given
from reference.checkpoints import Arrays, part
from reference.data import Preparation
from reference.on_torch import device, resnet
from reference.problem import Problem
from reference.recipes import Recipe
from reference.settings import Settings

KINDS: dict[str, Callable[..., nn.Module]] = {
    "resnet": resnet.resnet,
    "cifar_resnet": resnet.cifar_resnet,
    "cifar_padded": lambda depth, num_classes: resnet.cifar_resnet(depth, num_classes, resnet.PaddedBlock),
    "cifar_plain": resnet.cifar_plain,
    "small_plain": lambda depth, num_classes: small("plain", depth, num_classes),
    "small_residual": lambda depth, num_classes: small("residual", depth, num_classes),
}
BACKEND = "inductor"  # of torch.compile
Group = dict[str, object]  # "params", and "factor": its part of the recipe's learning rate


def small(kind: str, depth: int, num_classes: int) -> nn.Module:
    """A net of the degradation experiment, as students are given it."""
    if num_classes != 10:
        raise ValueError(f"the small nets have 10 classes, the data {num_classes}")
    return given.small_nets("torch")(kind, depth)


def build(name: str, num_classes: int, shape: Sequence[int], seed: int) -> nn.Module:
    """The net called KIND and depth, such as `cifar_resnet20`, with weights drawn from the seed; raises Problem."""
    del shape  # (h, w, 3): PyTorch's nets take images of any size
    torch.manual_seed(seed)
    kind, depth = re.fullmatch(r"(\D*)(\d*)", name).groups()  # always matches
    try:
        return KINDS[kind](int(depth), num_classes)
    except (KeyError, ValueError) as error:
        raise Problem(f"no net called {name!r}: expected one of {', '.join(KINDS)} and its depth ({error})") from error


def load_weights(model: nn.Module, weights: Arrays) -> None:
    """Give a net these tensors by name; raises Problem where they aren't its own."""
    try:
        model.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in weights.items()})
    except RuntimeError as error:
        raise Problem(f"the checkpoint's weights don't fit this net: {error}") from error


class Trainer:
    """See `reference.training.Trainer`; `groups` are tensors that learn at a part of the rate, all alike by default."""

    def __init__(
        self,
        model: nn.Module,
        recipe: Recipe,
        preparation: Preparation,
        chosen: device.Chosen | None = None,
        *,
        groups: list[Group] | None = None,
    ) -> None:
        chosen = chosen or device.choose(Settings())
        self.device, self.half, self.layout, self.words = chosen.device, chosen.half, chosen.layout, chosen.words
        self.model = model.to(self.device, memory_format=self.layout)
        self.forward: Callable[[Tensor], Tensor] = self.model
        if chosen.compile:
            torch.compiler.reset()  # or the nets of one command, compiled after each other, reach PyTorch's limit
            self.forward = torch.compile(self.model, backend=BACKEND)
        self.preparation = [
            torch.tensor(x, device=self.device).view(1, 3, 1, 1) for x in (preparation.mean, preparation.deviation)
        ]
        self.bgr = preparation.bgr
        self.optimizer = torch.optim.SGD(
            groups or [{"params": list(model.parameters()), "factor": 1.0}],
            lr=recipe.learning_rate,
            momentum=recipe.momentum,
            weight_decay=recipe.weight_decay,
        )
        # float16 has gradients below its smallest number: the loss is scaled up, and the step scaled down
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.half is torch.float16)
        self.parameters = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)

    def prepared(self, images: np.ndarray, labels: np.ndarray) -> tuple[Tensor, Tensor]:
        """uint8 (n, h, w, 3) -> float32 (n, 3, h, w) on the device; bytes travel, since they are four times fewer."""
        mean, deviation = self.preparation
        x = torch.from_numpy(np.ascontiguousarray(images)).to(self.device, non_blocking=True).permute(0, 3, 1, 2)
        x = (x.float() / 255 - mean) / deviation
        x = x.flip(1) if self.bgr else x
        return x.contiguous(memory_format=self.layout), torch.from_numpy(labels).to(self.device, non_blocking=True)

    def logits(self, x: Tensor) -> Tensor:
        """Prepared images to logits in float32, computed in 16 bits where that is asked."""
        with torch.autocast(self.device.type, self.half, enabled=self.half is not None):
            return self.forward(x).float()

    def step(self, images: np.ndarray, labels: np.ndarray, rate: float) -> tuple[Tensor, Tensor]:
        """One step in training mode: the batch's mean loss before it, and how many were right."""
        if not self.model.training:  # asking each time costs more than a small batch
            self.model.train()
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        x, y = self.prepared(images, labels)
        logits = self.logits(x)
        loss = F.cross_entropy(logits, y)
        self.optimizer.zero_grad()
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return loss.detach(), (logits.argmax(1) == y).sum()

    @torch.no_grad()
    def measure(self, images: np.ndarray, labels: np.ndarray) -> tuple[Tensor, Tensor]:
        """In evaluation mode: the sum of the losses, and how many were right."""
        self.model.eval()
        x, y = self.prepared(images, labels)
        logits = self.logits(x)
        return F.cross_entropy(logits, y, reduction="sum"), (logits.argmax(1) == y).sum()

    @torch.no_grad()
    def scores(self, images: np.ndarray) -> np.ndarray:
        """Logits (n, k) in evaluation mode."""
        self.model.eval()
        x, _ = self.prepared(images, np.zeros(len(images), np.int64))
        return self.logits(x).cpu().numpy()

    def numbers(self, values: list[Tensor]) -> np.ndarray:
        """The values, float64, fetched at once."""
        return torch.stack(values).cpu().double().numpy()

    def weights(self) -> Arrays:
        """The model's tensors under `model/`, running statistics included."""
        return {f"model/{name}": tensor.cpu().numpy().copy() for name, tensor in self.model.state_dict().items()}

    def state(self) -> Arrays:
        """The momentum of each parameter by its number in the optimizer, and the loss's scale."""
        kept = self.optimizer.state_dict()["state"]
        arrays = {
            f"optimizer/{index}": entry["momentum_buffer"].cpu().numpy().copy()
            for index, entry in kept.items()
            if entry.get("momentum_buffer") is not None
        }
        scale = self.scaler.state_dict()
        return arrays | {f"scaler/{name}": np.asarray(value) for name, value in scale.items()}

    def restore(self, arrays: Arrays) -> None:
        """Take weights, and the state where there is one, from a checkpoint."""
        load_weights(self.model, part(arrays, "model"))
        state = self.optimizer.state_dict()
        state["state"] = {
            int(index): {"momentum_buffer": torch.from_numpy(np.array(array))}
            for index, array in part(arrays, "optimizer").items()
        }
        self.optimizer.load_state_dict(state)
        if scale := part(arrays, "scaler"):
            self.scaler.load_state_dict({name: array.item() for name, array in scale.items()})

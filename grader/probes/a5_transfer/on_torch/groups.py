"""What an optimizer sees of a student's parameter groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from grader.probes import partial, students_code
from grader.probes.a5_transfer import Inventory, numbered, text
from grader.probes.a5_transfer.on_torch.backbone import build
from grader.probes.a5_transfer.on_torch.models import called, inventory, now, steps, tensor


def groups(function: Callable[..., Any], request: dict[str, Any]) -> dict[str, np.ndarray]:
    """Evidence about the groups of one model for each case."""
    evidence: dict[str, np.ndarray] = {}
    for number, case in enumerate(request["cases"]):
        flat, images = request[f"tensors_{number}"], tensor(request[f"images_{number}"])
        model, held, learns, maker = _subject(request["companions"], case, flat, images)
        look = partial("error", lambda: _seen(function, request, model, held, learns))  # noqa: B023
        evidence |= numbered(number, look | {"maker": text(maker)})
    return evidence


Subject = tuple[nn.Module, Inventory, set[int], str]


def _subject(companions: dict[str, Any], case: dict[str, Any], flat: np.ndarray, images: torch.Tensor) -> Subject:
    """A model to group: of the student's own `fine_tuner`, else `feature_extractor`, else of the usual form.

    One in which more than the head is new comes behind one in which it isn't: what else is new is a mistake there.
    """
    second = None
    for name, stages in {"fine_tuner": case["stages"], "feature_extractor": []}.items():
        found, alone = _made(companions.get(name), name, stages, case, flat, images)
        if found is not None and alone:
            return found
        second = second or found
    found = second or _made(_usual, "", case["stages"], case, flat, images)[0]
    if found is None:
        raise RuntimeError("no model to group")
    return found


def _made(
    maker: Any, name: str, stages: list[int], case: dict[str, Any], flat: np.ndarray, images: torch.Tensor
) -> tuple[Subject | None, bool]:
    """A maker's model, where it learns something new, and whether the head alone is new."""
    backbone, pretrained = build(case, flat)
    try:
        model = maker(backbone, int(case["num_classes"]), *stages)
        called(model.train(), images[:4], "")
        held = inventory(model, pretrained)
        learns = _learners(model, held, case, images)
    except (Exception, SystemExit):  # that question's own mistake, told there
        return None, False
    new = [held.before[place].shape for place, twin in learns if not twin]
    if not new:
        return None, False
    if len(new) == len(learns):  # so that there is something to give the lower rate to
        model.requires_grad_(True)
    return (model, held, {place for place, _ in learns}, name), all(int(case["num_classes"]) in shape for shape in new)


def _usual(backbone: Any, num_classes: int, stages: int) -> nn.Module:
    """A fine-tuned model as most write it."""
    backbone.requires_grad_(False)
    for stage in range(backbone.stages - stages + 1, backbone.stages + 1):
        getattr(backbone, f"layer{stage}").requires_grad_(True)
    backbone.fc = nn.Linear(backbone.fc.in_features, num_classes)
    found: nn.Module = backbone
    return found


def _learners(model: nn.Module, held: Inventory, case: dict[str, Any], images: torch.Tensor) -> list[tuple[int, bool]]:
    """The parameters that move when an optimizer over all of them takes steps, and whether each is pretrained."""
    labels = torch.arange(len(images)) % int(case["num_classes"])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    steps(model, optimizer, ((images[start::4], labels[start::4]) for start in range(4)))
    parameters = {name for name, _ in model.named_parameters()}
    after = now(model, held)
    return held.learners([
        name in parameters and not np.array_equal(old, new)
        for name, old, new in zip(held.names, held.before, after, strict=True)
    ])  # fmt: skip


def _seen(
    function: Callable[..., Any], request: dict[str, Any], model: nn.Module, held: Inventory, learns: set[int]
) -> dict[str, np.ndarray]:
    with students_code("computing the parameter groups"):
        function(model, float(request["earlier"]))  # for an earlier optimizer: the next one's rates are its own
        found = function(model, float(request["lr"]))
        if isinstance(found, torch.optim.Optimizer):
            raise TypeError("expected parameter groups (a list of dicts), got an optimizer")
        listed = [_listed(group) for group in found]
    counts = Counter(id(parameter) for group in listed for parameter in _members(group))
    with students_code("giving the groups to torch.optim.SGD"):
        optimizer = torch.optim.SGD(_distinct(listed), lr=float(request["other"]))
        rates = {id(p): float(group["lr"]) for group in optimizer.param_groups for p in group["params"]}
    parameters = dict(model.named_parameters())
    places = [place for place, name in enumerate(held.names) if name in parameters]
    own = [parameters[held.names[place]] for place in places]
    twins = {place for place, pretrained in held.learners([True] * len(held.names)) if pretrained}
    return {
        "names": text([held.names[place][:100] for place in places]),
        "pretrained": np.array([place in twins for place in places]),
        "learns": np.array([place in learns for place in places]),
        "trainable": np.array([parameter.requires_grad for parameter in own]),
        "counts": np.array([counts[id(parameter)] for parameter in own], np.int32),
        "rates": np.array([rates.get(id(parameter), np.nan) for parameter in own]),
        "foreign": np.array(len(counts.keys() - {id(parameter) for parameter in own}), np.int32),
    }


def _listed(group: Any) -> Any:
    """A group whose parameters can be looked at more than once."""
    if not isinstance(group, dict) or "params" not in group:
        return group
    members = group["params"]
    return group | {"params": [members] if isinstance(members, torch.Tensor) else list(members)}


def _members(group: Any) -> list[torch.Tensor]:
    """The parameters of a group, without the names that may stand beside them."""
    listed = group.get("params", []) if isinstance(group, dict) else [group]
    bare = [member[1] if isinstance(member, tuple) and len(member) == 2 else member for member in listed]
    return [member for member in bare if isinstance(member, torch.Tensor)]


def _distinct(listed: list[Any]) -> list[Any]:
    """Groups in which each parameter stands once, at its first place: SGD refuses others, and says less than counts."""
    taken: set[int] = set()
    kept = []
    for group in listed:
        if isinstance(group, dict) and isinstance(group.get("params"), list):
            own = []
            for member in group["params"]:
                bare = {id(parameter) for parameter in _members({"params": [member]})}
                own += [] if bare & taken else [member]
                taken |= bare
            group = group | {"params": own}
        kept.append(group)
    return kept

"""Which net a command means, and the same net again from what its checkpoint says about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader import given
from reference import checkpoints, options, strategies
from reference.data import IMAGENET, WORLD, Preparation
from reference.problem import Problem
from reference.strategies import Strategy

IMAGENET_NAME = re.compile(r"imagenet(\d+)")
SCRATCH = "cifar_resnet14"  # the backbone's own architecture, with new weights


def preparation(backbone: str, framework: str) -> Preparation:
    """How images are prepared for a backbone: as they were when it was trained."""
    if IMAGENET_NAME.fullmatch(backbone):
        return IMAGENET[framework]
    if backbone == "given":
        return WORLD
    record = checkpoints.load(Path(backbone))[1]
    return Preparation(**record["preparation"])


def backbone(source: str, framework: str, shape: Sequence[int], seed: int) -> Any:
    """The pretrained net that a source names: `given`, `imagenet50`, or a checkpoint; raises Problem."""
    if source == "given":
        return given.backbone(framework)
    if match := IMAGENET_NAME.fullmatch(source):
        try:
            return given.imagenet(framework, int(match[1]))
        except (OSError, ValueError, RuntimeError) as error:
            raise Problem(str(error)) from error
    path = Path(source)
    arrays, record = checkpoints.load(path)
    about = record["identity"]
    if about["framework"] != framework or "model" not in about:
        raise Problem(f"{path} isn't a net that `train --framework {framework}` made, but: {about}")
    train = options.framework(framework, "train")
    model = train.build(about["model"], len(record["names"]), shape, seed)
    train.load_weights(model, checkpoints.part(arrays, "model"))
    return model


def transferred(
    about: dict[str, Any], names: Sequence[str], shape: Sequence[int], seed: int
) -> tuple[Any, Strategy, dict[str, Any]]:
    """The net of a fine-tuning run, its strategy, and its learning rates as the trainer takes them."""
    framework = about["framework"]
    transfer = options.framework(framework, "transfer")
    scratch = about["strategy"] == "scratch"
    if scratch:
        source = options.framework(framework, "train").build(SCRATCH, len(names), shape, seed)
    else:
        source = backbone(about["backbone"], framework, shape, seed)
    strategy = strategies.strategy(about["strategy"], len(transfer.stages(source)), about["keep"], about["learn"])
    model = transfer.transfer(source, len(names), strategy, seed)
    return model, strategy, {} if scratch else transfer.rates(model)


def again(about: dict[str, Any], names: Sequence[str], shape: Sequence[int]) -> Any:
    """The net of a checkpoint, without its weights yet."""
    if "strategy" in about:
        return transferred(about, names, shape, about["seed"])[0]
    return options.framework(about["framework"], "train").build(about["model"], len(names), shape, about["seed"])

"""Measure a checkpoint, or the given classifier: loss, accuracy, and what is taken for what."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import numpy as np

from grader import given as house
from reference import batches, checkpoints, data, nets, options, recipes
from reference.problem import Problem

SHOWN = 5  # confusions, and classes that do worst


def add_arguments(parser: ArgumentParser) -> None:
    """The checkpoint, the images, the machine."""
    parser.add_argument("checkpoint", help="a file that train or finetune made, or: given (the embedded classifier)")
    parser.add_argument("--data", help="a task with the same classes; None: the checkpoint's own, or source")
    parser.add_argument("--split", choices=data.SPLITS, default="test")
    parser.add_argument("--root", type=Path, default=data.HOME, help="where downloads are kept")
    options.add_computing(parser)


def main(given: Namespace) -> int:
    """Print the measurement."""
    if given.checkpoint == "given":
        about: dict[str, Any] = {
            "framework": given.framework,
            "data": "source",
            "seed": 0,
            "size": None,
            "images": None,
        }
        record = {"identity": about, "names": house.names("source"), "preparation": vars(data.WORLD)}
    else:
        arrays, record = checkpoints.load(Path(given.checkpoint))
        about = record["identity"]
    loaded = data.load(
        given.data or about["data"], seed=about["seed"], count=about["images"], size=about["size"], root=given.root
    )
    if tuple(loaded.names) != tuple(record["names"]):
        raise Problem(f"{given.checkpoint} knows the classes {list(record['names'])}, and {loaded.name} has others")
    train = options.framework(about["framework"], "train")
    chosen = options.framework(about["framework"], "device").choose(options.settings(given))
    if given.checkpoint == "given":
        model = house.classifier(about["framework"])
    else:
        model = nets.again(about, loaded.names, loaded.shape)
    trainer = train.Trainer(model, recipes.Recipe(), data.Preparation(**record["preparation"]), chosen)
    if given.checkpoint != "given":
        trainer.restore(arrays)
    images, labels = data.splits(loaded)[given.split]
    scores = np.concatenate([trainer.scores(batch) for batch, _ in batches.evaluation(images, labels)])
    print(f"{chosen.words}\n{data.describe(loaded)}")
    print("\n".join(report(scores, labels, loaded.names)))
    return 0


def report(scores: np.ndarray, labels: np.ndarray, names: tuple[str, ...]) -> list[str]:
    """What these logits (n, k) say of images with these labels, in lines."""
    answers = scores.argmax(axis=1)
    top = scores.max(axis=1, keepdims=True)
    logarithms = scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
    loss = -logarithms[np.arange(len(labels)), labels].mean()
    right = answers == labels
    lines = [f"loss {loss:.4f}, accuracy {right.mean():.1%} of {len(labels):,} images"]
    shares = {name: right[labels == label].mean() for label, name in enumerate(names) if (labels == label).any()}
    worst = sorted(shares, key=lambda name: shares[name])[:SHOWN]
    lines.append("worst classes: " + ", ".join(f"{name} {shares[name]:.0%}" for name in worst))
    wrong, counts = np.unique(np.stack([labels[~right], answers[~right]]), axis=1, return_counts=True)
    for index in counts.argsort(kind="stable")[::-1][:SHOWN]:
        truth, answer = wrong[:, index]
        lines.append(f"{counts[index]} x {names[truth]} taken for {names[answer]}")
    return lines

"""Pretrain the backbone that students are given, and store it with its history in grader/given/weights."""

from __future__ import annotations

import json
import os
import platform
import time
from argparse import ArgumentParser, Namespace

from grader.given import weights
from reference import options


def add_arguments(parser: ArgumentParser) -> None:
    """The length and the pace of the training; the defaults are how the stored weights were made."""
    parser.add_argument("--epochs", type=options.positive, default=6)
    parser.add_argument("--images", type=options.positive, default=40_000, help="of each epoch, rendered for it")
    parser.add_argument("--batch-size", type=options.positive, default=64)
    parser.add_argument("--learning-rate", type=float, default=0.1, help="at the top of the cycle")
    parser.add_argument("--weight-decay", type=float, default=5e-4)
    parser.add_argument("--seed", type=int, default=0)


def main(given: Namespace) -> int:
    """Train, store, and measure what was stored."""
    # Read when a framework is loaded; two threads on shared cores are slower than one.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    pretrain = options.framework("torch", "pretrain")
    started, used = time.monotonic(), time.process_time()
    model, history = pretrain.train(
        given.epochs, given.images, given.batch_size, given.learning_rate, given.weight_decay, given.seed
    )
    path = weights.save("backbone", pretrain.numbers(model))
    record = {
        "what": "ResNet-14 of width 16, trained on the source task of the image world (128 classes)",
        "command": options.command(),
        "seed": given.seed,
        "options": {name: value for name, value in vars(given).items() if isinstance(value, int | float)},
        "seconds": round(time.monotonic() - started),
        "cpu_seconds": round(time.process_time() - used),
        "machine": f"{platform.machine()}, {os.environ['OMP_NUM_THREADS']} thread, torch {pretrain.torch.__version__}",
        "epochs": history,
        "fresh_images": pretrain.FRESH,
        "stored_in_half_precision": {name: round(value, 4) for name, value in pretrain.examine(given.seed).items()},
        "bytes": path.stat().st_size,
    }
    (path.parent / "PROVENANCE.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record["stored_in_half_precision"]), path)
    return 0

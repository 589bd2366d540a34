"""Draw ResNets and their rivals: top-1 against operations, and accuracy per parameter (torchvision's metadata)."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from reference import checkpoints, options, pictures, rivals


def add_arguments(parser: ArgumentParser) -> None:
    """Where the pictures go."""
    parser.add_argument(
        "--output", type=Path, default=Path("runs/compare"), help="folder of the pictures and the table"
    )


def main(given: Namespace) -> int:
    """Draw both figures, write the table, and print the ResNets' rows."""
    zoo = options.framework("torch", "zoo")
    nets = zoo.nets()
    for name, draw in (("operations", rivals.operations), ("density", rivals.density)):
        checkpoints.replace(given.output / f"{name}.png", pictures.as_png(draw(nets, zoo.source())))
    checkpoints.replace(given.output / "nets.csv", rivals.as_csv(nets).encode())
    print("| net | weights | multiply-adds (billions) | parameters (millions) | top-1 | points per million |")
    print("|---|---|---|---|---|---|")
    for net in sorted((net for net in nets if net.resnet), key=lambda net: (net.weights, net.operations)):
        recipe, millions = net.weights.rpartition("_")[2], net.parameters / 1e6
        print(
            f"| {net.name} | {recipe} | {net.operations:.1f} | {millions:.1f} | {net.top1:.1f} % | {net.density:.2f} |"
        )
    print(f"{len(nets)} sets of weights of {len({net.name for net in nets})} nets ({zoo.source()}), in {given.output}")
    return 0

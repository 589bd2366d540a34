"""What to say where the weights of the real thing can't be had."""

from __future__ import annotations

DEPTHS = {"torch": (18, 34, 50, 101, 152), "keras": (50, 101, 152)}


class DownloadError(RuntimeError):
    """Weights from the internet can't be had here."""


def check_depth(framework: str, library: str, depth: int) -> None:
    """Raise ValueError for a ResNet that the library doesn't bring."""
    if depth not in DEPTHS[framework]:
        depths = ", ".join(map(str, DEPTHS[framework]))
        raise ValueError(f"{library} has pretrained ResNets of {depths} layers; got {depth!r}")


def unavailable(framework: str, *, tried: str, place: str, reason: Exception) -> DownloadError:
    """The error that says what was tried, where to put the file, and what stands in for it."""
    return DownloadError(
        f"ImageNet's weights can't be had: tried {tried}, which failed ({reason}). Download that file elsewhere and "
        f"put it at {place}; or take grader.given.backbone({framework!r}) in its place, which comes with the grader: "
        "a ResNet-14, pretrained on the image world, for images of 32x32 pixels"
    )

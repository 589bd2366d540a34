"""On what a run computes, and how: asked for by the user, decided by the framework that is there."""

from __future__ import annotations

from dataclasses import dataclass

AUTO = "auto"


@dataclass(frozen=True)
class Settings:
    """`auto` leaves a choice to `on_torch.device` or `on_keras.device`: most switches are on where there is a GPU."""

    device: str = AUTO  # cuda, mps or cpu
    mixed: str = AUTO  # on or off: bfloat16 where the device has it, else float16 with a scaled loss
    channels_last: str = AUTO
    compile: str = AUTO
    deterministic: str = AUTO  # on: equal results from equal seeds, at some cost on a GPU
    threads: int | None = None  # None: what the framework takes


def decided(choice: str, gpu: bool) -> bool:
    """Whether a switch is on."""
    return gpu if choice == AUTO else choice == "on"

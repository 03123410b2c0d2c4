"""All graphics processors of a machine by one name: they share the sections of a run, each with the whole network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import torch

from ..devices import Device, describe

ALL = "cuda:all"


def members(device: str) -> tuple[str, ...]:
    """Names of the devices that a name stands for: of all graphics processors, or itself."""
    if device != ALL:
        return (device,)
    return tuple(f"cuda:{index}" for index in range(torch.cuda.device_count()))


def describe_members(device: str) -> str:
    """What the maker calls the devices that a name stands for, such as “2 × NVIDIA L4 + NVIDIA T4”."""
    return _counted(describe(name) for name in members(device))


def together(devices: Sequence[Device]) -> Device | None:
    """All graphics processors as one device, which computes in what each of them does; `None` without any.

    Args:
        devices: Of this machine.
    """
    graphics = [device for device in devices if device.kind == "cuda"]
    if not graphics:
        return None
    return Device(
        name=ALL,
        kind="cuda",
        description=_counted(device.description for device in graphics),
        free_memory=sum(device.free_memory for device in graphics),
        total_memory=sum(device.total_memory for device in graphics),
        precisions=tuple(
            precision
            for precision in graphics[0].precisions
            if all(precision in device.precisions for device in graphics)
        ),
    )


def _counted(names: Iterable[str]) -> str:
    return " + ".join(name if count == 1 else f"{count} × {name}" for name, count in Counter(names).items())

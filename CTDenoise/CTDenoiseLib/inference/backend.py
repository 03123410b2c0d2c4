"""Where a network runs and how exactly: a device and a precision, chosen by name and never silently replaced."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from .devices import Device, Precision, available_devices
from .errors import BackendError
from .graphics import several

_TYPES: dict[str, torch.dtype] = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Backend:
    """A device and a precision.

    Attributes:
        device: "cuda:0", "cuda:all", "mps" or "cpu".
        precision: Of weights and activations inside the network; HU are float32 in any case.
        reason: Why these were taken, a sentence for the user.
    """

    device: str
    precision: Precision
    reason: str = "As asked."

    @classmethod
    def choose(cls, device: str = "auto", precision: str = "auto") -> Backend:
        """Choose by name.

        Args:
            device: "auto" takes the CUDA device with the most free memory, else Metal, else the processor; or one of
                "cuda:N", "cuda" (the first), "cuda:all" (all of them, which share the sections), "mps" and "cpu".
            precision: "auto" takes the first of the device's `precisions`, on a processor only if it gains by it,
                which is measured the first time; or "fp32", "bf16", "fp16".

        Raises:
            BackendError: The device is not there, or cannot do the precision. Nothing else is taken in its place.
            CalibrationError: The variable CTDENOISE_PACE is no positive number.
        """
        taken, why_device = _choose_device(device.strip().lower(), available_devices())
        chosen, why_precision = _choose_precision(precision.strip().lower(), taken)
        return cls(device=taken.name, precision=chosen, reason=f"{why_device} {why_precision}")

    @property
    def device_name(self) -> str:
        """What the maker calls the device, or the devices."""
        return several.describe_members(self.device)

    @property
    def parts(self) -> tuple[Backend, ...]:
        """A backend for each device: only this one, unless it stands for several."""
        names = several.members(self.device)
        return (self,) if names == (self.device,) else tuple(replace(self, device=name) for name in names)

    @property
    def dtype(self) -> torch.dtype:
        """Of weights and activations."""
        return _TYPES[self.precision]

    @property
    def memory_format(self) -> torch.memory_format:
        """Channels last, which the convolutions of oneDNN and cuDNN want; Metal has no use for it."""
        return torch.contiguous_format if self.device == "mps" else torch.channels_last


def _choose_device(name: str, devices: Sequence[Device]) -> tuple[Device, str]:
    if name == "auto":
        return _best_device(devices)
    if not re.fullmatch(r"cpu|mps|cuda(:\d+|:all)?", name):
        raise BackendError(f"“{name}” names no device; use auto, cpu, mps, cuda, cuda:N or cuda:all.")
    exact = "cuda:0" if name == "cuda" else name
    together = several.together(devices)
    for device in (*devices, together) if together else devices:
        if device.name == exact:
            return device, f"{device} was asked for."
    there = ", ".join(str(device) for device in devices)
    why = f", and {_why_no_graphics_processor()}" if exact != "cpu" and len(devices) == 1 else ""
    raise BackendError(f"There is no device {exact} here; there is {there}{why}.")


def _best_device(devices: Sequence[Device]) -> tuple[Device, str]:
    graphics = [device for device in devices if device.kind == "cuda"]
    if graphics:
        best = max(graphics, key=lambda device: device.free_memory)
        why = "" if len(graphics) == 1 else f", of {len(graphics)} the one with the most free memory"
        return best, f"{best} was taken because it is a graphics processor{why}."
    for device in devices:
        if device.kind == "mps":
            return device, f"{device} was taken because it is the graphics processor of this machine."
    return devices[-1], f"{devices[-1]} was taken because {_why_no_graphics_processor()}."


def _why_no_graphics_processor() -> str:
    if torch.version.cuda is None and torch.version.hip is None and not torch.backends.mps.is_built():
        return "this PyTorch is built without support for graphics processors"
    return "PyTorch finds no graphics processor"


def _choose_precision(name: str, device: Device) -> tuple[Precision, str]:
    if name == "auto":
        return _best_precision(device)
    if name not in _TYPES:
        raise BackendError(f"“{name}” names no precision; use auto, {', '.join(_TYPES)}.")
    if name not in device.precisions:
        raise BackendError(f"{device} cannot compute in {name}; it does {', '.join(device.precisions)}.")
    return name, f"{name} was asked for."


def _best_precision(device: Device) -> tuple[Precision, str]:
    best = device.precisions[0]
    if device.kind == "cpu" and best != "fp32":
        # They compute with backends.
        from .half_precision import LEAST_GAIN, processor_gain

        gain = processor_gain(best)
        if gain is not None and gain < LEAST_GAIN:
            return "fp32", f"fp32 was taken because the device was measured to be hardly faster in {best}."
        if gain is not None:
            return best, (
                f"{best} was taken because the device was measured to be {gain:.1f} times as fast in it as in fp32, "
                "with a deviation far below the noise."
            )
    return best, _why_precision(device)


def _why_precision(device: Device) -> str:
    best = device.precisions[0]
    if len(device.precisions) == 1:
        return f"{best} was taken because it is all that the device computes in."
    if best == "fp32":
        return f"{best} was taken because half precision is not tried out on such a device."
    return (
        f"{best} was taken because the device computes in it faster than in fp32, with a deviation far below the noise."
    )

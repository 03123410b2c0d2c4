"""What this machine can compute on: graphics processors through CUDA or Metal, and the processor itself."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from .memory import free_memory, total_memory

Precision = Literal["fp32", "bf16", "fp16"]
DeviceKind = Literal["cuda", "mps", "cpu"]


@dataclass(frozen=True)
class Device:
    """A device and what it is able to do.

    Attributes:
        name: As a user names it: "cuda:0", "mps" or "cpu".
        kind: Family of the device.
        description: What its maker calls it.
        free_memory: Bytes that a run may still take.
        total_memory: Bytes in all.
        precisions: Those its arithmetic units do themselves, the one for `auto` first. Others would be emulated, slower
            than float32 and less exact, and are refused.
    """

    name: str
    kind: DeviceKind
    description: str
    free_memory: int
    total_memory: int
    precisions: tuple[Precision, ...]

    def __str__(self) -> str:
        return f"{self.name} ({self.description})"


def available_devices() -> tuple[Device, ...]:
    """All devices of this machine, the processor last."""
    names = [f"cuda:{index}" for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    names += ["mps"] if torch.backends.mps.is_available() else []
    return tuple(_device(name) for name in (*names, "cpu"))


def describe(name: str) -> str:
    """What the maker calls a device that is there."""
    if name == "cpu":
        return _processor_name()
    return "Apple graphics processor" if name == "mps" else str(torch.cuda.get_device_name(name))


def _device(name: str) -> Device:
    kind: DeviceKind = "cpu" if name == "cpu" else "mps" if name == "mps" else "cuda"
    return Device(
        name=name,
        kind=kind,
        description=describe(name),
        free_memory=free_memory(name),
        total_memory=total_memory(name),
        precisions=_precisions(name),
    )


def _precisions(name: str) -> tuple[Precision, ...]:
    if name == "cpu":
        return _processor_precisions()
    # Metal has half precision too, but what it gains and loses there has not been measured: only for those who ask.
    return ("fp32", "fp16") if name == "mps" else cuda_precisions(torch.cuda.get_device_capability(name))


def cuda_precisions(capability: tuple[int, int]) -> tuple[Precision, ...]:
    """From the compute capability.

    fp16 has three more bits of mantissa than bf16 at the same speed. The activations of a network fed with scaled HU
    stay far below its limit of 65504; a run checks its results for overflow nevertheless.
    """
    if capability >= (8, 0):
        return "fp16", "bf16", "fp32"
    # Before Volta there are no tensor cores, and on most of those boards half precision is slower than single.
    return ("fp16", "fp32") if capability >= (7, 0) else ("fp32",)


def _processor_precisions() -> tuple[Precision, ...]:
    """bf16 needs AVX-512 BF16 or AMX instructions and the library that uses them, oneDNN."""
    instructions = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    has_bf16 = any(getattr(torch.cpu, name, lambda: False)() for name in instructions)
    has_library = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return ("bf16", "fp32") if has_bf16 and has_library else ("fp32",)


def _processor_name() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        for line in listing.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine() or "processor"

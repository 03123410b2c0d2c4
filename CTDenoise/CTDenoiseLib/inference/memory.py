"""How much memory a device has left, how much a network needs, and how to tell that it ran out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil
import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.overrides import TorchFunctionMode

from ..networks import DenoisingNetwork
from .padding import padded_size

# Share of the free memory that a run plans with; the rest is for the caller, other programs and fragmentation.
PLANNED_SHARE = 0.7
# Peak memory over that of the living activations: with the HR-CNN on a processor 1.00 (bf16) to 1.03 (float32) were
# measured. The rest is room for the scratch memory that cuDNN takes beside, which has not been measured.
SCRATCH_FACTOR = 1.5

_CONTROL_GROUP = Path("/sys/fs/cgroup")
# In the words of CUDA and Metal, of PyTorch on Linux and Windows, of C++, of cuDNN and cuBLAS, and of oneDNN. The last
# says the same of a primitive *descriptor* when it does not know how to compute something.
_SIGNS_OF_EXHAUSTION = re.compile(
    "out of memory|can't allocate memory|not enough memory|bad_alloc|ALLOC_FAILED"
    "|could not (create|execute) a primitive(?! descriptor)"
)


def free_memory(device: str) -> int:
    """Bytes that a run on this device may still take."""
    if device.startswith("cuda"):
        kept_for_reuse = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0]) + kept_for_reuse
    free = min(int(psutil.virtual_memory().available), _container_memory_left())
    if device == "mps":
        free = min(free, int(torch.mps.recommended_max_memory()) - int(torch.mps.driver_allocated_memory()))
    return max(0, free)


def total_memory(device: str) -> int:
    """Bytes of memory of a device."""
    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info(device)[1])
    return int(torch.mps.recommended_max_memory() if device == "mps" else psutil.virtual_memory().total)


def _container_memory_left() -> int:
    """Bytes left below the limit of a Linux container, which the system does not count; huge without one."""
    try:
        limit = int((_CONTROL_GROUP / "memory.max").read_text())
        used = int((_CONTROL_GROUP / "memory.current").read_text())
        statistics = dict(line.split() for line in (_CONTROL_GROUP / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        # No such control group, or its limit is the word "max".
        return 2**62
    return limit - used + int(statistics.get("inactive_file", 0))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory ran out, on whichever device."""
    if isinstance(error, (MemoryError, torch.cuda.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and _SIGNS_OF_EXHAUSTION.search(str(error)) is not None


def bytes_per_pixel(network: DenoisingNetwork) -> float:
    """Peak memory of a network in evaluation mode for each pixel of a section, without its weights.

    The network runs on a small section while the storage of all living tensors is added up after each operation. (On
    the device "meta" it would take no memory, but the first run there loads the compiler of PyTorch, for a second.) The
    scratch memory of the convolution libraries, which this cannot see, is in `SCRATCH_FACTOR`.
    """
    side = padded_size(64, multiple=network.stride)
    device = next(network.parameters()).device
    sections = torch.zeros((1, 2 * network.context + 1, side, side), device=device)
    with torch.inference_mode(), _LivingTensors() as living:
        network(sections)
    return SCRATCH_FACTOR * float(living.peak + sections.nbytes) / side**2


class _LivingTensors(TorchFunctionMode):
    """Adds up the storage of the tensors that are alive after each operation."""

    def __init__(self) -> None:
        super().__init__()
        self._storages: dict[int, tuple[StorageWeakRef, int]] = {}
        self.peak = 0

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor):
            storage = result.untyped_storage()
            self._storages[storage._cdata] = StorageWeakRef(storage), storage.nbytes()  # type: ignore[no-untyped-call]
            self._forget_the_dead()
            self.peak = max(self.peak, sum(size for _, size in self._storages.values()))
        return result

    def _forget_the_dead(self) -> None:
        for key, (storage, _) in list(self._storages.items()):
            if storage.expired():  # type: ignore[no-untyped-call]
                del self._storages[key]

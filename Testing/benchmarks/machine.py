"""How long some work takes, how much memory it needs, and what the machine does at its best."""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
import torch

from CTDenoiseLib.inference import Backend

MATMUL_SIDE = {"cpu": 2048, "mps": 4096, "cuda": 8192}
_MATMUL_ROUNDS = 5
_STATUS = Path("/proc/self/status")  # of Linux


def synchronise(device: str) -> None:
    """Wait until the device is idle, and with a graphics processor all others of its kind."""
    if device.startswith("cuda"):
        for index in range(torch.cuda.device_count()):
            torch.cuda.synchronize(index)
    elif device == "mps":
        torch.mps.synchronize()


def seconds(work: Callable[[], object], device: str) -> float:
    """How long some work takes, from when the device is idle until it is so again."""
    synchronise(device)
    start = time.perf_counter()
    work()
    synchronise(device)
    return time.perf_counter() - start


def matmul_peak(backend: Backend) -> float:
    """Best FLOP/s of a large matrix product in the backend's precision, into memory that is there already."""
    side = MATMUL_SIDE[backend.device.partition(":")[0]]
    a, b = (torch.randn(side, side, device=backend.device).to(backend.dtype) for _ in range(2))
    product = a @ b
    times = [seconds(lambda: torch.mm(a, b, out=product), backend.device) for _ in range(_MATMUL_ROUNDS)]
    return 2 * side**3 / min(times)


def peak_memory(work: Callable[[], object], device: str) -> int:
    """Bytes that some work takes at most, beyond what was in use before; on the device where it is a CUDA one."""
    if device.startswith("cuda"):
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        work()
        return int(torch.cuda.max_memory_allocated(device)) - before
    process, done = psutil.Process(), threading.Event()
    before = peak = process.memory_info().rss

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.002):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return int(peak - before)


def highest_resident() -> int:
    """Most bytes of memory that this process has had since it began, as the system counts them."""
    if _STATUS.exists():
        (line,) = (line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """Median of the ratios round by round."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))

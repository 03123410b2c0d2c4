"""A piece of work recorded once and played again: as a CUDA graph, or by doing it anew where there are none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

# As many as PyTorch's notes on CUDA graphs take: libraries make plans and find memory at first use.
_WARM_UPS = 3


@dataclass(frozen=True)
class Recording:
    """Work on fixed memory.

    Attributes:
        result: Where its result lies after `play`, until anything else of the same recorder is played.
        play: Does the work again, with what lies now in the memory that it reads.
    """

    result: Tensor
    play: Callable[[], None]


class Recorder(Protocol):
    """Makes recordings that share their scratch memory; they must not be played at the same time."""

    def record(self, work: Callable[[], Tensor]) -> Recording:
        """Record work that always reads the same memory; it is done some times for that.

        Raises:
            RuntimeError: Memory ran out, or the work cannot be recorded. The recorder is of no use any more.
        """


class CudaRecorder:
    """Records as CUDA graphs: a graphics processor is given all kernels of a network at once.

    Between graphs nothing is kept: each is given its input and its result is copied before another is played, which is
    what PyTorch asks for where graphs share memory.

    cuDNN is left to choose its algorithms by rule. Having it try them out (`torch.backends.cudnn.benchmark`) takes
    seconds for each size, and would make results of one run differ in their last digits from those of the next.

    Args:
        device: Such as "cuda:0".
    """

    def __init__(self, device: str) -> None:
        self._device = torch.device(device)
        # Of this device: the stream that PyTorch would take belongs to the device on which it was first wanted.
        self._stream = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
        self._pool = torch.cuda.graph_pool_handle()

    def record(self, work: Callable[[], Tensor]) -> Recording:
        """See `Recorder`."""
        with torch.cuda.device(self._device):
            self._warm_up(work)
            graph = torch.cuda.CUDAGraph()
            # A capture that fails leaves its stream the current one; the outer block takes it back. Other threads read
            # sections and lock memory meanwhile, which the strictest mode of capture would not allow.
            with (
                torch.cuda.stream(torch.cuda.current_stream()),
                torch.cuda.graph(graph, pool=self._pool, stream=self._stream, capture_error_mode="thread_local"),
            ):
                result = work()
        return Recording(result, graph.replay)

    def _warm_up(self, work: Callable[[], Tensor]) -> None:
        current = torch.cuda.current_stream()
        self._stream.wait_stream(current)
        with torch.cuda.stream(self._stream):
            for _ in range(_WARM_UPS):
                work()
        current.wait_stream(self._stream)


class RepeatingRecorder:
    """Plays by doing the work again: the same from outside, for processors without such graphs and for tests."""

    def record(self, work: Callable[[], Tensor]) -> Recording:
        """See `Recorder`."""
        result = work()

        def play() -> None:
            result.copy_(work())

        return Recording(result, play)

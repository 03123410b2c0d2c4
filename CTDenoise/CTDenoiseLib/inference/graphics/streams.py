"""Ways between host and device: beside the computing on a graphics processor, a plain copy elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..backend import Backend


class Delivery:
    """Tensors on their way to the host.

    Args:
        tensors: In host memory, or on a device that copies them at once when asked.
        arrived: Asks whether they are complete; `None` if they are.
        wait: Returns when they are complete.
    """

    def __init__(
        self,
        tensors: Sequence[Tensor],
        *,
        arrived: Callable[[], bool] | None = None,
        wait: Callable[[], None] | None = None,
    ) -> None:
        self._tensors = tensors
        self._arrived = arrived
        self._wait = wait

    @property
    def has_arrived(self) -> bool:
        """Whether `arrays` will not have to wait."""
        return self._arrived is None or self._arrived()

    def arrays(self) -> tuple[NDArray[np.float32], ...]:
        """The values, waited for. They belong to the caller: page-locked memory is only lent, and copied from."""
        if self._wait is not None:
            self._wait()
        return tuple(tensor.numpy().copy() if self._wait else tensor.cpu().numpy() for tensor in self._tensors)


class Streams(Protocol):
    """The ways between the host and one device, and the order of what happens on it.

    Attributes:
        batches_ahead: Batches to start before the results of the one at work are waited for: 0 where starting a batch
            means computing it.
    """

    batches_ahead: int

    def memory(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """Host memory that `to_device` fetches from fast."""

    def arriving(self) -> AbstractContextManager[list[Tensor]]:
        """Within it, work is done on the way in, beside the computing.

        Gives a list to put the tensors in that will be computed with.
        """

    def join(self) -> None:
        """Have what is computed from now on wait for what is on the way in."""

    def to_device(self, host: Tensor) -> Tensor:
        """A tensor on the device with the values of one in host memory, which must not change any more."""

    def to_host(self, tensors: Sequence[Tensor]) -> Delivery:
        """Send results to the host when they are computed."""


class PlainStreams:
    """One thing after the other: for the processor, and for Metal.

    Args:
        device: Such as "cpu".
        batches_ahead: See `Streams`.
    """

    def __init__(self, device: str, *, batches_ahead: int = 0) -> None:
        self._device = device
        self.batches_ahead = batches_ahead

    def memory(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """See `Streams`."""
        return torch.empty(shape, dtype=dtype)

    def arriving(self) -> AbstractContextManager[list[Tensor]]:
        """See `Streams`."""
        return nullcontext([])

    def join(self) -> None:
        """See `Streams`."""

    def to_device(self, host: Tensor) -> Tensor:
        """See `Streams`."""
        return host.to(self._device)

    def to_host(self, tensors: Sequence[Tensor]) -> Delivery:
        """See `Streams`."""
        return Delivery(tensors)


class CudaStreams:
    """Copies from and to page-locked memory on streams of their own, while the current stream computes.

    Args:
        device: Such as "cuda:0".
        batches_ahead: See `Streams`.
    """

    def __init__(self, device: str, *, batches_ahead: int) -> None:
        self._device = torch.device(device)
        self._in = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
        self._out = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
        self.batches_ahead = batches_ahead

    def memory(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """See `Streams`. PyTorch hands it out again only when no copy from or to it is under way."""
        return torch.empty(shape, dtype=dtype, pin_memory=True)

    @contextmanager
    def arriving(self) -> Iterator[list[Tensor]]:
        """See `Streams`."""
        computing, arrived = self._computing, list[Tensor]()
        with torch.cuda.stream(self._in):
            yield arrived
        # Their memory belongs to the way in, which must not use it again before they are computed with.
        for tensor in arrived:
            tensor.record_stream(computing)

    def join(self) -> None:
        """See `Streams`."""
        self._computing.wait_stream(self._in)

    def to_device(self, host: Tensor) -> Tensor:
        """See `Streams`."""
        return host.to(self._device, non_blocking=True)

    def to_host(self, tensors: Sequence[Tensor]) -> Delivery:
        """See `Streams`."""
        self._out.wait_stream(self._computing)
        with torch.cuda.stream(self._out):
            copies = [self.memory(tuple(tensor.shape), tensor.dtype) for tensor in tensors]
            for copy, tensor in zip(copies, tensors, strict=True):
                copy.copy_(tensor, non_blocking=True)
                tensor.record_stream(self._out)
            # Who waits for it sleeps, and leaves the core to those who write results.
            complete = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
            complete.record(self._out)
        return Delivery(copies, arrived=complete.query, wait=complete.synchronize)

    @property
    def _computing(self) -> torch.cuda.Stream:
        return torch.cuda.current_stream(self._device)


def streams_of(backend: Backend) -> Streams:
    """The ways to and from a device.

    A network in float32 is computed layer by layer even on a graphics processor and waits for each (see `execution`),
    so that nothing is won by starting a batch ahead.
    """
    if not backend.device.startswith("cuda"):
        return PlainStreams(backend.device)
    return CudaStreams(backend.device, batches_ahead=0 if backend.precision == "fp32" else 1)

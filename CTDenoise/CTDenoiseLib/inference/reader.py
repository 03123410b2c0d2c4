"""Sections on their way from a volume into host memory: read when they are asked for, or before by a thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .errors import NotFiniteError
from .sectioned_volume import ReadyVolume, SectionedVolume

Memory = Callable[[tuple[int, ...], torch.dtype], Tensor]


@dataclass(frozen=True)
class HostSection:
    """One section in host memory.

    Attributes:
        hu: Float32, shape (y, x).
        unchanged: Voxels that stay as they are, bool, shape (y, x): padding, and values outside what the model saw;
            `None` if there are none.
        passed_through: How many these are.
    """

    hu: Tensor
    unchanged: Tensor | None
    passed_through: int


class SectionReader:
    """Reads the sections of a volume and looks at their values.

    A thread, if there is one, reads what is there; what has to be waited for is read by who asks for it. The thread
    ends when the reader is closed or let go of.

    Args:
        volume: Only the sections asked for are read.
        hu_range: Lowest and highest HU that the model saw.
        memory: Gives host memory that the device fetches from.
        ahead: Sections to read before they are asked for at most; with 0 there is no thread. Ignored for a volume that
            is no `ReadyVolume`.
        keep: Sections to keep for others who ask for them.
    """

    def __init__(
        self, volume: SectionedVolume, hu_range: tuple[float, float], memory: Memory, *, ahead: int = 0, keep: int = 0
    ) -> None:
        self._volume = volume
        self._hu_range = hu_range
        self._memory = memory
        self._ready = volume if isinstance(volume, ReadyVolume) else None
        self._ahead = ahead if self._ready is not None else 0
        self._keep = keep
        self._kept: OrderedDict[int, HostSection] = OrderedDict()
        self._coming: OrderedDict[int, Future[HostSection]] = OrderedDict()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="read-ahead") if self._ahead else None

    def are_there(self, indices: Sequence[int]) -> bool:
        """Whether all these sections can be read without waiting."""
        return self._ready is not None and all(self._ready.is_there(index) for index in indices)

    def expect(self, indices: Sequence[int]) -> None:
        """Read ahead what will be asked for, in this order, and forget what was read ahead but is not expected now."""
        if self._thread is None or self._ready is None:
            return
        there = [index for index in indices if index not in self._kept and self._ready.is_there(index)][: self._ahead]
        for index in [index for index in self._coming if index not in there]:
            self._coming.pop(index).cancel()
        for index in there:
            if index not in self._coming:
                self._coming[index] = self._thread.submit(self._read, index)

    def take(self, index: int) -> HostSection:
        """One section.

        Raises:
            NotFiniteError: It holds NaN or infinity.
        """
        if index in self._kept:
            self._kept.move_to_end(index)
            return self._kept[index]
        section = self._awaited(index)
        if self._keep:
            self._kept[index] = section
            if len(self._kept) > self._keep:
                self._kept.popitem(last=False)
        return section

    def close(self) -> None:
        """End the thread, which finishes the section that it is reading, if any."""
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)
        self._thread = None
        self._coming.clear()

    def _awaited(self, index: int) -> HostSection:
        if index in self._coming:
            return self._coming.pop(index).result()
        if self._thread is None or not self.are_there([index]):
            return self._read(index)
        return self._thread.submit(self._read, index).result()

    def _read(self, index: int) -> HostSection:
        values = self._volume.section(index)
        hu = self._memory(values.shape, torch.float32)
        copy = hu.numpy()
        np.copyto(copy, values)
        lowest, highest = float(copy.min()), float(copy.max())
        if not (np.isfinite(lowest) and np.isfinite(highest)):
            raise NotFiniteError(
                f"Section {index + 1} of {self._volume.shape[0]} holds values that are not finite (NaN or infinity); "
                "nothing can be computed from them. Repair the volume first."
            )
        unchanged = self._unchanged(index, copy, lowest, highest)
        return HostSection(hu, *self._counted(unchanged))

    def _unchanged(
        self, index: int, hu: NDArray[np.float32], lowest: float, highest: float
    ) -> NDArray[np.bool_] | None:
        low, high = self._hu_range
        padding = self._volume.padding_mask(index) if self._volume.has_padding else None
        if low <= lowest and highest <= high:
            return padding
        outside = (hu < low) | (hu > high)
        return outside if padding is None else outside | padding

    def _counted(self, unchanged: NDArray[np.bool_] | None) -> tuple[Tensor | None, int]:
        count = 0 if unchanged is None else int(np.count_nonzero(unchanged))
        if unchanged is None or count == 0:
            return None, 0
        mask = self._memory(unchanged.shape, torch.bool)
        np.copyto(mask.numpy(), unchanged)
        return mask, count

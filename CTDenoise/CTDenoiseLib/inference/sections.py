"""Sections to a device, clipped, scaled and padded for the network; and back, the noise in HU and subtracted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..models.card import ModelCard
from .backend import Backend
from .errors import NotFiniteError
from .graphics.streams import Delivery, Streams
from .padding import mirrored_indices
from .reader import HostSection, SectionReader
from .results import DenoisedSection


@dataclass(frozen=True)
class DeviceSection:
    """One section on the device.

    Attributes:
        hu: As read, shape (y, x).
        scaled: What the network is given, sides padded.
        unchanged: Voxels that stay as they are; `None` if there are none.
        passed_through: How many these are.
    """

    hu: Tensor
    scaled: Tensor
    unchanged: Tensor | None
    passed_through: int


@dataclass(frozen=True)
class PendingSection:
    """A denoised section that may still be computed, or be on its way from the device.

    Attributes:
        index: Its place in the volume.
        delivery: Output and noise.
        passed_through: Voxels left unchanged.
        precision: Of the network.
    """

    index: int
    delivery: Delivery
    passed_through: int
    precision: str

    def result(self) -> DenoisedSection:
        """The section, waited for.

        Raises:
            NotFiniteError: The noise holds NaN or infinity.
        """
        output, noise = self.delivery.arrays()
        if not np.isfinite(noise).all():
            raise NotFiniteError(
                f"The network gave values that are not finite for section {self.index + 1}: its numbers overflow in "
                f"{self.precision}. Choose another precision, or verify the model."
            )
        return DenoisedSection(index=self.index, output=output, noise=noise, passed_through=self.passed_through)


class SectionSource:
    """Brings sections to a device, keeps the few that neighbouring windows share, and subtracts the noise from them.

    Args:
        reader: Of the volume.
        card: Says how HU are clipped and scaled.
        backend: Device and precision.
        streams: Ways to and from the device.
        shape: Sections, rows and columns of the volume.
        stride: Both sides are padded to a multiple of this.
        keep: Sections to keep.
    """

    def __init__(  # noqa: PLR0913
        self,
        reader: SectionReader,
        card: ModelCard,
        backend: Backend,
        streams: Streams,
        *,
        shape: tuple[int, int, int],
        stride: int,
        keep: int,
    ) -> None:
        self._reader = reader
        self._card = card
        self._backend = backend
        self._streams = streams
        self._last = shape[0] - 1
        rows, columns = (torch.from_numpy(mirrored_indices(side, multiple=stride)) for side in shape[1:])
        self._is_padded = (len(rows), len(columns)) != shape[1:]
        self._rows, self._columns = rows[:, None].to(backend.device), columns.to(backend.device)
        self._windows: Tensor | None = None
        self._keep = keep
        self._kept: OrderedDict[int, DeviceSection] = OrderedDict()

    def lacks(self, centers: Sequence[int]) -> list[int]:
        """Sections that the windows around some want and that are not on the device, in the order they will be read."""
        wanted = dict.fromkeys(index for center in centers for index in self._window(center))
        return [index for index in wanted if index not in self._kept]

    def windows(self, centers: Sequence[int]) -> tuple[Tensor, list[DeviceSection]]:
        """Sections with their neighbours; the edge sections continue beyond.

        Returns:
            Shape (n, 2 · context + 1, y, x), in memory that the next call writes to again; and the sections themselves.
        """
        windows = self._memory_for_windows(len(centers))
        found: list[DeviceSection] = []
        for window, center in zip(windows, centers, strict=True):
            sections = [self._section(index) for index in self._window(center)]
            self._streams.join()
            for place, section in zip(window, sections, strict=True):
                place.copy_(section.scaled)
            found.append(sections[self._card.context])
        return windows, found

    def subtract(self, index: int, section: DeviceSection, scaled_noise: Tensor, *, strength: float) -> PendingSection:
        """Take noise from a section, in float32.

        Args:
            index: Of the section.
            section: As `windows` gave it.
            scaled_noise: What the network predicted for it, float32, with the padded sides.
            strength: Share of the noise that is subtracted.
        """
        rows, columns = section.hu.shape
        noise = scaled_noise[:rows, :columns] * self._card.scaling.scale_hu
        if section.unchanged is not None:
            noise.masked_fill_(section.unchanged, 0.0)
        delivery = self._streams.to_host((section.hu - strength * noise, noise))
        return PendingSection(index, delivery, section.passed_through, self._backend.precision)

    def _window(self, center: int) -> list[int]:
        context = self._card.context
        return [min(max(index, 0), self._last) for index in range(center - context, center + context + 1)]

    def _memory_for_windows(self, count: int) -> Tensor:
        """The same from batch to batch: to find new memory each time takes a processor longer than to fill it."""
        if self._windows is None or len(self._windows) < count:
            self._windows = torch.empty(
                (count, 2 * self._card.context + 1, len(self._rows), len(self._columns)),
                dtype=torch.float32,
                device=self._backend.device,
                memory_format=self._backend.memory_format,
            )
        return self._windows[:count]

    def _section(self, index: int) -> DeviceSection:
        """A section that is kept, else fetched in place of the one not asked for the longest."""
        if index not in self._kept:
            host = self._reader.take(index)
            if len(self._kept) == self._keep:
                self._kept.popitem(last=False)
            with self._streams.arriving() as arrived:
                self._kept[index] = self._prepared(host, arrived)
        self._kept.move_to_end(index)
        return self._kept[index]

    def _prepared(self, host: HostSection, arrived: list[Tensor]) -> DeviceSection:
        hu = self._streams.to_device(host.hu)
        low, high = self._card.hu_range
        scaling = self._card.scaling
        scaled = hu.clamp(low, high).sub_(scaling.offset_hu).div_(scaling.scale_hu)
        if self._is_padded:
            scaled = scaled[self._rows, self._columns]
        arrived += [hu, scaled]
        unchanged = None
        if host.unchanged is not None:
            unchanged = self._streams.to_device(host.unchanged)
            arrived.append(unchanged)
        return DeviceSection(hu, scaled, unchanged, host.passed_through)

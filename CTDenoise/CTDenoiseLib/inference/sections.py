"""Sections on their way into the network and back: checked, clipped, scaled and padded; then cropped, in HU."""

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
from .padding import mirrored_indices
from .results import DenoisedSection
from .sectioned_volume import SectionedVolume


@dataclass(frozen=True)
class _Section:
    """One section on the device: HU as read, shape (y, x), and what the network is given, sides padded."""

    hu: Tensor
    scaled: Tensor


class SectionSource:
    """Reads sections on demand, keeps the few that neighbouring windows share, and subtracts the noise from them.

    Args:
        volume: Only the sections in use are read.
        card: Says how HU are clipped and scaled.
        backend: Device and precision.
        stride: Both sides are padded to a multiple of this.
        keep: Sections to keep.
    """

    def __init__(self, volume: SectionedVolume, card: ModelCard, backend: Backend, *, stride: int, keep: int) -> None:
        self._volume = volume
        self._card = card
        self._backend = backend
        rows, columns = (mirrored_indices(side, multiple=stride) for side in volume.shape[1:])
        self._rows = torch.from_numpy(rows).to(backend.device)
        self._columns = torch.from_numpy(columns).to(backend.device)
        self._keep = keep
        self._kept: OrderedDict[int, _Section] = OrderedDict()

    def windows(self, centers: Sequence[int]) -> Tensor:
        """Sections with their neighbours, shape (n, 2 · context + 1, y, x); the edge sections continue beyond."""
        context, last = self._card.context, self._volume.shape[0] - 1
        windows = torch.empty(
            (len(centers), 2 * context + 1, len(self._rows), len(self._columns)),
            dtype=torch.float32,
            device=self._backend.device,
            memory_format=self._backend.memory_format,
        )
        for window, center in zip(windows, centers, strict=True):
            for place, index in enumerate(range(center - context, center + context + 1)):
                window[place] = self._section(min(max(index, 0), last)).scaled
        return windows

    def subtract(self, index: int, scaled_noise: Tensor, *, strength: float) -> DenoisedSection:
        """Take noise from a section, in float32.

        Args:
            index: Of the section.
            scaled_noise: What the network predicted for it, float32, with the padded sides.
            strength: Share of the noise that is subtracted.

        Raises:
            NotFiniteError: The noise holds NaN or infinity.
        """
        hu = self._section(index).hu
        unchanged = self._passes_through(index)
        rows, columns = hu.shape
        noise = (scaled_noise[:rows, :columns] * self._card.scaling.scale_hu).masked_fill_(unchanged, 0.0)
        output = (hu - strength * noise).cpu().numpy()
        noise_on_host = noise.cpu().numpy()
        if not np.isfinite(noise_on_host).all():
            raise NotFiniteError(
                f"The network gave values that are not finite for section {index + 1}: its numbers overflow in "
                f"{self._backend.precision}. Choose another precision, or verify the model."
            )
        return DenoisedSection(index=index, output=output, noise=noise_on_host, passed_through=int(unchanged.sum()))

    def _passes_through(self, index: int) -> Tensor:
        """Voxels that stay as they are, shape (y, x): padding, and values outside what the model saw."""
        low, high = self._card.hu_range
        hu = self._section(index).hu
        outside = (hu < low) | (hu > high)
        if self._volume.has_padding:
            outside |= torch.from_numpy(self._volume.padding_mask(index)).to(self._backend.device)
        return outside

    def _section(self, index: int) -> _Section:
        """A section that is kept, else read in place of the one not asked for the longest."""
        if index not in self._kept:
            if len(self._kept) == self._keep:
                self._kept.popitem(last=False)
            self._kept[index] = self._read(index)
        self._kept.move_to_end(index)
        return self._kept[index]

    def _read(self, index: int) -> _Section:
        values = np.array(self._volume.section(index))
        if not np.isfinite(values).all():
            raise NotFiniteError(
                f"Section {index + 1} of {self._volume.shape[0]} holds values that are not finite (NaN or infinity); "
                "nothing can be computed from them. Repair the volume first."
            )
        hu = torch.from_numpy(values).to(self._backend.device)
        low, high = self._card.hu_range
        scaling = self._card.scaling
        scaled = hu.clamp(low, high).sub_(scaling.offset_hu).div_(scaling.scale_hu)
        if scaled.shape != (len(self._rows), len(self._columns)):
            scaled = scaled[self._rows[:, None], self._columns]
        return _Section(hu=hu, scaled=scaled)

"""What a run looks at in passing: figures for the summary, and outputs kept for the report."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from ..inference import DenoisedSection
from ..measure.audit.effect import Effect, EffectMeter
from ..measure.noise.uniform_region import UniformRegion
from ..measure.sampling import SampledVolume
from ..volume import Volume
from .spool import SectionSpool


class Measurements:
    """Measures each section that passes.

    Args:
        volume: The input.
        region: Where to read noise, `None` if there is no uniform region.
        keep: Indices of sections whose output to keep.

    Attributes:
        kept: Outputs to keep that have passed, by index.
    """

    def __init__(self, volume: Volume, region: UniformRegion | None, *, keep: Collection[int] = ()) -> None:
        self.kept: dict[int, NDArray[np.float32]] = {}
        self._volume = volume
        self._keep = keep
        self._meter = EffectMeter(region, sections=volume.shape[0])

    def effect(self) -> Effect:
        """The figures of what has passed."""
        return self._meter.result()

    def kept_volume(self) -> SampledVolume:
        """The outputs kept."""
        indices = sorted(self.kept)
        values = np.stack([self.kept[index] for index in indices])
        return SampledVolume(values, indices, sections_in_all=self._volume.shape[0], geometry=self._volume.geometry)

    def follow(
        self, sections: Iterator[DenoisedSection], residuals: SectionSpool | None
    ) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Pass outputs on, measuring each and putting aside what was subtracted from it."""
        for section in sections:
            before = self._volume.hu[section.index]
            self._meter.add(section.index, before, section.output)
            if section.index in self._keep:
                self.kept[section.index] = section.output
            if residuals is not None:
                residuals.put(section.index, before - section.output)
            yield section.index, section.output

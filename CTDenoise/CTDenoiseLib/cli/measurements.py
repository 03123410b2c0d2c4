"""What a run looks at in passing: figures for the summary, and outputs kept for the report."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..behind import WorkBehind
from ..measure.audit.effect import Effect, EffectMeter
from ..measure.sampling import SampledVolume
from .source import InputVolume
from .spool import SectionSpool

if TYPE_CHECKING:
    from ..inference import DenoisedSection


class Measurements:
    """Measures each section that passes.

    Args:
        volume: The input.
        keep: Indices of sections whose output to keep.
    """

    def __init__(self, volume: InputVolume, *, keep: Collection[int] = ()) -> None:
        self._volume = volume
        self._keep = keep
        self._kept: dict[int, NDArray[np.float32]] = {}
        self._meter = EffectMeter(volume)

    def effect(self) -> Effect:
        """The figures of what has passed."""
        return self._meter.result()

    def kept_volume(self) -> SampledVolume:
        """The outputs kept."""
        indices = sorted(self._kept)
        values = np.stack([self._kept[index] for index in indices])
        return SampledVolume(values, indices, sections_in_all=self._volume.shape[0], geometry=self._volume.geometry)

    def follow(
        self, sections: Iterator[DenoisedSection], residuals: SectionSpool | None
    ) -> Generator[tuple[int, NDArray[np.float32]], None, None]:
        """Pass outputs on, while a thread measures each and puts aside what was subtracted from it.

        When the last one has been passed on, all have been measured.
        """
        with WorkBehind("measure") as behind:
            for section in sections:
                behind.do(self._take, section, residuals)
                yield section.index, section.output

    def _take(self, section: DenoisedSection, residuals: SectionSpool | None) -> None:
        self._meter.add(section.index, section.output)
        if section.index in self._keep:
            self._kept[section.index] = section.output
        if residuals is not None:
            residuals.put(section.index, self._volume.section(section.index) - section.output)

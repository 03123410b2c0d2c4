"""Figures of a run, gathered section by section as they pass: noise, mean, edges, and outputs kept for the report."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from ..inference import DenoisedSection
from ..measure.edge_ratio import BODY_ABOVE_HU, EdgeRatioMeter, edge_masks
from ..measure.uniform_region import RegionStatistics, UniformRegion
from ..volume import Volume
from .spool import SectionSpool

_MOST_SECTIONS_FOR_EDGES = 24


class Measurements:
    """Measures each section that passes.

    Args:
        volume: The input.
        region: Where to read noise, `None` if there is no uniform region.
        keep: Indices of sections whose output to keep.

    Attributes:
        region: As given.
        after: Mean and noise of the output there, once its section has passed.
        edges: Edge ratio of the residual over sections spread evenly.
        kept: Outputs to keep that have passed, by index.
    """

    def __init__(self, volume: Volume, region: UniformRegion | None, *, keep: Collection[int] = ()) -> None:
        self.region = region
        self.after: RegionStatistics | None = None
        self.edges = EdgeRatioMeter()
        self.kept: dict[int, NDArray[np.float32]] = {}
        self._volume = volume
        self._keep = keep
        self._every = -(-volume.shape[0] // _MOST_SECTIONS_FOR_EDGES)
        self._shift = 0.0
        self._body_voxels = 0

    @property
    def mean_shift(self) -> float | None:
        """Mean of output − input over the voxels above −300 HU, in HU; `None` if there are none."""
        return self._shift / self._body_voxels if self._body_voxels else None

    def follow(
        self, sections: Iterator[DenoisedSection], residuals: SectionSpool | None
    ) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Pass outputs on, measuring each and putting aside what was subtracted from it."""
        for section in sections:
            residual = self._volume.hu[section.index] - section.output
            self._measure(section, residual)
            if residuals is not None:
                residuals.put(section.index, residual)
            yield section.index, section.output

    def _measure(self, section: DenoisedSection, residual: NDArray[np.float32]) -> None:
        hu = self._volume.hu[section.index]
        body = hu > BODY_ABOVE_HU
        self._shift -= float(residual[body].sum(dtype=np.float64))
        self._body_voxels += int(body.sum())
        if section.index % self._every == self._every // 2:
            masks = edge_masks(hu)
            if masks is not None:
                self.edges.add(masks, residual)
        if self.region is not None and section.index == self.region.section:
            self.after = self.region.measure(section.output)
        if section.index in self._keep:
            self.kept[section.index] = section.output

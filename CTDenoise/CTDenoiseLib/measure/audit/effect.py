"""What denoising did to a volume, in figures: noise and mean of a uniform region, mean of the body, edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..noise.uniform_region import RegionStatistics, UniformRegion, UniformRegionSearch
from ..sampling import MeasurableVolume, evenly_spread
from .edge_ratio import BODY_ABOVE_HU, EdgeRatio, EdgeRatioMeter, edge_masks


@dataclass(frozen=True, kw_only=True)
class Effect:
    """Figures before and after.

    Attributes:
        region: Where noise was read, with its figures before; `None` if there was no uniform region.
        after: Mean and noise of the result there.
        edges: Edge ratio of what was subtracted, `None` where no section shows a body.
        mean_shift: Mean of result − input over the voxels above −300 HU, in HU; `None` if there are none.
    """

    region: UniformRegion | None
    after: RegionStatistics | None
    edges: EdgeRatio | None
    mean_shift: float | None

    @property
    def noise_change(self) -> float | None:
        """Change of the noise in the uniform region in percent, negative for less."""
        if self.region is None or self.after is None:
            return None
        return 100 * (self.after.noise_hu / self.region.noise_hu - 1)


class EffectMeter:
    """Collects the figures from sections as they come, all of a volume or a sample.

    Args:
        volume: The input, of which no more is asked for than the sections that come and those beside them. Edges, and
            the region to read noise from, are looked for in 24 sections, evenly spread.
    """

    def __init__(self, volume: MeasurableVolume) -> None:
        self._volume = volume
        self._search = UniformRegionSearch(volume)
        self._after: dict[int, RegionStatistics] = {}
        self._with_edges = evenly_spread(volume.shape[0])
        self._edges = EdgeRatioMeter()
        self._shift = 0.0
        self._body_voxels = 0

    def add(self, index: int, after: NDArray[np.float32]) -> None:
        """Count one section.

        Args:
            index: Its place in the volume.
            after: HU of the result, shape (y, x).
        """
        before = self._volume.section(index)
        residual = before - after
        body = before > BODY_ABOVE_HU
        self._shift -= float((residual * body).sum(dtype=np.float64))
        self._body_voxels += int(np.count_nonzero(body))
        if index in self._with_edges:
            masks = edge_masks(before)
            if masks is not None:
                self._edges.add(masks, residual)
        if index in self._search.sections:
            square = self._search.look_at(index)
            if square is not None:
                self._after[index] = square.measure(after)

    def result(self) -> Effect:
        """The figures of the sections so far."""
        region = self._search.result()
        return Effect(
            region=region,
            after=None if region is None else self._after[region.section],
            edges=self._edges.result(),
            mean_shift=self._shift / self._body_voxels if self._body_voxels else None,
        )

"""What denoising did to a volume, in figures: noise and mean of a uniform region, mean of the body, edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..noise.uniform_region import RegionStatistics, UniformRegion
from ..sampling import evenly_spread
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
        region: Where to read noise, `None` if there is no uniform region.
        sections: Of the whole volume; edges are looked at in 24 of them, evenly spread.
    """

    def __init__(self, region: UniformRegion | None, *, sections: int) -> None:
        self._region = region
        self._with_edges = evenly_spread(sections)
        self._edges = EdgeRatioMeter()
        self._after: RegionStatistics | None = None
        self._shift = 0.0
        self._body_voxels = 0

    def add(self, index: int, before: NDArray[np.float32], after: NDArray[np.float32]) -> None:
        """Count one section.

        Args:
            index: Its place in the volume.
            before: HU of the input, shape (y, x).
            after: HU of the result, same shape.
        """
        residual = before - after
        body = before > BODY_ABOVE_HU
        self._shift -= float(residual[body].sum(dtype=np.float64))
        self._body_voxels += int(body.sum())
        if index in self._with_edges:
            masks = edge_masks(before)
            if masks is not None:
                self._edges.add(masks, residual)
        if self._region is not None and index == self._region.section:
            self._after = self._region.measure(after)

    def result(self) -> Effect:
        """The figures of the sections so far."""
        return Effect(
            region=self._region,
            after=self._after,
            edges=self._edges.result(),
            mean_shift=self._shift / self._body_voxels if self._body_voxels else None,
        )

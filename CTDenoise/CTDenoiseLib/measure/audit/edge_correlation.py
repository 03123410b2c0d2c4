"""Does a residual follow the edges of the anatomy, with the sign that lost detail has?

A denoiser that takes too much leaves the anatomy blurred. What is missing then is the *detail*: the picture minus a
smoother version of itself, positive on the bright side of an edge and negative on the dark side. So the residual
(input − output) is correlated with the detail of the output, the difference of the output smoothed by Gaussians of one
and of two pixels. Pure noise knows nothing of the anatomy and gives nothing but chance; lost detail gives a positive
correlation, detail made stronger (sharpening) a negative one. Strength of the residual at edges, whatever its sign, is
the matter of `edge_ratio`.

The anatomy is taken from the *output*, since the residual is part of the input: any picture made of the input would
correlate with it even if nothing but noise was taken away. Some noise remains in the output, and it may be like what
was taken (half of it, its low frequencies). How much this alone gives is measured in flat soft tissue, where there is
no detail but noise, reported as what noise gives, and subtracted where detail is counted. What is gone from the output
without a trace cannot be seen in this way; it shows in the edge ratio, whose edges are those of the input.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from .block_sums import block_sums, standard_error
from .edge_ratio import EdgeMasks, edge_masks

FINE_PIXELS, COARSE_PIXELS = 1.0, 2.0
STANDARD_ERRORS = 3.0


@dataclass(frozen=True)
class EdgeCorrelation:
    """How far a residual follows the edges.

    Attributes:
        value: Correlation coefficient of residual and detail over the edges, −1 to 1.
        error: Its standard error from chance.
        from_noise: Correlation that noise left in the output gives by itself.
        detail_taken: Share of the detail at edges that was taken away, negative if it was made stronger; noise is
            subtracted. A Gaussian blur of 0.5 pixels takes 0.1, one of 0.7 pixels 0.2.
        detail_error: Its standard error.
    """

    value: float
    error: float
    from_noise: float
    detail_taken: float
    detail_error: float

    @property
    def noise_range(self) -> tuple[float, float]:
        """Lowest and highest correlation that pure noise may give.

        Chance by three standard errors, around anything between none and twice of what noise left in the output gives
        in flat tissue: noise at edges may differ that much.
        """
        chance = STANDARD_ERRORS * self.error
        return min(0.0, 2 * self.from_noise) - chance, max(0.0, 2 * self.from_noise) + chance


def detail(picture: NDArray[np.floating]) -> NDArray[np.float32]:
    """Detail of a picture: smoothed by a Gaussian of one pixel, minus smoothed by one of two pixels.

    Args:
        picture: HU, shape (y, x).
    """
    exact = np.asarray(picture, dtype=np.float32)
    fine, coarse = (scipy.ndimage.gaussian_filter(exact, pixels) for pixels in (FINE_PIXELS, COARSE_PIXELS))
    return np.asarray(fine - coarse)


def follows(residual: NDArray[np.floating]) -> NDArray[np.float32]:
    """The residual as it is held against detail: smoothed by the same Gaussian of one pixel.

    Args:
        residual: Input − output in HU, shape (y, x).
    """
    return np.asarray(scipy.ndimage.gaussian_filter(np.asarray(residual, dtype=np.float32), FINE_PIXELS))


class EdgeCorrelationMeter:
    """Collects the correlation over the sections of a volume as they come."""

    def __init__(self) -> None:
        self._edges: list[NDArray[np.float64]] = []
        self._flat: list[NDArray[np.float64]] = []
        self._sections: list[int] = []

    def add(self, index: int, after: NDArray[np.floating], residual: NDArray[np.floating]) -> None:
        """Count one section; one without a body has no edges and is passed over.

        Args:
            index: Its place in the volume.
            after: Output in HU, shape (y, x).
            residual: Input − output in HU, same shape.
        """
        masks = edge_masks(after)
        if masks is None:
            return
        edges, flat = _products(masks, detail(after), follows(residual))
        self._edges.append(edges)
        self._flat.append(flat)
        self._sections.append(index)

    def result(self) -> EdgeCorrelation | None:
        """Over all sections added; `None` when none had a body, or nothing was taken away at the edges."""
        if not self._edges:
            return None
        return _correlation(np.concatenate(self._edges), np.concatenate(self._flat))

    @property
    def worst_section(self) -> int | None:
        """Index of the section whose residual follows the edges most; `None` when there is none."""
        found = [_correlation(*sums) for sums in zip(self._edges, self._flat, strict=True)]
        known = [(one.value, index) for one, index in zip(found, self._sections, strict=True) if one is not None]
        return max(known)[1] if known else None


def edge_correlation(after: NDArray[np.floating], residual: NDArray[np.floating]) -> EdgeCorrelation | None:
    """Correlation of a whole volume or one section.

    Args:
        after: Output in HU, shape (z, y, x) or (y, x).
        residual: Input − output in HU, same shape.
    """
    shape = (-1, *after.shape[-2:])
    meter = EdgeCorrelationMeter()
    for index, (section, difference) in enumerate(zip(after.reshape(shape), residual.reshape(shape), strict=True)):
        meter.add(index, section, difference)
    return meter.result()


def _products(
    masks: EdgeMasks, template: NDArray[np.float32], residual: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For edges and for flat tissue, by squares: pixels, sums of r, d, r·d, r² and d² of residual r and detail d."""
    products = (residual, template, residual * template, residual * residual, template * template)
    return block_sums(masks.edge, *products), block_sums(masks.flat, *products)


def _without_means(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """By squares: pixels, sums of r·d, r² and d² without the means of r and d: an offset follows no edges."""
    pixels, r, d, product, r_squared, d_squared = sums.T
    mean_r, mean_d = r.sum() / pixels.sum(), d.sum() / pixels.sum()
    shared = product - mean_r * d - mean_d * r + pixels * mean_r * mean_d
    taken, there = r_squared - mean_r * (2 * r - pixels * mean_r), d_squared - mean_d * (2 * d - pixels * mean_d)
    return np.stack([pixels, shared, taken, there], axis=1)


def _correlation(edge_sums: NDArray[np.float64], flat_sums: NDArray[np.float64]) -> EdgeCorrelation | None:
    edges, flat = _without_means(edge_sums), _without_means(flat_sums)
    pixels, shared, taken, there = edges.sum(axis=0).tolist()
    flat_shared, _, flat_there = (flat[:, 1:].sum(axis=0) / flat[:, 0].sum()).tolist()
    scale = math.sqrt(max(taken * there, 0.0))
    lost, left = shared - pixels * flat_shared, there - pixels * flat_there
    if scale == 0 or left <= 0 or lost + left <= 0:
        return None
    value = shared / scale
    by_chance = edges[:, 1] / scale - value / 2 * (edges[:, 2] / taken + edges[:, 3] / there)
    share = lost / (lost + left)
    lost_in, left_in = (edges[:, 1] - flat_shared * edges[:, 0]), (edges[:, 3] - flat_there * edges[:, 0])
    by_chance_lost = (lost_in * (1 - share) - left_in * share) / (lost + left)
    return EdgeCorrelation(
        value=value,
        error=standard_error(by_chance),
        from_noise=pixels * flat_shared / scale,
        detail_taken=share,
        detail_error=standard_error(by_chance_lost),
    )

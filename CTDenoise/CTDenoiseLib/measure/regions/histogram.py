"""Histogram of the identical voxels of several images, in the same bins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..image import MeasuredImage
from .region import region_voxels
from .region_samples import region_samples
from .shapes import Shape

MOST_BINS = 200


@dataclass(frozen=True, eq=False)
class Histogram:
    """How often HU occur in a region.

    Attributes:
        edges: Of the bins in HU, shape (bins + 1,); a value on an edge is in the bin above, the last bin is closed.
        counts: Voxels in each bin for each image, shape (images, bins).
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.intp]

    @property
    def centres(self) -> NDArray[np.float64]:
        """Middle of each bin in HU, shape (bins,)."""
        return np.asarray((self.edges[1:] + self.edges[:-1]) / 2)

    @property
    def share(self) -> NDArray[np.float64]:
        """Percent of the region in each bin, shape (images, bins): the same scale for regions of any size."""
        return np.asarray(100 * self.counts / self.counts.sum(axis=1, keepdims=True))


def roi_histogram(
    shape: Shape, images: Sequence[MeasuredImage], *, bin_hu: float | None = None, resample: bool = False
) -> Histogram:
    """Histogram of a region in each image.

    Args:
        shape: In the same world as the images.
        images: At least one; voxels that are padding in one of them count in none.
        bin_hu: Width of the bins; `None` lets the noise of the first image decide.
        resample: Measure images of other voxels too, interpolated linearly at the voxel centres of the first.

    Raises:
        MeasurementError: As `roi_statistics`.
    """
    samples = region_samples(region_voxels(shape, images[0].grid), images, resample=resample)
    return histogram(samples.values, bin_hu=bin_hu)


def histogram(values: Sequence[NDArray[np.generic]], *, bin_hu: float | None = None) -> Histogram:
    """Histogram of the values of several images in bins around whole multiples of their width.

    Without a width, it is that of Freedman and Diaconis (1981) for the first image, 2 · interquartile range / ∛n, in
    whole HU and at least 1, so that the whole numbers of a scanner fall evenly into bins; and wide enough for no more
    than 200 bins.

    Args:
        values: HU of each image, each of shape (n,) with n ≥ 1.
        bin_hu: Width of the bins.
    """
    low, high = (float(bound([bound(each) for each in values])) for bound in (np.min, np.max))
    width = bin_hu or _bin_width(values[0], high - low)
    first, last = np.floor(low / width + 0.5), np.floor(high / width + 0.5)
    edges = (np.arange(first, last + 2) - 0.5) * width
    return Histogram(edges, np.stack([np.histogram(each, edges)[0] for each in values]))


def _bin_width(values: NDArray[np.generic], extent: float) -> float:
    quarter, three_quarters = np.percentile(values.astype(np.float64), (25, 75))
    by_noise = round(2 * (three_quarters - quarter) / np.cbrt(values.size))
    # Bins lie around whole multiples, so one more than fits into the extent may be needed.
    return float(max(1, by_noise, np.ceil(extent / (MOST_BINS - 1))))

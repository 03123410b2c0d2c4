"""HU of the identical voxels in several images, without those that hold no data in one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import OutsideImageError, TooFewVoxelsError
from ..image import MeasuredImage
from ..profiles.interpolation import inside, interpolate
from .region import Region, require_sections


@dataclass(frozen=True, eq=False)
class RegionSamples:
    """What images hold in a region.

    Attributes:
        values: HU of each image in its own type, float64 where it was resampled; each of shape (n,).
        left_out: Voxels of the region that are padding, no number, or beyond the edge in any of the images.
    """

    values: tuple[NDArray[np.generic], ...]
    left_out: int

    @property
    def count(self) -> int:
        """Number of voxels, the same for all images."""
        return self.values[0].size


def region_samples(region: Region, images: Sequence[MeasuredImage], *, resample: bool = False) -> RegionSamples:
    """Read the identical voxels of several images.

    Args:
        region: Of the first image's grid, or any other.
        images: At least one.
        resample: Whether images of another grid may be interpolated at the voxel centres of the region.

    Raises:
        DifferentGridError: An image has other voxels, and `resample` is false.
        OutsideImageError: The region lies outside an image that is interpolated.
        NotDenoisedHereError: Some of the sections hold no data yet.
        TooFewVoxelsError: All voxels are padding.
    """
    other = [image for image in images if resample and not image.grid.is_same_as(region.grid)]
    stored = iter(region.stored_values([image for image in images if image not in other]))
    found = [_resampled_values(region, image) if image in other else next(stored) for image in images]
    missing = np.zeros(region.count, dtype=bool)
    for image, values in zip(images, found, strict=True):
        missing |= image.has_no_data(values)
    if not missing.any():
        return RegionSamples(tuple(found), 0)
    kept = ~missing
    if not kept.any():
        raise TooFewVoxelsError("The region holds nothing but padding, where the scanner gives no data; move it.")
    return RegionSamples(tuple(values[kept] for values in found), int(kept.size - kept.sum()))


def _resampled_values(region: Region, image: MeasuredImage) -> NDArray[np.float64]:
    """HU of an image at the voxel centres of a region of another grid, interpolated linearly, shape (n,).

    Interpolation averages, so noise is lower than in the image's own voxels (see `interpolation`).

    Returns:
        NaN outside the image, and where a voxel that counts is padding.

    Raises:
        MeasurementError: As `places_in`.
    """
    return interpolate(image, places_in(region, image))


def places_in(region: Region, image: MeasuredImage) -> NDArray[np.float64]:
    """Voxel centres of a region as indices (z, y, x) of an image of another grid, shape (n, 3).

    Raises:
        OutsideImageError: The region lies outside the image.
        NotDenoisedHereError: Some of the sections needed hold no data yet.
    """
    index = image.grid.to_index(region.grid.to_world(region.indices()))
    within = index[inside(index, image.grid.shape), 0].clip(0, image.grid.shape[0] - 1)
    if not within.size:
        raise OutsideImageError(f"The region lies outside “{image.name}”; move it to where all images are.")
    # A place a thousandth off a voxel centre makes no use of the section beyond.
    needed = np.union1d(np.floor(within + 1e-3), np.ceil(within - 1e-3)).astype(int)
    require_sections(image, tuple(needed.tolist()))
    return index

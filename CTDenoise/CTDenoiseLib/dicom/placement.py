"""Find for each section of a volume the image it was read from, by where both lie in the patient.

Programs that load a series may stack its sections either way and turn rows and columns round; the voxels stay where
they are. Anything else, such as resampling, leaves voxels that are no pixels of the series any more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..volume import Geometry
from .errors import MixedSectionsError, SeriesError
from .series import Series

# Twice the rounding of positions that are written to 0.01 mm.
_ROUNDING_MM = 0.02
_SHARE_OF_PIXEL = 0.2
# Less than half, so that no section fits two images.
_SHARE_OF_INCREMENT = 0.25
_WAY_OUT = "Save it as a volume file, or denoise the volume as it was loaded from DICOM."


class PlacementError(SeriesError):
    """The voxels of a volume are not the pixels of a series."""


@dataclass(frozen=True)
class Placement:
    """Which section of a volume belongs to which image.

    Attributes:
        series: The series, with the images of the volume's sections only.
        sections: For each of `series.slices` the index of the volume's section.
        rows_reversed: Whether the volume's rows run against those of the images.
        columns_reversed: Whether its columns do.
    """

    series: Series
    sections: tuple[int, ...]
    rows_reversed: bool
    columns_reversed: bool

    def as_image(self, section: NDArray[np.generic]) -> NDArray[np.generic]:
        """The values of one of the volume's sections, shape (y, x), as they lie in the image."""
        return section[:: -1 if self.rows_reversed else 1, :: -1 if self.columns_reversed else 1]


def place_in_series(series: Series, shape: tuple[int, int, int], geometry: Geometry) -> Placement:
    """Match a volume with the series it was read from.

    Args:
        series: Images, possibly more than the volume has sections.
        shape: Sections, rows and columns of the volume.
        geometry: Where its voxels lie.

    Raises:
        MixedSectionsError: The images are no sections of one volume.
        PlacementError: The voxels do not lie where the pixels lie.
    """
    if series.inconsistency is not None:
        raise MixedSectionsError(series.inconsistency)
    sections, rows, columns = shape
    if (rows, columns) != (series.rows, series.columns):
        raise PlacementError(
            f"The volume has {columns}×{rows} pixels a section and its DICOM images have "
            f"{series.columns}×{series.rows}: it was resampled or cropped. {_WAY_OUT}"
        )
    across, down = (np.array(axis) for axis in series.orientation)
    z, y, x = (np.array(axis) * spacing for axis, spacing in zip(geometry.direction, geometry.spacing, strict=True))
    rows_reversed, columns_reversed = bool(y @ down < 0), bool(x @ across < 0)
    y, x = (-y if rows_reversed else y), (-x if columns_reversed else x)
    first_pixel = np.array(geometry.origin) - rows_reversed * (rows - 1) * y - columns_reversed * (columns - 1) * x
    first_pixels = first_pixel + np.arange(sections)[:, None] * z

    positions = np.array([section.position for section in series.slices])
    images = _nearest(first_pixels @ np.array(series.normal), positions @ np.array(series.normal))
    # How far the last pixel of the first column, and of the first row, is off because of direction or pixel size.
    along_column = (rows - 1) * (y - series.pixel_spacing[0] * down)
    along_row = (columns - 1) * (x - series.pixel_spacing[1] * across)
    for drift in (0 * along_row, along_row, along_column, along_row + along_column):
        _check_offsets(first_pixels - positions[images] + drift, series)
    if len(np.unique(images)) < sections:
        raise PlacementError(f"The volume has several sections for one DICOM image: it was resampled. {_WAY_OUT}")
    order = np.argsort(images)
    slices = tuple(series.slices[image] for image in images[order])
    return Placement(replace(series, slices=slices), tuple(order.tolist()), rows_reversed, columns_reversed)


def _nearest(wanted: NDArray[np.float64], there: NDArray[np.float64]) -> NDArray[np.intp]:
    """Index of the image nearest to each section, from where both lie along the scan axis in mm.

    Raises:
        PlacementError: Two images lie at the same place.
    """
    if (np.diff(there) < _ROUNDING_MM / 2).any():
        raise PlacementError(
            "Several DICOM images of the volume lie at the same place, so that its sections cannot be told apart. "
            f"{_WAY_OUT}"
        )
    return np.searchsorted((there[1:] + there[:-1]) / 2, wanted)


def _check_offsets(offsets: NDArray[np.float64], series: Series) -> None:
    """See that voxels lie at the pixels.

    Args:
        offsets: From the pixel to the voxel at one corner of each section, LPS in mm, shape (z, 3).
        series: The images.

    Raises:
        PlacementError: One does not.
    """
    normal = np.array(series.normal)
    increment = series.increment or series.acquisition.section_thickness or 1.0
    along = np.abs(offsets @ normal)
    within = np.linalg.norm(offsets - np.outer(offsets @ normal, normal), axis=1)
    off = along > max(_ROUNDING_MM, _SHARE_OF_INCREMENT * increment)
    off |= within > max(_ROUNDING_MM, _SHARE_OF_PIXEL * min(series.pixel_spacing))
    if off.any():
        first = int(np.argmax(off))
        raise PlacementError(
            f"Section {first + 1} of the volume lies {np.hypot(along[first], within[first]):.2f} mm off the nearest of "
            f"its DICOM images: it was moved, resampled or reformatted. {_WAY_OUT}"
        )

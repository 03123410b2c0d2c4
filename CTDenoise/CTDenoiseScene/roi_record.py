"""What was measured in ROIs at full precision, and where: for the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from CTDenoiseLib.measure.regions.places_table import places_table
from CTDenoiseLib.measure.regions.roi_table import roi_table

if TYPE_CHECKING:
    from CTDenoiseLib.measure.image import MeasuredImage
    from CTDenoiseLib.measure.regions.shapes import NamedShape
    from CTDenoiseLib.measure.result_table import ResultTable

DEFINITIONS = (
    "A voxel counts if its centre lies inside the region. SD is the standard deviation with divisor n − 1.",
    "Noise reduction is 100 · (1 − SD / SD of the first image) %.",
    "CNR is |mean − mean of the background| / SD of the background, in the same image.",
    "Places of regions are in the world coordinates of 3D Slicer (R, A, S).",
)


def roi_tables(
    rois: Sequence[NamedShape], images: Sequence[MeasuredImage], *, background: str | None, resample: bool
) -> tuple[ResultTable, ...]:
    """Measure everything once more: overview, all statistics, and where the ROIs are; none without ROIs or images.

    Args:
        rois: In the world (RAS).
        images: The input first.
        background: Name of the ROI that CNR compares with.
        resample: Whether images of other voxels than the first are interpolated.
    """
    if not rois or not images:
        return ()
    measured = roi_table(rois, images, background=background, resample=resample)
    return measured.table, measured.details, places_table(rois, axes="RAS")

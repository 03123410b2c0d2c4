"""What was measured in ROIs at full precision, and where: for the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from CTDenoiseLib.measure.regions.roi_table import roi_table
from CTDenoiseLib.measure.regions.shapes import Box, ClosedCurve, Cylinder, Ellipsoid, NamedShape
from CTDenoiseLib.measure.result_table import Column, ResultTable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from CTDenoiseLib.measure.image import MeasuredImage
    from CTDenoiseLib.measure.result_table import Cell

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
    return measured.table, measured.details, _places(rois)


def _places(rois: Sequence[NamedShape]) -> ResultTable:
    columns = (
        Column("roi", "ROI"),
        Column("shape", "Shape"),
        *(Column(f"centre_{axis}", f"Centre {axis.upper()}", "mm") for axis in "ras"),
        *(Column(f"size_{number}", f"Size {number}", "mm") for number in (1, 2, 3)),
        *(Column(f"axis_{number}", f"Axis {number} (R A S)") for number in (1, 2, 3)),
        Column("points", "Points (R A S)", "mm"),
    )
    return ResultTable("Places of regions of interest", columns, tuple(_place(roi) for roi in rois))


def _place(roi: NamedShape) -> tuple[Cell, ...]:
    shape = roi.shape
    if isinstance(shape, ClosedCurve):
        centre = shape.points.mean(axis=0).tolist()
        return (roi.name, "closed curve", *centre, *(None,) * 6, "; ".join(map(_text, shape.points)))
    assert isinstance(shape, Box | Ellipsoid | Cylinder)  # nothing else is drawn in a scene
    size = [*shape.diameters, shape.height] if isinstance(shape, Cylinder) else shape.size.tolist()
    return (roi.name, type(shape).__name__.lower(), *shape.centre.tolist(), *size, *map(_text, shape.axes), None)


def _text(vector: NDArray[np.float64]) -> str:
    return " ".join(f"{part + 0.0:.6g}" for part in vector.tolist())

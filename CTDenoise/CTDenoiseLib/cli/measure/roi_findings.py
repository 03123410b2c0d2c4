"""What regions hold in all images, for the terminal, the files and the plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...measure.record import MeasurementRecord
from ...measure.regions.places_table import places_table
from ...measure.regions.roi_table import RoiTable, roi_table
from ...measure.regions.shapes import NamedShape
from .answer import Findings
from .errors import OptionError
from .images import LoadedImage
from .regions import Regions
from .show_table import Shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_OF_ONE = ("roi", "count", "mean", "sd", "sem", "median", "percentile_5", "percentile_95", "minimum", "maximum", "snr")
_OF_SEVERAL = ("roi", "image", "count", "mean", "sd", "bias", "noise_reduction", "cnr")
_TITLES = {"sem": "SEM", "percentile_5": "P5", "percentile_95": "P95", "bias": "Bias", "count": "Voxels"}
_DEFINITIONS = (
    "A voxel counts if its centre lies inside the region. SD is the standard deviation with divisor n − 1.",
    "Noise reduction is 100 · (1 − SD / SD of the first image) %; bias is mean − mean of the first image.",
    "CNR is |mean − mean of the background| / SD of the background, in the same image.",
    "Places are in DICOM patient coordinates (LPS).",
)


def region_findings(
    loaded: Sequence[LoadedImage], regions: Regions, *, background: str | None, resample: bool
) -> Findings:
    """Measure regions in images.

    Args:
        loaded: The images, the first to compare with.
        regions: As asked for; uniform squares are found in the first image.
        background: Name of the region that CNR compares with.
        resample: Whether images of other voxels are interpolated.

    Raises:
        CTDenoiseError: There is no such background, or no region can be measured.
    """
    images = [each.image for each in loaded]
    shapes = regions.on(images[0])
    names = [shape.name for shape in shapes]
    if background is not None and background not in names:
        raise OptionError(f"No region has the name {background} of the background; there are {', '.join(names)}.")
    found = roi_table(shapes, images, background=background, resample=resample)
    if not any(statistics for of_region in found.statistics for statistics in of_region):
        raise OptionError(" ".join(dict.fromkeys(found.problems)))
    places = places_table(shapes, axes="xyz")
    record = MeasurementRecord(
        images=tuple(each.identity for each in loaded),
        settings={"background": background, "resampled": resample},
        tables=(found.details, places),
        notes=_DEFINITIONS,
    )
    keys = _OF_ONE if len(loaded) == 1 else _OF_SEVERAL
    shown = [Shown(found.details, keys, _TITLES)]
    if regions.uniform is not None:
        shown.append(Shown(places, ("roi", "centre_x", "centre_y", "centre_z", "size_1", "size_2")))

    def draw() -> Figure:
        from ...report.plot_regions import plot_regions

        measured = [shape for shape, each in zip(shapes, found.statistics, strict=True) if any(each)]
        return plot_regions(measured, images, resample=resample)

    return Findings(record=record, shown=shown, csv=found.details, remarks=_remarks(found, shapes), draw=draw)


def _remarks(found: RoiTable, shapes: Sequence[NamedShape]) -> list[str]:
    """Each note once, with the regions that it is about."""
    about: dict[str, list[str]] = {}
    for shape, row in zip(shapes, found.table.rows, strict=True):
        note = row[-1]
        if isinstance(note, str) and note:
            about.setdefault(note, []).append(shape.name)
    return [f"{', '.join(names)}: {note}" for note, names in about.items()]

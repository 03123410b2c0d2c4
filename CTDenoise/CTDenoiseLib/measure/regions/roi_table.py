"""Several regions in several images as a table: what could be measured as figures, what could not as sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import MeasurementError
from ..image import MeasuredImage
from ..result_table import Cell, Column, ResultTable
from .region import Region, region_voxels
from .region_samples import places_in
from .roi_statistics import (
    PERCENTILES,
    RoiStatistics,
    bias,
    contrast_to_noise,
    noise_reduction,
    region_statistics,
)
from .shapes import NamedShape


@dataclass(frozen=True, kw_only=True)
class RoiTable:
    """What was measured in regions.

    Attributes:
        table: One row for each region; for each image mean, standard deviation, noise reduction against the first
            image, and CNR if there is a background; at the end a note.
        details: One row for each region and image with all statistics.
        statistics: For each region, those of each image, `None` where there are none.
        problems: For each region a sentence on what could not be measured and why; empty without.
    """

    table: ResultTable
    details: ResultTable
    statistics: tuple[tuple[RoiStatistics | None, ...], ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    """One region: statistics, noise reduction and CNR of each image, and sentences."""

    name: str
    statistics: tuple[RoiStatistics | None, ...]
    noise_reduction: tuple[float | None, ...]
    cnr: tuple[float | None, ...]
    problems: tuple[str, ...]
    remarks: tuple[str, ...]


def roi_table(
    shapes: Sequence[NamedShape],
    images: Sequence[MeasuredImage],
    *,
    background: str | None = None,
    resample: bool = False,
) -> RoiTable:
    """Measure regions in images, each region in the identical voxels of all images that hold data there.

    Args:
        shapes: The regions, of different names.
        images: At least one; the first is what noise reduction compares with.
        background: Name of the region that CNR compares with; `None` for no CNR.
        resample: Measure images of other voxels too, interpolated linearly at the voxel centres of the first.

    Raises:
        ValueError: No region has the name of the background.
    """
    measured = [_measure(shape, images, resample) for shape in shapes]
    behind: tuple[RoiStatistics | None, ...] | None = None
    if background is not None:
        behind = measured[[shape.name for shape in shapes].index(background)][0]
    rows = [
        _row(shape.name, *found, None if shape.name == background else behind)
        for shape, found in zip(shapes, measured, strict=True)
    ]
    return RoiTable(
        table=_overview(rows, images, with_cnr=behind is not None),
        details=_details(rows, images),
        statistics=tuple(row.statistics for row in rows),
        problems=tuple(" ".join(row.problems) for row in rows),
    )


def _measure(
    named: NamedShape, images: Sequence[MeasuredImage], resample: bool
) -> tuple[tuple[RoiStatistics | None, ...], tuple[str, ...], tuple[str, ...]]:
    """Statistics of each image, problems and remarks."""
    nothing: tuple[RoiStatistics | None, ...] = (None,) * len(images)
    try:
        region = region_voxels(named.shape, images[0].grid)
        obstacles = [_obstacle(region, image, resample) for image in images]
        problems = tuple(dict.fromkeys(sentence for sentence in obstacles if sentence))
        readable = [image for image, sentence in zip(images, obstacles, strict=True) if not sentence]
        if not readable:
            return nothing, problems, ()
        found = iter(region_statistics(region, readable, resample=resample))
    except MeasurementError as problem:
        return nothing, (str(problem),), ()
    statistics = tuple(None if sentence else next(found) for sentence in obstacles)
    return statistics, problems, _remarks(region, readable if resample else (), statistics)


def _obstacle(region: Region, image: MeasuredImage, resample: bool) -> str:
    """Why an image cannot be measured in a region; empty if it can."""
    try:
        if resample and not image.grid.is_same_as(region.grid):
            places_in(region, image)
        else:
            region.require(image)
    except MeasurementError as problem:
        return str(problem)
    return ""


def _remarks(
    region: Region, perhaps_resampled: Sequence[MeasuredImage], statistics: Sequence[RoiStatistics | None]
) -> tuple[str, ...]:
    left_out = next(each.padding_left_out for each in statistics if each is not None)
    remarks = []
    if region.clipped:
        everywhere = region.count + region.clipped
        remarks.append(f"{region.clipped} of {everywhere} voxels lie beyond the edge of the image and are missing.")
    if left_out:
        remarks.append(f"{left_out} of {region.count} voxels are padding in one of the images and left out.")
    remarks += [
        f"“{image.name}” was interpolated at the voxels of the first image, which lowers its noise."
        for image in perhaps_resampled
        if not image.grid.is_same_as(region.grid)
    ]
    return tuple(remarks)


def _row(
    name: str,
    statistics: tuple[RoiStatistics | None, ...],
    problems: tuple[str, ...],
    remarks: tuple[str, ...],
    background: tuple[RoiStatistics | None, ...] | None,
) -> _Row:
    found: list[str] = []

    def of_two(
        measure: Callable[[RoiStatistics, RoiStatistics], float], one: RoiStatistics | None, other: RoiStatistics | None
    ) -> float | None:
        if one is None or other is None:
            return None
        try:
            return measure(one, other)
        except MeasurementError as problem:
            found.append(str(problem))
            return None

    reductions = (None, *(of_two(noise_reduction, statistics[0], after) for after in statistics[1:]))
    behind = background or (None,) * len(statistics)
    ratios = tuple(of_two(contrast_to_noise, *pair) for pair in zip(statistics, behind, strict=True))
    return _Row(name, statistics, reductions, ratios, tuple(dict.fromkeys((*problems, *found))), remarks)


def _overview(rows: Sequence[_Row], images: Sequence[MeasuredImage], *, with_cnr: bool) -> ResultTable:
    columns = [Column("roi", "ROI"), Column("count", "Voxels")]
    for place, image in enumerate(images, start=1):
        columns += [
            Column(f"mean_{place}", f"{image.name}: mean", "HU"),
            Column(f"sd_{place}", f"{image.name}: SD", "HU"),
        ]
        if place > 1:
            columns.append(Column(f"noise_reduction_{place}", f"{image.name}: noise reduction", "%"))
        if with_cnr:
            columns.append(Column(f"cnr_{place}", f"{image.name}: CNR"))

    def cells(row: _Row) -> tuple[Cell, ...]:
        found: list[Cell] = [row.name, next((each.count for each in row.statistics if each is not None), None)]
        for place, each in enumerate(row.statistics):
            found += [None, None] if each is None else [each.mean, each.sd]
            if place:
                found.append(row.noise_reduction[place])
            if with_cnr:
                found.append(row.cnr[place])
        return (*found, " ".join((*row.problems, *row.remarks)))

    return ResultTable("Regions of interest", (*columns, Column("note", "Note")), tuple(cells(row) for row in rows))


def _details(rows: Sequence[_Row], images: Sequence[MeasuredImage]) -> ResultTable:
    columns = (
        Column("roi", "ROI"),
        Column("image", "Image"),
        Column("count", "Voxels"),
        Column("volume", "Volume", "mm³"),
        Column("area", "Area", "mm²"),
        Column("mean", "Mean", "HU"),
        Column("sd", "SD", "HU"),
        Column("sem", "SEM of independent voxels", "HU"),
        Column("median", "Median", "HU"),
        *(Column(f"percentile_{percent}", f"Percentile {percent}", "HU") for percent in PERCENTILES),
        Column("minimum", "Minimum", "HU"),
        Column("maximum", "Maximum", "HU"),
        Column("snr", "SNR"),
        Column("bias", "Bias against the first image", "HU"),
        Column("noise_reduction", "Noise reduction", "%"),
        Column("cnr", "CNR"),
        Column("padding_left_out", "Padding voxels left out"),
        Column("clipped", "Voxels beyond the edge"),
        Column("note", "Note"),
    )

    def cells(row: _Row, place: int) -> tuple[Cell, ...]:
        each, first = row.statistics[place], row.statistics[0]
        note = " ".join((*row.problems, *row.remarks))
        if each is None:
            return (row.name, images[place].name, *(None for _ in columns[3:]), note)
        return (
            *(row.name, images[place].name, each.count, each.volume_mm3, each.area_mm2),
            *(each.mean, each.sd, each.sem, each.median, *each.percentiles, each.minimum, each.maximum, each.snr),
            bias(first, each) if place and first is not None else None,
            *(row.noise_reduction[place], row.cnr[place], each.padding_left_out, each.clipped, note),
        )

    return ResultTable(
        "Statistics of regions of interest",
        columns,
        tuple(cells(row, place) for row in rows for place in range(len(images))),
    )

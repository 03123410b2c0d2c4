"""Figures of ROIs, measured only where something has changed: dragging one ROI leaves the others alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from CTDenoiseLib.measure.errors import MeasurementError
from CTDenoiseLib.measure.regions.roi_statistics import contrast_to_noise, noise_reduction
from CTDenoiseLib.measure.regions.roi_table import roi_table
from CTDenoiseLib.measure.regions.shapes import NamedShape
from CTDenoiseLib.measure.result_table import Cell, Column, ResultTable

from .measurement_chart import shortened
from .roi_shapes import shape_of

if TYPE_CHECKING:
    from slicer import vtkMRMLMarkupsNode

    from CTDenoiseLib.measure.regions.roi_statistics import RoiStatistics
    from CTDenoiseLib.measure.regions.shapes import Shape

    from .measured_volumes import MeasuredVolume


@dataclass(frozen=True, eq=False)
class RoiFigures:
    """What was measured in one ROI.

    Attributes:
        shape: What was measured in, in the world (RAS); `None` where the ROI has none.
        statistics: Of each volume; `None` where there are none.
        problem: Says what could not be measured and why; empty without.
    """

    shape: Shape | None
    statistics: tuple[RoiStatistics | None, ...]
    problem: str

    @property
    def is_measured(self) -> bool:
        """Whether there are statistics of any volume."""
        return any(each is not None for each in self.statistics)


class FiguresCache:
    """Remembers the figures of each ROI for as long as it stays in its place, in volumes that stay as they are.

    Attributes:
        moved: The ROI whose shape or place was changed last.
    """

    def __init__(self) -> None:
        self.moved: vtkMRMLMarkupsNode | None = None
        # Measured longest ago first.
        self._known: dict[vtkMRMLMarkupsNode, tuple[tuple[object, ...], RoiFigures]] = {}

    def of(self, roi: vtkMRMLMarkupsNode) -> RoiFigures | None:
        """The figures that were measured last, up to date or not."""
        return self._known[roi][1] if roi in self._known else None

    def out_of_date(
        self, rois: Sequence[vtkMRMLMarkupsNode], volumes: Sequence[MeasuredVolume], *, resample: bool
    ) -> list[vtkMRMLMarkupsNode]:
        """ROIs whose figures are none or no longer true, those first that were measured longest ago.

        So each has its turn, even while volumes change faster than all ROIs can be measured.
        """
        in_turn = [roi for roi in rois if roi not in self._known] + [roi for roi in self._known if roi in rois]
        of_volumes = (resample, *map(_version, volumes))
        return [
            roi for roi in in_turn if self.of(roi) is None or self._known[roi][0] != (*_version_of(roi), *of_volumes)
        ]

    def measure(self, roi: vtkMRMLMarkupsNode, volumes: Sequence[MeasuredVolume], *, resample: bool) -> None:
        """Measure in a ROI.

        Args:
            roi: A markups node.
            volumes: What to measure.
            resample: Whether volumes of other voxels than the first are interpolated.
        """
        shape, problem = _shape_or_problem(roi)
        key = (_key(shape), problem, resample, *map(_version, volumes))
        known = self._known.pop(roi, None)
        if known is None or known[0][:2] != key[:2]:
            self.moved = roi
        self._known[roi] = key, _measure(shape, problem, volumes, resample)

    def keep(self, rois: Sequence[vtkMRMLMarkupsNode]) -> None:
        """Forget all others."""
        self._known = {roi: known for roi, known in self._known.items() if roi in rois}
        if self.moved not in rois:
            self.moved = None


def _version(volume: MeasuredVolume) -> tuple[object, ...]:
    """What differs when a volume has other voxels, another place or another name than before."""
    data, connection, image = volume.node.GetImageData(), volume.node.GetImageDataConnection(), volume.image
    # Sections that arrive from a run are told by the image's producer alone; see `Redraw`.
    written = (data.GetMTime(), connection.GetProducer().GetMTime())
    return (*written, image.grid.world_from_index.tobytes(), image.sections, image.padding_hu, image.name)


def overview(
    figures: Sequence[tuple[str, RoiFigures]], titles: Sequence[str], *, order: Sequence[int], background: int | None
) -> tuple[ResultTable, tuple[str, ...]]:
    """One row for each ROI, and sentences on what is missing.

    Args:
        figures: Of each ROI, under its name.
        titles: What the columns call each volume; the first is what noise reduction compares with.
        order: Places of the volumes from left to right.
        background: Place of the ROI that CNR compares with, among `figures`.

    Returns:
        Mean, SD, noise reduction, and CNR if there is a background, of each volume; and sentences.
    """
    behind = None if background is None else figures[background][1].statistics
    sentences: dict[str, list[str]] = {}

    def row(place: int, name: str, found: RoiFigures) -> tuple[Cell, ...]:
        if found.problem:
            sentences.setdefault(found.problem, []).append(name)
        cells: list[Cell] = [shortened(name)]
        for index in order:
            statistics = found.statistics[index]
            cells += [None, None] if statistics is None else [statistics.mean, statistics.sd]
            if index:  # why there is no noise reduction is among the ROI's problems already
                cells.append(_compared(noise_reduction, found.statistics[0], statistics)[0])
            if behind is not None:
                ratio, problem = _compared(contrast_to_noise, statistics, behind[index])
                cells.append(None if place == background else ratio)
                if problem and place != background and name not in sentences.setdefault(problem, []):
                    sentences[problem].append(name)
        return tuple(cells)

    rows = tuple(row(place, name, found) for place, (name, found) in enumerate(figures))
    table = ResultTable("Regions of interest", _columns(titles, order, with_cnr=behind is not None), rows)
    return table, tuple(f"{', '.join(names)}: {sentence}" for sentence, names in sentences.items())


def _compared(
    measure: Callable[[RoiStatistics, RoiStatistics], float], one: RoiStatistics | None, other: RoiStatistics | None
) -> tuple[float | None, str]:
    """A figure of two regions, or a sentence that says why there is none."""
    if one is None or other is None:
        return None, ""
    try:
        return measure(one, other), ""
    except MeasurementError as problem:
        return None, str(problem)


def _columns(titles: Sequence[str], order: Sequence[int], *, with_cnr: bool) -> tuple[Column, ...]:
    columns = [Column("roi", "ROI")]
    for index in order:
        title = titles[index]
        columns += [Column(f"mean_{index}", f"{title}: mean", "HU"), Column(f"sd_{index}", f"{title}: SD", "HU")]
        if index:
            columns.append(Column(f"noise_reduction_{index}", f"{title}: noise reduction", "%"))
        if with_cnr:
            columns.append(Column(f"cnr_{index}", f"{title}: CNR"))
    return tuple(columns)


def _shape_or_problem(roi: vtkMRMLMarkupsNode) -> tuple[Shape | None, str]:
    try:
        return shape_of(roi), ""
    except MeasurementError as problem:
        return None, str(problem)


def _version_of(roi: vtkMRMLMarkupsNode) -> tuple[object, ...]:
    """What differs when a ROI has another shape or place than before."""
    shape, problem = _shape_or_problem(roi)
    return _key(shape), problem


def _measure(shape: Shape | None, problem: str, volumes: Sequence[MeasuredVolume], resample: bool) -> RoiFigures:
    if shape is None or not volumes:
        return RoiFigures(shape, (None,) * len(volumes), problem)
    found = roi_table([NamedShape("", shape)], [volume.image for volume in volumes], resample=resample)
    return RoiFigures(shape, found.statistics[0], found.problems[0])


def _key(shape: Shape | None) -> tuple[object, ...]:
    """What differs when a shape does."""
    values = () if shape is None else vars(shape).values()
    return (type(shape), *(value.tobytes() if isinstance(value, np.ndarray) else value for value in values))

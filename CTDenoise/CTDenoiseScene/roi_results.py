"""What was measured in ROIs, as a table and as charts in the scene, and for the record."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from CTDenoiseLib.measure.regions.shapes import NamedShape
from CTDenoiseLib.measure.unique_names import unique_names

from .comparison import Role
from .measurement_chart import shortened
from .measurement_tables import find_table, show_table, table_node
from .roi_charts import Charted, ChartFigures, RoiChart, RoiCharts
from .roi_figures import FiguresCache, RoiFigures, overview
from .roi_nodes import background_of, selected_of
from .roi_record import roi_tables

if TYPE_CHECKING:
    from slicer import vtkMRMLMarkupsNode, vtkMRMLPlotChartNode, vtkMRMLScene, vtkMRMLTableNode

    from CTDenoiseLib.measure.result_table import ResultTable

    from .measured_volumes import MeasuredVolume

_TABLE = "rois"
_NAMED_IN_TITLE = 4


@dataclass(frozen=True, kw_only=True)
class RoiSettings:
    """How ROIs are measured.

    Attributes:
        resample: Whether volumes of other voxels than the first are interpolated at its voxels.
        chart: Which chart is kept up to date.
    """

    resample: bool = False
    chart: RoiChart = RoiChart.NONE


@dataclass(frozen=True, eq=False)
class _Found:
    """A ROI, its name, and its figures."""

    node: vtkMRMLMarkupsNode
    name: str
    figures: RoiFigures


class RoiResults:
    """Keeps table and chart up to date, measuring only what has changed.

    Args:
        scene: Gets the nodes.

    Attributes:
        problems: Sentences on what could not be measured, and why.
    """

    def __init__(self, scene: vtkMRMLScene) -> None:
        self.problems: tuple[str, ...] = ()
        self._scene = scene
        self._cache = FiguresCache()
        self._charts = RoiCharts(scene)
        self._charted: tuple[object, ...] = ()
        self._chart_figures = ChartFigures()
        self._found: Sequence[_Found] = ()

    @property
    def table_node(self) -> vtkMRMLTableNode | None:
        """A row for each ROI; `None` as long as there never was one."""
        return find_table(self._scene, _TABLE)

    @property
    def histogram_chart_node(self) -> vtkMRMLPlotChartNode | None:
        """The histogram; `None` as long as there never was one."""
        return self._charts.histogram.node

    @property
    def nps_chart_node(self) -> vtkMRMLPlotChartNode | None:
        """The noise power spectrum; `None` as long as there never was one."""
        return self._charts.nps.node

    def update(
        self,
        rois: Sequence[vtkMRMLMarkupsNode],
        volumes: Sequence[MeasuredVolume],
        settings: RoiSettings,
        *,
        deadline: float,
    ) -> bool:
        """Measure what is out of date, at least one ROI or chart, and show it.

        Args:
            rois: All ROIs that are drawn.
            volumes: The input first.
            settings: How.
            deadline: When to begin nothing more, by `time.perf_counter`.

        Returns:
            Whether something is left to do.
        """
        measured, left = self._measure(rois, volumes, settings, deadline)
        self._found = self._figures(rois, len(volumes))
        problems = self._show_table(volumes)
        if measured and settings.chart is not RoiChart.NONE and time.perf_counter() > deadline:
            left = True
        if not left:
            self._draw_chart(volumes, settings)
        self.problems = problems + self._chart_figures.problems
        return left

    def tables(
        self, volumes: Sequence[MeasuredVolume], settings: RoiSettings
    ) -> tuple[str | None, tuple[ResultTable, ...]]:
        """For the record: name of the background, and all figures at full precision."""
        shapes = [
            NamedShape(found.name, found.figures.shape) for found in self._found if found.figures.shape is not None
        ]
        behind = background_of([found.node for found in self._found if found.figures.shape is not None])
        background = next((found.name for found in self._found if found.node is behind), None)
        images = [volume.image for volume in volumes]
        tables = roi_tables(shapes, images, background=background, resample=settings.resample)
        return background, tables + self._chart_figures.tables

    def _measure(
        self,
        rois: Sequence[vtkMRMLMarkupsNode],
        volumes: Sequence[MeasuredVolume],
        settings: RoiSettings,
        deadline: float,
    ) -> tuple[bool, bool]:
        """Whether anything was measured, and whether something is left."""
        self._cache.keep(rois)
        stale = self._cache.out_of_date(rois, volumes, resample=settings.resample)
        for place, roi in enumerate(stale):
            if place and time.perf_counter() > deadline:
                return True, True
            self._cache.measure(roi, volumes, resample=settings.resample)
        return bool(stale), False

    def _figures(self, rois: Sequence[vtkMRMLMarkupsNode], volumes: int) -> Sequence[_Found]:
        """Of all ROIs; empty where they are those of other volumes, as after these changed."""
        names = unique_names([roi.GetName() for roi in rois])
        found = []
        for roi, name in zip(rois, names, strict=True):
            figures = self._cache.of(roi)
            if figures is None or len(figures.statistics) != volumes:
                figures = RoiFigures(None, (None,) * volumes, "")
            found.append(_Found(roi, name, figures))
        return found

    def _show_table(self, volumes: Sequence[MeasuredVolume]) -> tuple[str, ...]:
        """Sentences on what it cannot show."""
        if not self._found and self.table_node is None:
            return ()
        shown = self._found if volumes else ()
        behind = background_of(found.node for found in shown)
        table, problems = overview(
            [(found.name, found.figures) for found in shown],
            [volume.role.value for volume in volumes],
            order=_input_and_output_first(volumes),
            background=next((place for place, found in enumerate(shown) if found.node is behind), None),
        )
        show_table(table_node(self._scene, _TABLE, "ROIs"), table)
        return problems

    def _draw_chart(self, volumes: Sequence[MeasuredVolume], settings: RoiSettings) -> None:
        chosen = [found for found in self._chosen(settings.chart) if found.figures.is_measured]
        what = (settings, *((found.name, found.figures) for found in chosen))
        if what == self._charted:
            return
        self._charted = what
        in_all = [
            volume
            for place, volume in enumerate(volumes)
            if all(found.figures.statistics[place] is not None for found in chosen)
        ]
        names = ", ".join(shortened(found.name) for found in chosen)
        charted = Charted(
            shapes=[found.figures.shape for found in chosen if found.figures.shape is not None],
            title=names if len(chosen) <= _NAMED_IN_TITLE else f"{len(chosen)} ROIs",
            volumes=in_all,
            resample=settings.resample,
        )
        self._chart_figures = self._charts.draw(settings.chart, charted)

    def _chosen(self, chart: RoiChart) -> Sequence[_Found]:
        """What the user selected. Otherwise all; for a histogram, as materials do not mix, the one changed last."""
        selected = selected_of(found.node for found in self._found)
        if not selected and chart is RoiChart.HISTOGRAM:
            nodes = [found.node for found in self._found]
            moved = self._cache.moved
            selected = (moved,) if moved in nodes else tuple(nodes[-1:])
        return [found for found in self._found if not selected or found.node in selected]


def _input_and_output_first(volumes: Sequence[MeasuredVolume]) -> list[int]:
    """Places of the volumes from left to right: what a user compares first is in sight without scrolling."""
    return sorted(range(len(volumes)), key=lambda place: (place > 0, volumes[place].role is not Role.DENOISED))

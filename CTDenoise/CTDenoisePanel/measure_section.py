"""The section Measure: the profile along a line and the noise in ROIs, of all compared volumes, live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import qt
from slicer.i18n import tr as _

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.signal import Signal
from CTDenoiseScene.comparison import ComparisonVolumes
from CTDenoiseScene.measured_volumes import MeasuredVolumes
from CTDenoiseScene.profile_tool import ProfileTool
from CTDenoiseScene.roi_charts import RoiChart
from CTDenoiseScene.roi_tool import RoiTool

from . import save_measurements
from .message_line import MessageLine
from .parameters import ChartKind
from .profile_controls import ProfileControls
from .roi_controls import RoiControls

if TYPE_CHECKING:
    import slicer

    from CTDenoiseScene.comparison_layout import ComparisonLayout
    from CTDenoiseScene.headers import HeaderSource

    from .compare_section import CompareSection
    from .parameters import Parameters

_ROI_CHARTS = {
    ChartKind.PROFILE: RoiChart.NONE,
    ChartKind.HISTOGRAM: RoiChart.HISTOGRAM,
    ChartKind.NPS: RoiChart.NPS,
}
# For table and chart of an ROI in one go: a chart that waits for the next beat waits as long as the mouse moves.
_BUDGET_SECONDS = 0.02


class MeasureSection:
    """Keeps the measurements up to date with what is compared, and shows them below the views.

    Args:
        ui: Widgets of the panel.
        scene: Holds what is measured, and gets charts and tables.
        headers: DICOM headers of the volumes.
        compare: Opens the comparison in which the user draws.
        layout: Has the row for chart and table; `None` when there are no views.

    Attributes:
        stale: Emits when there is something to measure again; many times a second while the user drags.
        changed: Emits when there are other lines, ROIs or figures than before, not when only their values change.
    """

    def __init__(
        self,
        ui: Any,
        scene: slicer.vtkMRMLScene,
        headers: HeaderSource,
        compare: CompareSection,
        layout: ComparisonLayout | None,
    ) -> None:
        self.stale: Signal[[]] = Signal()
        self.changed: Signal[[]] = Signal()
        self._message = MessageLine(ui.measureMessageLabel)
        images = MeasuredVolumes(headers)
        self._profile, self._rois = ProfileTool(scene, images), RoiTool(scene, images)
        self._profile_controls = ProfileControls(ui, self._profile)
        self._roi_controls = RoiControls(ui, self._rois)
        self._compare = compare
        self._layout = layout
        self._parameters: Parameters | None = None
        self._volumes = ComparisonVolumes()
        self._known: tuple[object, ...] = ()
        self._is_stale = True
        for tool in (self._profile, self._rois):
            tool.changed.connect(self._on_stale)
        self._profile_controls.started.connect(self._on_profile)
        self._roi_controls.started.connect(self._on_rois)
        ui.copyTableButton.clicked.connect(self._on_copy)
        ui.saveMeasurementsButton.clicked.connect(self._on_save)

    @property
    def shows_profile(self) -> bool:
        """Whether chart and table are those of the profile, not those of the ROIs."""
        return self._parameters is None or self._parameters.chart is ChartKind.PROFILE

    @property
    def has_regions(self) -> bool:
        """Whether there are ROIs."""
        return bool(self._rois.regions)

    @property
    def has_figures(self) -> bool:
        """Whether the table that is shown holds any."""
        table = self._tool.table_node
        return table is not None and table.GetNumberOfRows() > 0

    def show(self, volumes: ComparisonVolumes, parameters: Parameters | None) -> None:
        """Measure in these volumes as the parameters say."""
        self._volumes, self._parameters = volumes, parameters
        self._follow_views()
        if parameters is not None:
            self._rois.chart_kind = _ROI_CHARTS[parameters.chart]
        self._profile_controls.show(parameters)
        self._roi_controls.show(parameters)
        self._show_figures()

    def work(self, budget_seconds: float) -> bool:
        """Measure what has changed; whether to be called again."""
        if self._is_stale:
            self._is_stale = False
            budget = max(budget_seconds, _BUDGET_SECONDS)
            pending = [tool.work(budget) for tool in (self._profile, self._rois)]
            self._is_stale |= any(pending)
            self._show_figures()
            self._tell_changes()
        return self._is_stale

    def close(self) -> None:
        """Measure no more; what was drawn stays in the scene."""
        self._profile.close()
        self._rois.close()

    @property
    def _tool(self) -> ProfileTool | RoiTool:
        return self._profile if self.shows_profile else self._rois

    def _follow_views(self) -> None:
        views = self._layout.slice_nodes() if self._layout is not None else ()
        self._profile.show(self._volumes, views)
        self._rois.show(self._volumes, views)

    def _show_figures(self) -> None:
        self._profile_controls.show_problems()
        self._roi_controls.show_problems()
        if self._layout is None or self._parameters is None:
            return
        charts = {
            ChartKind.PROFILE: self._profile.chart_node,
            ChartKind.HISTOGRAM: self._rois.histogram_chart_node,
            ChartKind.NPS: self._rois.nps_chart_node,
        }
        self._layout.show_chart(charts[self._parameters.chart])
        self._layout.show_table(self._tool.table_node)

    def _tell_changes(self) -> None:
        regions = [(node.GetID(), node.GetName()) for node in self._rois.regions]
        marks = (self._rois.selected, self._rois.background)
        known = (self._profile.line, regions, marks, self.has_figures)
        if known != self._known:
            self._known = known
            self.changed.emit()

    def _on_stale(self, *_args: object) -> None:
        self._is_stale = True
        self.stale.emit()

    def _on_profile(self) -> None:
        self._begin(ChartKind.PROFILE)

    def _on_rois(self) -> None:
        self._begin(ChartKind.HISTOGRAM if self.shows_profile else None)

    def _begin(self, chart: ChartKind | None) -> None:
        """Open the comparison with the row for chart and table, before the user draws in its views."""
        self._message.clear()
        if self._parameters is None:
            return
        if chart is not None:
            self._parameters.chart = chart
        self._parameters.plot_row = True
        self._compare.open()
        self._follow_views()

    def _on_copy(self, *_args: object) -> None:
        tables = self._tool.record().tables
        if tables:
            qt.QApplication.clipboard().setText(tables[0].tsv())
            self._message.clear()
            self._message.done(_("Copied; paste it into a spreadsheet."))

    def _on_save(self, *_args: object) -> None:
        path = save_measurements.ask_path()
        if path is None:
            return
        self._message.clear()
        try:
            saved = save_measurements.save(self._tool.record(), path)
        except CTDenoiseError as error:
            self._message.error(str(error))
        else:
            self._message.done(_("Saved as {path}.").format(path=saved))

"""Charts of what is measured: curves over a common axis, in nodes of Slicer's own plot views."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from CTDenoiseLib.measure.unique_names import unique_names

from .scene_nodes import nodes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLNode, vtkMRMLPlotChartNode, vtkMRMLPlotSeriesNode, vtkMRMLScene, vtkMRMLTableNode

# On the chart and all that belongs to it: which chart it is.
_KEY = "CTDenoise.chart"
# Role of the node reference from the chart to its values, which it has also while it shows no curve.
_VALUES_ROLE = "CTDenoise.chartValues"
_LONGEST_NAME = 28
_MARGIN = 0.05  # of the range of the values, above and below
# VTK lays the legend over the upper right corner: shares of the chart that it takes, in height for each curve.
_LEGEND_WIDTH, _LEGEND_HEIGHT = 0.6, 0.12
_FONT_SIZES = {"Title": 14, "Legend": 12, "AxisTitle": 13, "AxisLabel": 11}  # Slicer's own fill half of a low view


class CurveStyle(Enum):
    """How a curve is drawn: width of the line, and its style as Slicer's plot series name it."""

    THIN = (1.0, "solid")
    PLAIN = (2.0, "solid")
    BOLD = (3.0, "solid")
    DASHED = (2.0, "dash")


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve.

    Attributes:
        name: For the legend.
        values: One for each position on the axis, shape (n,); NaN leaves a gap.
        colour: Such as "#A0522D"; see `chart_colours`.
        style: How it is drawn.
    """

    name: str
    values: NDArray[np.floating]
    colour: str
    style: CurveStyle = CurveStyle.PLAIN


def shortened(name: str) -> str:
    """A name for legends, titles and tables, cut off where it would hide curves or push figures out of view."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"


class _Fitted(NamedTuple):
    """How an axis was fitted: to which values, and the range that it got."""

    values: tuple[float, float]
    wanted: tuple[float, float]


class Chart:
    """A chart, its series and the table of its values. It is found again in a scene that was saved with it.

    Nodes are made when there is something to show for the first time, and again when the user deleted one. Axes follow
    the values, unless the user zoomed into the chart: Slicer's plot views fit automatic axes only when a series is
    added, not when its values change, so the ranges are set here.

    Args:
        scene: Gets the nodes.
        key: Tells this chart from others, also in saved scenes.
        title: Above the curves, and name of the nodes.
        x_title: Of the axis, with its unit.
        y_title: Of the axis, with its unit.
        from_zero: Whether the axis of the values begins at 0.
    """

    def __init__(  # noqa: PLR0913 - titles are given by name
        self, scene: vtkMRMLScene, key: str, *, title: str, x_title: str, y_title: str, from_zero: bool = False
    ) -> None:
        self._scene = scene
        self._key = key
        self._title = title
        self._axis_titles = x_title, y_title
        self._from_zero = from_zero
        self._chart: vtkMRMLPlotChartNode | None = None
        self._fitted: dict[str, _Fitted] = {}

    @property
    def node(self) -> vtkMRMLPlotChartNode | None:
        """The chart; `None` as long as there was nothing to show."""
        if self._chart is None or not self._scene.IsNodePresent(self._chart):
            self._chart = self._find()
        return self._chart

    def show(self, x: NDArray[np.floating], curves: Sequence[Curve], *, title: str | None = None) -> None:
        """Show these curves and no others, the last one on top.

        Args:
            x: Positions on the axis, shape (n,).
            curves: None empty the chart.
            title: In place of the chart's own.
        """
        if not curves and self.node is None:
            return
        chart = self.node or self._make()
        table = self._table_of(chart)
        with _one_event(chart), _one_event(table):
            names = unique_names([self._axis_titles[0], *(curve.name for curve in curves)])
            _fill(table.GetTable(), dict(zip(names, (x, *(curve.values for curve in curves)), strict=True)))
            self._keep_series(chart, len(curves))
            for index, curve in enumerate(curves):
                series = chart.GetNthPlotSeriesNode(index)
                series.SetAndObserveTableNodeID(table.GetID())
                _draw(series, curve, columns=(names[0], names[index + 1]))
            chart.SetTitle(title or self._title)
            self._fit(chart, "X", _range(x), _range(x))
            self._fit(chart, "Y", _range(*(curve.values for curve in curves)), self._roomy(x, curves))

    def _roomy(self, x: NDArray[np.floating], curves: Sequence[Curve]) -> tuple[float, float]:
        """Range of the values with a margin, and with room for the legend above what lies below it."""
        low, high = _range(*(curve.values for curve in curves))
        margin = _MARGIN * (high - low)
        low = min(0.0, low) if self._from_zero else low - margin
        start, end = _range(x)
        right = x >= end - _LEGEND_WIDTH * (end - start)
        _, below_legend = _range(*(curve.values[right] for curve in curves))
        room = 1 - _LEGEND_HEIGHT * min(len(curves), 5)
        return low, max(high + margin, low + (below_legend - low) / room)

    def _fit(
        self, chart: vtkMRMLPlotChartNode, axis: str, values: tuple[float, float], wanted: tuple[float, float]
    ) -> None:
        """Let an axis show all values, unless it shows the part of them that the user zoomed to."""
        low, high = getattr(chart, f"Get{axis}AxisRange")()
        fitted = self._fitted.get(axis)
        if fitted and (low, high) != fitted.wanted and (low > fitted.values[0] or high < fitted.values[1]):
            return
        self._fitted[axis] = _Fitted(values, wanted)
        getattr(chart, f"Set{axis}AxisRangeAuto")(False)
        getattr(chart, f"Set{axis}AxisRange")(*wanted)

    def _find(self) -> vtkMRMLPlotChartNode | None:
        self._fitted.clear()
        charts = nodes_of(self._scene, "vtkMRMLPlotChartNode")
        return next((chart for chart in charts if chart.GetAttribute(_KEY) == self._key), None)

    def _make(self) -> vtkMRMLPlotChartNode:
        chart = self._new("vtkMRMLPlotChartNode", self._title)
        chart.SetXAxisTitle(self._axis_titles[0])
        chart.SetYAxisTitle(self._axis_titles[1])
        for part, size in _FONT_SIZES.items():
            getattr(chart, f"Set{part}FontSize")(size)
        self._chart = chart
        return chart

    def _table_of(self, chart: vtkMRMLPlotChartNode) -> vtkMRMLTableNode:
        table = chart.GetNodeReference(_VALUES_ROLE)
        if table is None:
            table = self._new("vtkMRMLTableNode", f"{self._title}, values")
            table.SetUseColumnTitleAsColumnHeader(True)
            table.SetLocked(True)
            table.SetDefaultColumnType("double")  # without, a scene that is opened has texts in place of numbers
            chart.SetNodeReferenceID(_VALUES_ROLE, table.GetID())
        return table

    def _keep_series(self, chart: vtkMRMLPlotChartNode, wanted: int) -> None:
        """Have as many series as there are curves. They change their names, not their order."""
        for index in reversed(range(chart.GetNumberOfPlotSeriesNodes())):
            series = chart.GetNthPlotSeriesNode(index)
            if series is None or index >= wanted:
                chart.RemoveNthPlotSeriesNodeID(index)
                if series is not None:
                    self._scene.RemoveNode(series)
        while chart.GetNumberOfPlotSeriesNodes() < wanted:
            series = self._new("vtkMRMLPlotSeriesNode", self._title)
            chart.AddAndObservePlotSeriesNodeID(series.GetID())

    def _new(self, class_name: str, name: str) -> Any:
        node = self._scene.AddNewNodeByClass(class_name, name)
        node.SetAttribute(_KEY, self._key)
        return node


@contextmanager
def _one_event(node: vtkMRMLNode) -> Iterator[None]:
    """Whatever is changed, the node tells it once: each time, Slicer's views take over everything from the nodes."""
    blocked = node.StartModify()
    try:
        yield
    finally:
        node.EndModify(blocked)


def _fill(table: vtk.vtkTable, columns: dict[str, NDArray[np.floating]]) -> None:
    """Give a table these columns, in the arrays that it has already."""
    found = range(table.GetNumberOfColumns())
    keep = len(columns) if all(table.GetColumn(index).GetDataType() == vtk.VTK_DOUBLE for index in found) else 0
    for index in reversed(found[keep:]):
        table.RemoveColumn(index)
    for index, (name, values) in enumerate(columns.items()):
        if index == table.GetNumberOfColumns():
            array = vtk.vtkDoubleArray()
            array.SetName(name)
            array.SetNumberOfTuples(len(values))
            table.AddColumn(array)
        array = table.GetColumn(index)
        array.SetName(name)
        array.SetNumberOfTuples(len(values))
        if len(values):
            vtk_to_numpy(array)[:] = values
        array.Modified()
    table.Modified()


def _draw(series: vtkMRMLPlotSeriesNode, curve: Curve, *, columns: tuple[str, str]) -> None:
    width, line = curve.style.value
    series.SetName(curve.name)
    series.SetPlotType(slicer.vtkMRMLPlotSeriesNode.PlotTypeScatter)
    series.SetXColumnName(columns[0])
    series.SetYColumnName(columns[1])
    series.SetMarkerStyle(slicer.vtkMRMLPlotSeriesNode.MarkerStyleNone)
    series.SetLineStyle(series.GetLineStyleFromString(line))
    series.SetLineWidth(width)
    series.SetColor(*(int(curve.colour[start : start + 2], 16) / 255 for start in (1, 3, 5)))


def _range(*values: NDArray[np.floating]) -> tuple[float, float]:
    """Lowest and highest finite value, never the same."""
    finite = [part[np.isfinite(part)] for part in values]
    finite = [part for part in finite if part.size]
    if not finite:
        return 0.0, 1.0
    low, high = float(min(part.min() for part in finite)), float(max(part.max() for part in finite))
    return (low, high) if high > low else (low - 0.5, high + 0.5)

"""Pictures of plot views: the lines of a chart node, drawn by VTK's charts as Slicer's plot widget draws them."""

from __future__ import annotations

from typing import Any

import numpy as np
import vtk
from numpy.typing import NDArray
from vtk.util.numpy_support import vtk_to_numpy

_PAPER = (255, 253, 246)  # the background of Slicer's plot views


class PlotView:
    """A plot view that stays open while its chart changes, as in desktop Slicer.

    Like Slicer's, it takes lines and axes from the nodes each time, but keeps the plots: an axis that is left to VTK
    stays as it was when a plot was added, whatever values come later.

    Args:
        size: Width and height in pixels.
        scale: How many times letters and lines are magnified, as on a screen of high resolution.
    """

    def __init__(self, size: tuple[int, int], *, scale: float = 1.0) -> None:
        self._size = size
        self._scale = scale
        self._view = vtk.vtkContextView()
        self._window = self._view.GetRenderWindow()
        self._window.SetOffScreenRendering(1)
        self._window.SetMultiSamples(0)
        self._window.SetSize(*size)
        self._view.GetRenderer().SetBackground(1, 1, 1)
        self._chart = vtk.vtkChartXY()
        self._chart.GetBackgroundBrush().SetColor(*_PAPER)
        self._view.GetScene().AddItem(self._chart)
        self._plots: dict[str, Any] = {}

    def update(self, chart_node: Any) -> None:
        """Takes over what the nodes say."""
        series = _series(chart_node)
        for node_id in [node_id for node_id in self._plots if node_id not in series]:
            self._chart.RemovePlotInstance(self._plots.pop(node_id))
        for node_id, node in series.items():
            if node_id not in self._plots:
                self._plots[node_id] = self._chart.AddPlot(vtk.vtkChart.LINE)
            _style(self._plots[node_id], node, self._scale)
        self._describe(chart_node)
        self._view.GetScene().SetDirty(True)

    def draw(self) -> NDArray[np.uint8]:
        """The picture, shape (height, width, 3)."""
        self._window.Render()
        grabber = vtk.vtkWindowToImageFilter()
        grabber.SetInput(self._window)
        grabber.ReadFrontBufferOff()
        grabber.Update()
        width, height = self._size
        return vtk_to_numpy(grabber.GetOutput().GetPointData().GetScalars()).reshape(height, width, 3)[::-1].copy()

    def close(self) -> None:
        """Gives the window back."""
        self._window.Finalize()

    def _describe(self, node: Any) -> None:
        chart, scale = self._chart, self._scale
        chart.SetTitle(node.GetTitle() or "" if node.GetTitleVisibility() else "")
        chart.GetTitleProperties().SetFontSize(round(node.GetTitleFontSize() * scale))
        chart.SetShowLegend(node.GetLegendVisibility())
        chart.GetLegend().GetLabelProperties().SetFontSize(round(node.GetLegendFontSize() * scale))
        for number, name in ((vtk.vtkAxis.BOTTOM, "X"), (vtk.vtkAxis.LEFT, "Y")):
            axis = chart.GetAxis(number)
            axis.SetTitle(getattr(node, f"Get{name}AxisTitle")() or "")
            axis.SetLogScale(bool(getattr(node, f"Get{name}AxisLogScale")()))
            axis.SetGridVisible(node.GetGridVisibility())
            axis.GetTitleProperties().SetFontSize(round(node.GetAxisTitleFontSize() * scale))
            axis.GetTitleProperties().SetBold(False)
            axis.GetLabelProperties().SetFontSize(round(node.GetAxisLabelFontSize() * scale))
            automatic = getattr(node, f"Get{name}AxisRangeAuto")()
            axis.SetBehavior(vtk.vtkAxis.AUTO if automatic else vtk.vtkAxis.FIXED)
            if not automatic:
                axis.SetUnscaledRange(*getattr(node, f"Get{name}AxisRange")())


def render_plot(plot_view_node: Any, size: tuple[int, int], *, scale: float = 1.0) -> NDArray[np.uint8]:
    """Draws the chart that a plot view node shows, white if it shows none, as an array of shape (height, width, 3)."""
    chart_node = plot_view_node.GetPlotChartNode()
    if chart_node is None or not _series(chart_node):
        return np.full((size[1], size[0], 3), 255, np.uint8)
    view = PlotView(size, scale=scale)
    view.update(chart_node)
    picture = view.draw()
    view.close()
    return picture


def _series(chart_node: Any) -> dict[str, Any]:
    """The series of a chart that have values, by the IDs of their nodes."""
    nodes = [chart_node.GetNthPlotSeriesNode(number) for number in range(chart_node.GetNumberOfPlotSeriesNodes())]
    return {node.GetID(): node for node in nodes if node is not None and node.GetTableNode() is not None}


def _style(plot: Any, node: Any, scale: float) -> None:
    plot.SetInputData(node.GetTableNode().GetTable(), node.GetXColumnName(), node.GetYColumnName())
    plot.SetColorF(*node.GetColor())
    plot.SetWidth(node.GetLineWidth() * scale)
    plot.SetLabel(node.GetName())
    plot.GetPen().SetOpacityF(node.GetOpacity())
    plot.GetPen().SetLineType(node.GetLineStyle())
    if node.GetPlotType() == node.PlotTypeScatter:
        plot.SetMarkerStyle(node.GetMarkerStyle())
        plot.SetMarkerSize(node.GetMarkerSize() * scale)

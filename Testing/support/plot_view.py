"""Pictures of plot views: the lines of a chart node, drawn by VTK's charts as Slicer's plot widget draws them."""

from __future__ import annotations

from typing import Any

import numpy as np
import vtk
from numpy.typing import NDArray
from vtk.util.numpy_support import vtk_to_numpy


def render_plot(plot_view_node: Any, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Draws the chart that a plot view node shows, white if it shows none, as an array of shape (height, width, 3)."""
    view = vtk.vtkContextView()
    window = view.GetRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(0)
    window.SetSize(*size)
    view.GetRenderer().SetBackground(1, 1, 1)
    chart_node = plot_view_node.GetPlotChartNode()
    if chart_node is not None:
        view.GetScene().AddItem(_chart(chart_node))
    window.Render()
    grabber = vtk.vtkWindowToImageFilter()
    grabber.SetInput(window)
    grabber.ReadFrontBufferOff()
    grabber.Update()
    picture = vtk_to_numpy(grabber.GetOutput().GetPointData().GetScalars()).reshape(size[1], size[0], 3)[::-1].copy()
    window.Finalize()
    return picture


def _chart(chart_node: Any) -> Any:
    chart = vtk.vtkChartXY()
    chart.SetTitle(chart_node.GetTitle() or "" if chart_node.GetTitleVisibility() else "")
    chart.SetShowLegend(chart_node.GetLegendVisibility())
    for axis, title, log in (
        (vtk.vtkAxis.BOTTOM, chart_node.GetXAxisTitle(), chart_node.GetXAxisLogScale()),
        (vtk.vtkAxis.LEFT, chart_node.GetYAxisTitle(), chart_node.GetYAxisLogScale()),
    ):
        chart.GetAxis(axis).SetTitle(title or "")
        chart.GetAxis(axis).SetLogScale(bool(log))
    for number in range(chart_node.GetNumberOfPlotSeriesNodes()):
        _add_series(chart, chart_node.GetNthPlotSeriesNode(number))
    return chart


def _add_series(chart: Any, series: Any) -> None:
    table_node = series.GetTableNode()
    if table_node is None:
        return
    plot = chart.AddPlot(vtk.vtkChart.LINE)
    plot.SetInputData(table_node.GetTable(), series.GetXColumnName(), series.GetYColumnName())
    plot.SetColorF(*series.GetColor())
    plot.SetWidth(series.GetLineWidth())
    plot.SetLabel(series.GetName())
    plot.GetPen().SetLineType(series.GetLineStyle())
    if series.GetPlotType() == series.PlotTypeScatter and series.GetMarkerStyle():
        plot.SetMarkerStyle(series.GetMarkerStyle())
        plot.SetMarkerSize(series.GetMarkerSize())

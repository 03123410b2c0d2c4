"""The self test of the section Measure: a line and ROIs in two volumes, figures that are known, and nothing left."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray
from vtk.util.numpy_support import vtk_to_numpy

from CTDenoiseScene.layout_description import PLOT_TAG
from CTDenoiseScene.roi_nodes import find_rois

from .self_test_bench import Bench
from .self_test_data import add_volume, noisy_cylinder
from .self_test_filter import expected_noise

_SIZE = (12, 96)
# From the middle of the cylinder into the air before it, in mm (RAS).
_LINE = ((-33.0, -33.0, 5.0), (-33.0, -1.0, 5.0))
_ENDS_HU = (40.0, -1000.0)
_PLATEAU = 10  # values at each end
_PLATEAU_TOLERANCE_HU = 25.0  # three standard deviations of their mean, with 20 HU of noise
_SHOWN_DIGIT_HU = 0.06
_MADE_HERE = ("vtkMRMLMarkupsNode", "vtkMRMLTableNode", "vtkMRMLPlotChartNode", "vtkMRMLPlotSeriesNode")


def check_measurements(bench: Bench) -> None:
    """Draw, place, look at chart and table, delete, and close the scene."""
    hu = noisy_cylinder(*_SIZE)
    sharp, smooth = add_volume(hu, "Sharp"), add_volume((hu - expected_noise(hu)).astype(np.int16), "Smooth")
    parameters = bench.widget.logic.parameters()
    parameters.input_volume = parameters.sharp_volume = sharp
    parameters.smooth_volume = smooth
    bench.settle()
    if slicer.app.layoutManager() is None:
        bench.check(not bench.ui.newLineButton.enabled, "nothing can be drawn without views")
    else:
        _check_profile(bench)
    _check_rois(bench, {"Input": sharp, "Smooth": smooth})
    slicer.mrmlScene.Clear()
    bench.settle()
    left = [node.GetName() for kind in _MADE_HERE for node in slicer.util.getNodesByClass(kind)]
    bench.check(not left, f"a closed scene holds nothing that was measured; it holds {left}")


def _check_profile(bench: Bench) -> None:
    line = bench.draw(bench.ui.newLineButton, _LINE)
    bench.wait(lambda: len(_curves()) == 2, "the curves of two volumes")
    for name, hu in _curves().items():
        ends = hu[:_PLATEAU].mean(), hu[-_PLATEAU:].mean()
        off = np.abs(np.subtract(ends, _ENDS_HU)).max()
        bench.check(
            off < _PLATEAU_TOLERANCE_HU, f"“{name}” goes from tissue to air, not {ends[0]:.0f} to {ends[1]:.0f}"
        )
    slicer.mrmlScene.RemoveNode(line)
    bench.wait(lambda: not _curves(), "the chart to be empty without its line")


def _check_rois(bench: Bench, volumes: dict[str, Any]) -> None:
    bench.ui.uniformRoisButton.click()
    rois = find_rois(slicer.mrmlScene)
    bench.check(bool(rois), "there are ROIs")
    bench.wait(lambda: _figure(rois[-1].GetName(), "Smooth: SD [HU]") > 0, "the table of ROIs")
    for view, volume in volumes.items():
        for roi in rois:
            values = _values_in(roi, volume)
            for what, known in (("mean", values.mean()), ("SD", values.std(ddof=1))):
                shown = _figure(roi.GetName(), f"{view}: {what} [HU]")
                text = f"the {what} of {roi.GetName()} in {volume.GetName()} is {known:.2f}, not {shown}"
                bench.check(bool(abs(shown - known) < _SHOWN_DIGIT_HU), text)
    for roi in rois:
        slicer.mrmlScene.RemoveNode(roi)
    bench.wait(lambda: not bench.ui.copyTableButton.enabled, "the table to be empty without ROIs")


def _curves() -> dict[str, NDArray[np.float64]]:
    """Values of the chart below the views, by the name of the curve."""
    view = slicer.mrmlScene.GetSingletonNode(PLOT_TAG, "vtkMRMLPlotViewNode")
    chart = view.GetPlotChartNode() if view is not None else None
    count = chart.GetNumberOfPlotSeriesNodes() if chart is not None else 0
    found = {}
    for series in (chart.GetNthPlotSeriesNode(number) for number in range(count)):
        table = series.GetTableNode().GetTable()
        found[series.GetName()] = vtk_to_numpy(table.GetColumnByName(series.GetYColumnName()))
    return found


def _values_in(roi: Any, volume: Any) -> NDArray[np.int16]:
    """HU of the voxels whose centres lie in a box that is not turned."""
    hu, matrix, size = slicer.util.arrayFromVolume(volume), vtk.vtkMatrix4x4(), np.zeros(3)
    volume.GetIJKToRASMatrix(matrix)
    roi.GetSizeWorld(size)
    ijk1 = np.stack([*np.indices(hu.shape)[::-1], np.ones(hu.shape)], axis=-1)
    ras = ijk1 @ slicer.util.arrayFromVTKMatrix(matrix)[:3].T
    return hu[(np.abs(ras - roi.GetCenterWorld()) <= size / 2).all(axis=-1)]


def _figure(roi_name: str, heading: str) -> float:
    """What the table of ROIs shows; NaN where it shows nothing such."""
    for node in slicer.util.getNodesByClass("vtkMRMLTableNode"):
        table = node.GetTable()
        column = table.GetColumnByName(heading)
        for row in range(table.GetNumberOfRows() if column is not None else 0):
            if table.GetValue(row, 0).ToString() == roi_name:
                return float(column.GetValue(row).replace("\N{MINUS SIGN}", "-"))
    return float("nan")

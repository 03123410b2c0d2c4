"""Regions and lines saved by Slicer itself are read as Slicer has them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from CTDenoiseLib.measure.markups.markups_file import Markups, read_markups
from support.tilted_grid import rotation

LPS_FROM_RAS = np.diag([-1.0, -1.0, 1.0])
POINTS = [(0, 0, 5), (30, 4, 5), (28, 25, 5), (-8, 33, 5), (-14, 9, 5)]


def saved(node: Any, folder: Path, *, system: str) -> Markups:
    node.AddDefaultStorageNode()
    writer = node.GetStorageNode()
    writer.SetCoordinateSystem(getattr(slicer.vtkMRMLStorageNode, f"CoordinateSystem{system}"))
    path = folder / "Drawn.mrk.json"
    writer.SetFileName(str(path))
    assert writer.WriteData(node)
    return read_markups(path)


@pytest.fixture
def drawn(slicer_scene):
    def draw(kind: str) -> Any:
        node = slicer_scene.scene.AddNewNodeByClass(f"vtkMRMLMarkups{kind}Node")
        for point in POINTS[: 2 if kind == "Line" else None]:
            node.AddControlPoint(point)
        return node

    return draw


@pytest.mark.parametrize("system", ["LPS", "RAS"])
def test_a_turned_roi_is_the_box_that_slicer_has(slicer_scene, tmp_path, system):
    node = slicer_scene.scene.AddNewNodeByClass("vtkMRMLMarkupsROINode")
    matrix = np.eye(4)
    matrix[:3, :3] = rotation(20, 30, 40)
    matrix[:3, 3] = (12, -34, 56)
    to_vtk = vtk.vtkMatrix4x4()
    to_vtk.DeepCopy(matrix.reshape(-1))
    node.GetObjectToNodeMatrix().DeepCopy(to_vtk)
    node.SetSize(10, 20, 30)
    (found,) = saved(node, tmp_path, system=system).shapes
    np.testing.assert_allclose(found.shape.centre, LPS_FROM_RAS @ matrix[:3, 3], atol=1e-9)
    np.testing.assert_allclose(found.shape.axes, matrix[:3, :3].T @ LPS_FROM_RAS, atol=1e-9)
    np.testing.assert_allclose(found.shape.size, [10, 20, 30])
    assert found.name == "Drawn"


@pytest.mark.parametrize("system", ["LPS", "RAS"])
@pytest.mark.parametrize("kind", ["Line", "Curve", "ClosedCurve"])
def test_a_line_or_curve_goes_where_slicer_draws_it(drawn, tmp_path, kind, system):
    node = drawn(kind)
    found = saved(node, tmp_path, system=system)
    points = found.shapes[0].shape.points if kind == "ClosedCurve" else found.paths[0].path.points
    slicers = (
        vtk_to_numpy(node.GetCurvePointsWorld().GetData()) if kind != "Line" else np.array(POINTS[:2], dtype=float)
    )
    if kind == "ClosedCurve":
        slicers = slicers[:-1]  # the first again
    # Slicer keeps the points of curves in single precision.
    np.testing.assert_allclose(points, slicers @ LPS_FROM_RAS, atol=1e-5)


def test_the_description_of_a_control_point_goes_through_slicers_file(slicer_scene, tmp_path):
    node = slicer_scene.scene.AddNewNodeByClass("vtkMRMLMarkupsROINode")
    node.SetCenter(1, 2, 3)
    node.SetSize(10, 20, 30)
    node.SetNthControlPointDescription(0, "ellipsoid")
    (found,) = saved(node, tmp_path, system="LPS").shapes
    assert type(found.shape).__name__ == "Ellipsoid"

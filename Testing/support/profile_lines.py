"""Lines in volumes whose HU are linear in the world, so that each profile is known."""

from __future__ import annotations

import numpy as np
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from CTDenoiseScene.place_markups import stop_placing

START, END = (-30.0, -25.0, 12.0), (-10.0, -15.0, 12.0)
RISE = np.array([3.0, -2.0, 5.0])  # HU for each mm along R, A, S
SHAPE = (12, 40, 48)
SPACING = (2.0, 1.0, 1.0)  # (z, y, x) in mm
SHIFT = np.array([[1, 0, 0, 1.5], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
TO_RAS = np.diag([-1.0, -1.0, 2.0, 1.0])  # of an axial volume, from (i, j, k)


def rotation(degrees, axis):
    """Matrix (4, 4) about R, A or S."""
    matrix = vtk.vtkTransform()
    matrix.RotateWXYZ(degrees, *np.eye(3)["RAS".index(axis)])
    return np.array([[matrix.GetMatrix().GetElement(row, column) for column in range(4)] for row in range(4)])


def ramp(ijk_to_world, offset=0.0):
    """Voxels whose HU are linear in the world."""
    k, j, i = np.indices(SHAPE)
    world = np.stack([i, j, k, np.ones_like(i)], axis=-1) @ ijk_to_world.T
    return (world[..., :3] @ RISE + offset).astype(np.float32)


def along(start=START, end=END, offset=0.0, *, count):
    """The profile of a ramp."""
    return np.linspace(np.dot(start, RISE), np.dot(end, RISE), count) + offset


def draw(tool, start=START, end=END):
    line = tool.new_line()
    for point in (start, end):
        line.AddControlPointWorld(vtk.vtkVector3d(point))
    stop_placing(line)
    tool.work(1.0)
    return line


def transform_of(slicer_scene, matrix):
    node = slicer_scene.scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    elements = vtk.vtkMatrix4x4()
    elements.DeepCopy(np.asarray(matrix, dtype=float).reshape(-1))
    node.SetMatrixTransformToParent(elements)
    return node


def curves(chart_node):
    """Values by the names in the legend."""
    found = {}
    for index in range(chart_node.GetNumberOfPlotSeriesNodes()):
        series = chart_node.GetNthPlotSeriesNode(index)
        column = series.GetTableNode().GetTable().GetColumnByName(series.GetYColumnName())
        found[series.GetName()] = vtk_to_numpy(column).copy()
    return found


def cells(table_node):
    """Texts of the table, row by row."""
    table = table_node.GetTable()
    columns = range(table.GetNumberOfColumns())
    return [[table.GetValue(row, column).ToString() for column in columns] for row in range(table.GetNumberOfRows())]


def expect(tool, *offsets, start=START, end=END):
    """Each volume has the profile of its ramp."""
    count = len(tool.profiles.distance_mm)
    assert len(tool.profiles.hu) == len(offsets)
    for hu, offset in zip(tool.profiles.hu, offsets, strict=True):
        np.testing.assert_allclose(hu, along(start, end, offset, count=count), atol=1e-3)  # float32 voxels

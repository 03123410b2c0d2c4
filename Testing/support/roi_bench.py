"""A phantom in three volumes, and the tool that measures in its ROIs."""

from __future__ import annotations

from typing import Any

import numpy as np
import vtk
from numpy.typing import ArrayLike, NDArray

from CTDenoiseScene.comparison import ComparisonVolumes
from CTDenoiseScene.measured_volumes import MeasuredVolumes
from CTDenoiseScene.roi_tool import RoiTool

from .slicer_scene import SlicerScene
from .table_view import texts_of

SHAPE = (16, 64, 64)
SPACING = (2.0, 1.0, 1.0)
# The middle of the phantom (R, A, S) is on a voxel centre of section 8, row 32 and column 32.
MIDDLE = np.array([-32.0, -32.0, 16.0])
NOISE = {"input": 20.0, "smooth": 10.0, "denoised": 5.0}


class RoiBench:
    """Water of 0 HU with noise, and a square rod of 100 HU at 10 to 30 mm right of the middle, in three volumes.

    Attributes:
        volumes: In the scene.
        tool: Measures in them.
        told: How often the tool said that it has something to do.
    """

    def __init__(self, parts: SlicerScene, *, ijk_to_ras: ArrayLike | None = None) -> None:
        self.parts = parts
        self.told = 0
        rng = np.random.default_rng(0)
        clean = np.zeros(SHAPE)
        clean[:, 22:43, 2:23] = 100.0
        nodes = {
            name: parts.add_volume(
                np.rint(clean + rng.normal(0, noise, SHAPE)).astype(np.int16),
                name=name,
                spacing=SPACING,
                ijk_to_ras=ijk_to_ras,
            )
            for name, noise in NOISE.items()
        }
        self.volumes = ComparisonVolumes(**nodes)
        self.tool = self.new_tool()

    def new_tool(self) -> RoiTool:
        """As when the module is loaded into a program with this scene."""
        tool = RoiTool(self.parts.scene, MeasuredVolumes())
        tool.changed.connect(self._count)
        tool.show(self.volumes, ())
        return tool

    @property
    def table(self) -> list[list[str]]:
        """What the table shows when everything is measured, the header left out."""
        self.work()
        return self.shown_rows()

    @property
    def header(self) -> list[str]:
        """Its header."""
        self.work()
        return texts_of(self.tool.table_node)[0]

    def figure(self, roi: Any, heading: str) -> float:
        """A number in the table."""
        row = self.table[list(self.tool.regions).index(roi)]
        return float(row[self.header.index(heading)].replace("−", "-"))

    def shown_rows(self) -> list[list[str]]:
        """What the table shows so far."""
        return texts_of(self.tool.table_node)[1:]

    def work(self) -> None:
        while self.tool.work(1.0):
            pass

    def put_under_transform(self, node: Any, matrix: ArrayLike) -> Any:
        """Put a node under a new linear transform."""
        transform = self.parts.scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
        set_matrix(transform, matrix)
        node.SetAndObserveTransformNodeID(transform.GetID())
        return transform

    def bend(self, node: Any) -> None:
        """Put a node under a transform that is not linear."""
        spline = vtk.vtkThinPlateSplineTransform()
        for landmarks, shift in ((spline.SetSourceLandmarks, 0.0), (spline.SetTargetLandmarks, 9.0)):
            points = vtk.vtkPoints()
            for place in ((0, 0, 0), (50, 0, 0), (0, 50, 0), (0, 0, 50)):
                points.InsertNextPoint(place)
            points.InsertNextPoint(50, 50, 50 + shift)
            landmarks(points)
        spline.SetBasisToR()
        transform = self.parts.scene.AddNewNodeByClass("vtkMRMLTransformNode")
        transform.SetAndObserveTransformToParent(spline)
        node.SetAndObserveTransformNodeID(transform.GetID())

    def _count(self) -> None:
        self.told += 1


def at(right: float, anterior: float = 0.0, superior: float = 0.0) -> NDArray[np.float64]:
    """The point that is so many mm away from the middle."""
    return MIDDLE + np.array([right, anterior, superior])


def set_matrix(transform: Any, matrix: ArrayLike) -> None:
    """Of a transform node, (4, 4)."""
    elements = vtk.vtkMatrix4x4()
    elements.DeepCopy(np.asarray(matrix, dtype=float).reshape(-1))
    transform.SetMatrixTransformToParent(elements)


def rotation(degrees: float, axis: tuple[float, float, float] = (0, 0, 1)) -> NDArray[np.float64]:
    """Matrix (4, 4)."""
    turned = vtk.vtkTransform()
    turned.RotateWXYZ(degrees, *axis)
    return np.array([[turned.GetMatrix().GetElement(row, column) for column in range(4)] for row in range(4)])

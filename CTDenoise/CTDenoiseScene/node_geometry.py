"""Where the voxels of a volume node lie, as DICOM says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import vtk
from numpy.typing import NDArray

from CTDenoiseLib.volume import Geometry, Vector

if TYPE_CHECKING:
    import slicer


def node_geometry(node: slicer.vtkMRMLVolumeNode) -> Geometry:
    """Spacing, origin and directions in LPS by the node itself; transforms that it is under are left out."""
    to_ras = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(to_ras)
    ras = np.array([[to_ras.GetElement(row, column) for column in range(4)] for row in range(3)])
    lps = ras * [[-1.0], [-1.0], [1.0]]
    spacing = np.linalg.norm(lps[:, :3], axis=0)
    x, y, z = (_vector(lps[:, axis] / spacing[axis]) for axis in range(3))
    return Geometry(spacing=_vector(spacing[::-1]), origin=_vector(lps[:, 3]), direction=(z, y, x))


def _vector(values: NDArray[np.float64]) -> Vector:
    a, b, c = (values + 0.0).tolist()  # makes -0.0 plain 0.0
    return a, b, c

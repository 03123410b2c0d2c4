"""The plane of the slice view in which something was drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLSliceNode

    from CTDenoiseLib.volume import Vector

# A user who draws in a view puts points into its plane; rounding, and snapping to voxels, may not.
_OUT_OF_PLANE_MM = 0.5


def drawing_plane(points: NDArray[np.float64], views: Sequence[vtkMRMLSliceNode]) -> Vector | None:
    """Unit normal (R, A, S) of the view whose plane runs along the points, and closest to them.

    Args:
        points: World points (R, A, S) in mm, shape (n, 3).
        views: Slice nodes; of several with the same plane the first counts.

    Returns:
        `None` when the points lie in the plane of no view and in none parallel to it, as a curve through all sections.
    """
    centre = points.mean(axis=0)
    nearest: tuple[float, Vector] | None = None
    for view in views:
        to_ras = view.GetSliceToRAS()
        across, origin = (np.array([to_ras.GetElement(row, column) for row in range(3)]) for column in (2, 3))
        across /= np.linalg.norm(across)
        if np.abs((points - centre) @ across).max() > _OUT_OF_PLANE_MM:
            continue
        distance = abs(float((centre - origin) @ across))
        if nearest is None or distance < nearest[0]:
            r, a, s = across.tolist()
            nearest = distance, (r, a, s)
    return nearest[1] if nearest is not None else None

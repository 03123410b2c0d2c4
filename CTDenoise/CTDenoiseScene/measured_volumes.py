"""The volumes of a comparison as images to measure, all at once and without a copy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import vtk

from CTDenoiseLib.measure.errors import MeasurementError
from CTDenoiseLib.measure.image import Grid, MeasuredImage

from .comparison import ComparisonVolumes, Role
from .headers import instance_uids
from .results import Results
from .scan_facts import scan_facts
from .voxels import voxels_of

if TYPE_CHECKING:
    import slicer
    from numpy.typing import NDArray

    from .headers import HeaderSource

# In the order of columns and legends. The difference is no image of HU: what it holds is measured by the audit.
_ROLES = (Role.INPUT, Role.SMOOTH, Role.SHARP, Role.DENOISED)


class TransformNotLinearError(MeasurementError):
    """A volume is under a transform that bends it."""


class FlattenedVolumeError(MeasurementError):
    """A volume is under a transform that leaves no depth."""


@dataclass(frozen=True, eq=False)
class MeasuredVolume:
    """One of the compared volumes.

    Attributes:
        role: What it is in the comparison.
        node: Its node.
        image: Its voxels as they are now, in world coordinates (RAS), parent transforms included.
    """

    role: Role
    node: slicer.vtkMRMLScalarVolumeNode
    image: MeasuredImage

    @property
    def named_after_view(self) -> MeasuredVolume:
        """The same, with the view before its name: "Denoised: 203 BONE BRAIN 1MM"."""
        return replace(self, image=replace(self.image, name=f"{self.role.value}: {self.image.name}"))


class MeasuredVolumes:
    """Makes images of the compared volumes.

    Args:
        headers: Where DICOM headers are kept, if anywhere: they know which values mean "no data".

    Attributes:
        headers: The same, for records of what was measured.
    """

    def __init__(self, headers: HeaderSource | None = None) -> None:
        self.headers = headers
        self._padding: dict[tuple[str, ...], tuple[float, float] | None] = {}

    def of(self, volumes: ComparisonVolumes) -> tuple[MeasuredVolume, ...]:
        """All compared volumes that hold voxels, each once, the input first.

        To be asked for anew at each measurement, which takes microseconds: nodes may get other voxels, transforms or
        names at any moment.

        Raises:
            TransformNotLinearError: A volume is under a transform that is not linear.
            FlattenedVolumeError: A volume is under a transform that flattens it.
        """
        found: list[MeasuredVolume] = []
        for role in _ROLES:
            node = volumes.of(role)
            voxels = voxels_of(node)
            if node is None or voxels is None or any(volume.node is node for volume in found):
                continue
            found.append(MeasuredVolume(role, node, self._image(node, voxels)))
        return tuple(found)

    def _image(self, node: slicer.vtkMRMLScalarVolumeNode, voxels: NDArray[Any]) -> MeasuredImage:
        sections, rows, columns = voxels.shape
        results = Results.of(node)
        return MeasuredImage(
            node.GetName(),
            voxels,
            Grid((sections, rows, columns), _world_from_index(node)),
            padding_hu=self._padding_of(node if results is None else results.input or node),
            sections=None if results is None else results.sections,
        )

    def _padding_of(self, node: slicer.vtkMRMLScalarVolumeNode) -> tuple[float, float] | None:
        """Asked of the headers once for each series: they lie on disk."""
        series = instance_uids(node)[:1]
        if series not in self._padding:
            self._padding[series] = scan_facts(node, self.headers).padding_hu
        return self._padding[series]


def _world_from_index(node: slicer.vtkMRMLScalarVolumeNode) -> NDArray[np.float64]:
    """From (z, y, x, 1) to RAS in the world."""
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    parent = node.GetParentTransformNode()
    if parent is not None:
        if not parent.IsTransformToWorldLinear():
            raise TransformNotLinearError(
                f"“{node.GetName()}” is under a transform that bends it; harden the transform to measure the volume."
            )
        to_world = vtk.vtkMatrix4x4()
        parent.GetMatrixTransformToWorld(to_world)
        vtk.vtkMatrix4x4.Multiply4x4(to_world, matrix, matrix)
    elements: NDArray[np.float64] = np.array(
        [[matrix.GetElement(row, column) for column in range(4)] for row in range(4)]
    )
    if not (np.isfinite(elements).all() and np.linalg.det(elements)):
        raise FlattenedVolumeError(
            f"“{node.GetName()}” is under a transform that flattens it; take the volume out of the transform."
        )
    return elements[:, [2, 1, 0, 3]]

"""Facts of a loaded volume: its grid as it lies in the world, and what its DICOM header says of the scan."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import vtk
from numpy.typing import NDArray

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.matching import ImageFacts

from .scan_facts import ScanFacts, scan_facts

if TYPE_CHECKING:
    import slicer

    from .headers import HeaderSource

_PLANES = ("sagittal", "coronal", "axial")
_MOST_TILT_DEGREES = 10.0


class NoImageError(CTDenoiseError):
    """The volume node holds no image."""


@dataclass(frozen=True, kw_only=True)
class VolumeFacts(ScanFacts):
    """What is known of a loaded volume, besides what the header says.

    Attributes:
        name: Of the node.
        rows: Number of rows of a section.
        columns: Number of columns of a section.
        sections: Number of sections.
        pixel_spacing: Distance of rows and of columns (y, x) in mm, as parent transforms leave it.
        increment: Distance of neighbouring sections in mm, as parent transforms leave it.
        axes: Unit RAS vectors along which the x, y and z index grow, as parent transforms leave them.
    """

    name: str
    rows: int
    columns: int
    sections: int
    pixel_spacing: tuple[float, float]
    increment: float
    axes: tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]

    @property
    def orientation(self) -> str:
        """Plane of the sections: axial, coronal or sagittal; oblique if tilted by more than 10° against all of them."""
        along = np.abs(self.axes[2])
        tilt = math.degrees(math.acos(min(1.0, float(along.max()))))
        return _PLANES[int(along.argmax())] if tilt <= _MOST_TILT_DEGREES else "oblique"

    @property
    def sentence(self) -> str:
        """The facts in one line, such as "CT, kernel YA, 50 axial sections of 512 × 512, …"."""
        y, x = self.pixel_spacing
        return ", ".join(
            (
                self.modality or "modality unknown",
                f"kernel {'/'.join(self.kernel)}" if self.kernel else "kernel unknown",
                f"{self.sections} {self.orientation} section{'s' if self.sections > 1 else ''} "
                f"of {self.columns} × {self.rows}",
                f"pixels of {x:.3g} mm" if math.isclose(y, x, rel_tol=1e-3) else f"pixels of {x:.3g} × {y:.3g} mm",
                f"{self.increment:.3g} mm apart",
                "thickness unknown" if self.section_thickness is None else f"{self.section_thickness:.3g} mm thick",
            )
        )

    def image_facts(self, *, noise_hu: float | None) -> ImageFacts:
        """What decides how well a model fits.

        Args:
            noise_hu: Standard deviation in uniform soft tissue, in HU; `None` if it is not known.
        """
        return ImageFacts(
            modality=self.modality,
            kernel=self.kernel,
            pixel_spacing=self.pixel_spacing,
            section_thickness=self.section_thickness,
            increment=self.increment,
            noise_hu=noise_hu,
        )


def volume_facts(node: slicer.vtkMRMLVolumeNode, headers: HeaderSource | None = None) -> VolumeFacts:
    """Gather what is known of a volume.

    Args:
        node: A volume with an image, under any parent transform; under one that is no plain matrix, spacing and
            direction are those at the centre.
        headers: Where its DICOM headers are kept, if anywhere.

    Raises:
        NoImageError: The node holds no image.
    """
    image = node.GetImageData()
    if image is None or image.GetNumberOfPoints() == 0:
        raise NoImageError(f"The volume “{node.GetName()}” holds no image; load it again or choose another.")
    columns, rows, sections = image.GetDimensions()
    steps = _steps_at_centre(node, (columns, rows, sections))
    x, y, z = (float(length) for length in np.linalg.norm(steps, axis=1))
    right, down, onwards = (steps / [[x], [y], [z]]).tolist()
    scan = scan_facts(node, headers)
    return VolumeFacts(
        **vars(scan),
        name=node.GetName(),
        rows=rows,
        columns=columns,
        sections=sections,
        pixel_spacing=(y, x),
        increment=z,
        axes=(tuple(right), tuple(down), tuple(onwards)),
    )


def _steps_at_centre(node: slicer.vtkMRMLVolumeNode, size: tuple[int, int, int]) -> NDArray[np.float64]:
    """World vectors (RAS, mm) from the central voxel to the next along x, y and z, shape (3, 3), one a row."""
    to_ras = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(to_ras)
    to_world = vtk.vtkGeneralTransform()
    parent = node.GetParentTransformNode()
    if parent is not None:
        parent.GetTransformToWorld(to_world)

    def world(index: NDArray[np.float64]) -> NDArray[np.float64]:
        ras = to_ras.MultiplyDoublePoint((*index, 1.0))[:3]
        return np.array(to_world.TransformDoublePoint(ras))

    centre = (np.array(size, dtype=np.float64) - 1) / 2
    return np.array([world(centre + step) - world(centre) for step in np.eye(3)])

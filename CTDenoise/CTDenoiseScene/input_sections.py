"""The sections of an input volume in the type that the worker reads, each checked when it is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from CTDenoiseLib.errors import CTDenoiseError

from .voxels import scalars_of, voxels_of

if TYPE_CHECKING:
    import slicer
    from numpy.typing import NDArray

_INT16 = np.iinfo(np.int16)


class InputError(CTDenoiseError):
    """The volume cannot be denoised."""


class InputSections:
    """Sections of a volume node as int16 where its values are whole numbers, else as float32.

    Args:
        node: One value in each voxel, of any type that numpy knows, in HU.

    Attributes:
        shape: Sections, rows, columns.
        dtype: int16 or float32.

    Raises:
        InputError: The node holds no image, or several values in each voxel.
    """

    def __init__(self, node: slicer.vtkMRMLScalarVolumeNode) -> None:
        self._node = node
        self._name = f"“{node.GetName()}”"
        scalars = scalars_of(node)
        if scalars is not None and scalars.GetNumberOfComponents() != 1:
            raise InputError(f"{self._name} holds colours or vectors; a CT volume has one value in each voxel.")
        voxels = voxels_of(node)
        if voxels is None:
            raise InputError(f"{self._name} holds no image; load it first.")
        sections, rows, columns = voxels.shape
        self.shape = (sections, rows, columns)
        self.dtype: np.dtype[Any] = np.dtype(np.float32 if voxels.dtype.kind == "f" else np.int16)
        self._stored = voxels.dtype

    def section(self, index: int) -> NDArray[np.int16] | NDArray[np.float32]:
        """One section, shape (y, x), of `dtype`; a view where nothing had to be converted.

        Raises:
            InputError: The image was replaced meanwhile, or holds values that no CT has.
        """
        voxels = voxels_of(self._node)
        if voxels is None or voxels.shape != self.shape or voxels.dtype != self._stored:
            raise InputError(f"The image of {self._name} was replaced by another; start again.")
        section = voxels[index]
        if self.dtype == np.float32:
            return self._finite(section, index)
        return section if section.dtype == np.int16 else self._whole(section, index)

    def _finite(self, section: NDArray[Any], index: int) -> NDArray[np.float32]:
        with np.errstate(over="ignore"):
            values = section.astype(np.float32, copy=False)
        if not np.isfinite(values).all():
            raise InputError(
                f"Section {index + 1} of {self._name} holds values that are not finite (NaN or infinity); "
                "repair the volume first."
            )
        return values

    def _whole(self, section: NDArray[Any], index: int) -> NDArray[np.int16]:
        if not np.can_cast(section.dtype, np.int16):
            for value in (int(section.min()), int(section.max())):
                if not _INT16.min <= value <= _INT16.max:
                    raise InputError(
                        f"Section {index + 1} of {self._name} holds the value {value}, which is beyond the Hounsfield "
                        f"units of any CT ({_INT16.min} to {_INT16.max}); check its rescaling."
                    )
        return section.astype(np.int16)

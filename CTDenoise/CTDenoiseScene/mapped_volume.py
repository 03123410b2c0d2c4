"""A volume whose voxels lie in a file: VTK shows them without a copy, and the file leaves with the image."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import vtk
from vtk.util.numpy_support import get_vtk_array_type

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.worker.section_file import SectionFile, delete_section_file

from .voxels import voxels_of

if TYPE_CHECKING:
    import slicer
    from numpy.typing import NDArray

# By the address of the first voxel, as nothing in Python may keep the VTK array alive.
_behind: WeakValueDictionary[int, MappedVolume] = WeakValueDictionary()


class TemporaryFileError(CTDenoiseError):
    """A temporary file cannot be written."""


def write_section(file: SectionFile, index: int, section: NDArray[Any]) -> None:
    """Write a section, shape (y, x), to a file.

    Raises:
        TemporaryFileError: The disk is full or fails.
    """
    try:
        file.write(index, section)
    except OSError as error:
        raise TemporaryFileError(
            f"The disk of the temporary files takes no more ({error.strerror}). What was finished stays; make room and "
            "run again."
        ) from error


class MappedVolume:
    """Voxels in a file of sections, and a VTK image over them.

    VTK frees no memory that it did not take and asks nobody whether it is still there. The VTK array itself therefore
    keeps this object alive, in an observer: file and map stay as long as any image in any pipeline shows them, whatever
    happens to nodes, scene or session, and go in the moment it is deleted.

    Args:
        path: A file made by `Workplace.create_map`; deleted with this object.

    Attributes:
        written: Sections that were written through `write`.

    Raises:
        SectionFileError: The file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.written: set[int] = set()
        self._path = path
        self._file = SectionFile(path, writable=True)
        _behind[self.sections.ctypes.data] = self

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()
        # Windows keeps the file while the worker has it open; its folder takes it along later.
        delete_section_file(self._path)

    @classmethod
    def behind(cls, node: slicer.vtkMRMLVolumeNode) -> MappedVolume | None:
        """What the image of a node shows; `None` when that lies in ordinary memory, as after loading a scene."""
        voxels = voxels_of(node)
        return None if voxels is None else _behind.get(voxels.ctypes.data)

    @property
    def sections(self) -> NDArray[Any]:
        """The voxels, read-only, shape (z, y, x)."""
        return self._file.sections

    def image(self) -> vtk.vtkImageData:
        """The VTK image over the voxels, to be asked for once."""
        sections, rows, columns = self._file.shape
        scalars = vtk.vtkDataArray.CreateDataArray(get_vtk_array_type(self.sections.dtype))
        scalars.SetVoidArray(self.sections.reshape(-1), self.sections.size, 1)
        # This wrapper must not stay, or the garbage collector would find the keeper in it: see `Observers`.
        scalars.AddObserver(vtk.vtkCommand.DeleteEvent, _Keeper(self))
        image = vtk.vtkImageData()
        image.SetDimensions(columns, rows, sections)
        image.GetPointData().SetScalars(scalars)
        return image

    def write(self, index: int, section: NDArray[Any]) -> None:
        """Write one section, shape (y, x). The memory of this process holds only what is looked at.

        Raises:
            TemporaryFileError: The disk is full or fails.
        """
        write_section(self._file, index, section)
        self.written.add(index)


class _Keeper:
    """An observer that does nothing but refer to what its VTK array needs for life."""

    def __init__(self, volume: MappedVolume) -> None:
        self._volume = volume

    def __call__(self, _array: Any, _event: str) -> None:
        pass

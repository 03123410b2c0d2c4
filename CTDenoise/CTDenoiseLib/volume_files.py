"""Volumes in NRRD, NIfTI and MetaImage files, through SimpleITK.

It is imported by the functions that need it, for it takes a while to come, and a run from DICOM to DICOM does without.
"""

from __future__ import annotations

import gzip
import os
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .atomic import file_in_the_making
from .errors import CTDenoiseError
from .volume import Acquisition, Geometry, Vector, Volume

VOLUME_SUFFIXES = (".nrrd", ".nhdr", ".nii", ".nii.gz", ".mha", ".mhd")

# Length of a NIfTI header, which is also the first number in it.
_NIFTI_HEADER_BYTES = 348
_NIFTI_LITTLE_ENDIAN = struct.pack("<i", _NIFTI_HEADER_BYTES)
_INT16 = np.iinfo(np.int16)


class VolumeFileError(CTDenoiseError):
    """A file holds no volume we can use, or cannot be read or written."""


def is_volume_file(path: Path) -> bool:
    """Whether the name ends like that of a volume file."""
    return path.name.lower().endswith(VOLUME_SUFFIXES)


def in_memory(shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """Room in memory for so many sections, rows and columns."""
    return np.empty(shape, np.float32)


def read_volume(path: Path, *, room: Callable[[tuple[int, int, int]], NDArray[np.float32]] = in_memory) -> Volume:
    """Read a volume of Hounsfield units.

    Args:
        path: NRRD, NIfTI or MetaImage file.
        room: Makes room for the values, such as in a memory-mapped file. While they are copied there, the values as
            stored in the file are in memory as well.

    Returns:
        The volume in DICOM patient coordinates (LPS). These formats say nothing of kernel, tube or padding.

    Raises:
        VolumeFileError: The file is missing or damaged, or holds something else than one grey value in each voxel of a
            three-dimensional grid.
    """
    import SimpleITK

    _check_suffix(path)
    if not path.is_file():
        raise VolumeFileError(f"There is no file {path}; check its name.")
    image = _read(path)
    if image.GetDimension() != 3:
        raise VolumeFileError(f"{path} has {image.GetDimension()} dimensions; a volume has three.")
    if image.GetNumberOfComponentsPerPixel() != 1:
        raise VolumeFileError(
            f"{path} holds colours or vectors; a volume of Hounsfield units has one value in each voxel."
        )
    values = SimpleITK.GetArrayViewFromImage(image)
    if np.iscomplexobj(values):
        raise VolumeFileError(f"{path} holds complex numbers; a volume of Hounsfield units holds real ones.")
    sections, rows, columns = values.shape
    hu = room((sections, rows, columns))
    for stored, section in zip(values, hu, strict=True):
        with np.errstate(over="ignore"):
            np.copyto(section, stored, casting="unsafe")
        if not np.isfinite(section).all():
            raise VolumeFileError(f"{path} holds values that are not finite (NaN or infinity); replace them first.")
    return Volume(hu, _geometry(image), Acquisition(description=path.name))


def write_volume(volume: Volume, path: Path, *, overwrite: bool = False) -> None:
    """Write a volume, whole or not at all.

    Values are rounded to whole HU and stored in 16 bits like in DICOM where they all fit, else kept as float32.

    Args:
        volume: What to write.
        path: The file to be; its suffix says the format.
        overwrite: Whether an existing file may be replaced.

    Raises:
        VolumeFileError: No such format, or the format cannot hold the volume.
        CTDenoiseError: The file exists or cannot be written.
    """
    import SimpleITK

    _check_suffix(path)
    image: Any = SimpleITK.GetImageFromArray(_stored(volume.hu))
    spacing, directions = volume.geometry.spacing[::-1], volume.geometry.direction[::-1]
    image.SetSpacing(spacing)
    image.SetOrigin(volume.geometry.origin)
    with file_in_the_making(path, overwrite=overwrite) as making:
        try:
            image.SetDirection(np.transpose(directions).ravel().tolist())
            with _itk_silenced():
                SimpleITK.WriteImage(image, str(making))
            complete = not _is_nifti(making) or _nifti_is_complete(making, image)
        except RuntimeError as error:
            raise VolumeFileError(
                f"{path} could not be written; check that the disk has space, or choose another format."
            ) from error
        if not complete:
            raise VolumeFileError(f"{path} could not be written completely; check that the disk has space.")


def _stored(hu: NDArray[np.float32]) -> NDArray[np.int16] | NDArray[np.float32]:
    if hu.min() < _INT16.min or hu.max() > _INT16.max:
        return hu
    return np.rint(hu).astype(np.int16)


def _check_suffix(path: Path) -> None:
    if not is_volume_file(path):
        raise VolumeFileError(f"{path} is no volume file by its name; those end in {', '.join(VOLUME_SUFFIXES)}.")


def _read(path: Path) -> Any:
    import SimpleITK

    try:
        with _itk_silenced():
            image = SimpleITK.ReadImage(str(path))
        complete = not _is_nifti(path) or _nifti_is_complete(path, image)
    except RuntimeError as error:
        raise VolumeFileError(f"{path} cannot be read: it is damaged or not what its name says.") from error
    if not complete:
        raise VolumeFileError(f"{path} is cut short; copy it from its source again.")
    return image


def _geometry(image: Any) -> Geometry:
    (z, y, x) = (_vector(axis) for axis in np.reshape(image.GetDirection(), (3, 3)).T[::-1])
    return Geometry(_vector(image.GetSpacing()[::-1]), _vector(image.GetOrigin()), (z, y, x))


def _vector(values: object) -> Vector:
    a, b, c = np.asarray(values, dtype=float).tolist()
    return a, b, c


def _is_nifti(path: Path) -> bool:
    return path.name.lower().endswith((".nii", ".nii.gz"))


def _nifti_is_complete(path: Path, image: Any) -> bool:
    """Whether a NIfTI file holds all its voxels: unlike the other readers, ITK's takes what is missing for zeros."""
    length = 0
    try:
        with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as file:
            header = file.read(_NIFTI_HEADER_BYTES)
            length = len(header)
            while block := file.read(1 << 22):
                length += len(block)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return False
    order = "<" if header.startswith(_NIFTI_LITTLE_ENDIAN) else ">"
    start = struct.unpack_from(f"{order}f", header, 108)[0]
    bits_per_voxel = struct.unpack_from(f"{order}h", header, 72)[0]
    return bool(length >= start + image.GetNumberOfPixels() * bits_per_voxel / 8)


_stderr_lock = threading.Lock()


@contextmanager
def _itk_silenced() -> Iterator[None]:
    """Send to nowhere what ITK's readers and writers print past Python; their exceptions say the same."""
    try:
        saved = os.dup(2)
    except OSError:  # a program without a terminal has nothing to keep clean
        yield
        return
    with _stderr_lock, Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)

"""Write a volume file section by section, so that it may be larger than memory and can be stopped at any moment."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy.spatial.transform import Rotation

from .atomic import file_in_the_making
from .errors import CTDenoiseError
from .volume import Geometry

STREAMED_SUFFIXES = (".nrrd", ".nii", ".nii.gz", ".mha")

# Noise hardly compresses: higher levels take thrice the time for one part in fifty.
_COMPRESSION_LEVEL = 1


_Writable = BinaryIO | gzip.GzipFile


class VolumeStreamError(CTDenoiseError):
    """The volume cannot be written as asked."""


@dataclass(frozen=True)
class _Grid:
    """What a file's header says.

    Attributes:
        sizes: Columns, rows and sections.
        steps: From one voxel to the next along x, y and z in LPS mm, shape (3, 3), one a row.
        origin: LPS position of the first voxel.
        is_float: Whether values are float32, else int16.
    """

    sizes: tuple[int, int, int]
    steps: NDArray[np.float64]
    origin: NDArray[np.float64]
    is_float: bool


def check_stream_path(path: Path) -> None:
    """See that a volume can be written under this name.

    Raises:
        VolumeStreamError: Its suffix is none of `STREAMED_SUFFIXES`.
    """
    if not path.name.lower().endswith(STREAMED_SUFFIXES):
        raise VolumeStreamError(f"{path.name} says no format to save in; end it in {', '.join(STREAMED_SUFFIXES)}.")


def write_sections(  # noqa: PLR0913
    sections: Iterable[NDArray[np.generic]],
    path: Path,
    *,
    shape: tuple[int, int, int],
    dtype: DTypeLike,
    geometry: Geometry,
    overwrite: bool = False,
) -> None:
    """Write a volume, whole or not at all.

    Args:
        sections: Values of shape (y, x), in order.
        path: The file to be; its suffix says the format. `.nrrd` and `.nii.gz` are compressed.
        shape: Sections, rows and columns.
        dtype: int16 or float32.
        geometry: Where the voxels lie.
        overwrite: Whether an existing file may be replaced.

    Raises:
        VolumeStreamError: No such format.
        OutputExistsError: The file exists.
        WriteFailedError: The disk is full or the place not writable.
    """
    with section_writer(path, shape=shape, dtype=dtype, geometry=geometry, overwrite=overwrite) as write:
        for section in sections:
            write(section)


@contextmanager
def section_writer(
    path: Path, *, shape: tuple[int, int, int], dtype: DTypeLike, geometry: Geometry, overwrite: bool = False
) -> Iterator[Callable[[NDArray[np.generic]], None]]:
    """Give a function that writes the next section, for those who have their sections one by one.

    The volume is there at the end of the block, or not at all if the block fails. Arguments and errors are those of
    `write_sections`.
    """
    check_stream_path(path)
    steps = np.array(geometry.direction)[::-1] * np.array(geometry.spacing)[::-1, None]
    stored = np.dtype(dtype).newbyteorder("<")
    grid = _Grid((shape[2], shape[1], shape[0]), steps, np.array(geometry.origin), stored.kind == "f")
    with file_in_the_making(path, overwrite=overwrite) as making, ExitStack() as stack:
        file: _Writable = stack.enter_context(making.open("wb"))
        name = path.name.lower()
        if name.endswith(".gz"):
            file = _compressed(stack, file)
        header = _mha_header if name.endswith(".mha") else _nrrd_header if name.endswith(".nrrd") else _nifti_header
        file.write(header(grid))
        if name.endswith(".nrrd"):
            file = _compressed(stack, file)
        yield lambda section: _write(file, np.ascontiguousarray(section, dtype=stored))


def _write(file: _Writable, values: NDArray[np.generic]) -> None:
    file.write(values.data)


def _compressed(stack: ExitStack, file: _Writable) -> _Writable:
    return stack.enter_context(gzip.GzipFile("", "wb", _COMPRESSION_LEVEL, file, mtime=0))


def _nrrd_header(grid: _Grid) -> bytes:
    """NRRD: https://teem.sourceforge.net/nrrd/format.html."""
    lines = (
        "NRRD0004",
        f"type: {'float' if grid.is_float else 'short'}",
        "dimension: 3",
        "space: left-posterior-superior",
        f"sizes: {_words(grid.sizes)}",
        f"space directions: {' '.join(_nrrd_vector(step) for step in grid.steps)}",
        "kinds: domain domain domain",
        "endian: little",
        "encoding: gzip",
        f"space origin: {_nrrd_vector(grid.origin)}",
    )
    return ("\n".join(lines) + "\n\n").encode("ascii")


def _nrrd_vector(vector: NDArray[np.float64]) -> str:
    return f"({','.join(map(repr, vector.tolist()))})"


def _mha_header(grid: _Grid) -> bytes:
    """MetaImage: https://itk.org/Wiki/ITK/MetaIO/Documentation."""
    spacing = np.linalg.norm(grid.steps, axis=1)
    fields = {
        "ObjectType": "Image",
        "NDims": "3",
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": "False",
        "CompressedData": "False",
        "TransformMatrix": _words((grid.steps / spacing[:, None]).ravel().tolist()),
        "Offset": _words(grid.origin.tolist()),
        "CenterOfRotation": "0 0 0",
        "ElementSpacing": _words(spacing.tolist()),
        "DimSize": _words(grid.sizes),
        "ElementType": "MET_FLOAT" if grid.is_float else "MET_SHORT",
        "ElementDataFile": "LOCAL",
    }
    return "".join(f"{name} = {value}\n" for name, value in fields.items()).encode("ascii")


def _words(values: Iterable[float]) -> str:
    return " ".join(map(repr, values))


def _nifti_header(grid: _Grid) -> bytes:
    """NIfTI-1 (https://nifti.nimh.nih.gov/nifti-1): 348 bytes, then four that say that nothing comes between."""
    ras = np.array([-1.0, -1.0, 1.0])
    steps, origin = grid.steps * ras, grid.origin * ras
    spacing = np.linalg.norm(steps, axis=1)
    axes = steps / spacing[:, None]
    handedness = float(np.sign(np.linalg.det(axes)))
    quaternion = Rotation.from_matrix((axes * [[1.0], [1.0], [handedness]]).T).as_quat(canonical=True)
    affine = np.column_stack([steps.T, origin])
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, *grid.sizes, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, *((16, 32) if grid.is_float else (4, 16)))  # datatype, bits a voxel
    struct.pack_into("<8f", header, 76, handedness, *spacing, 0, 0, 0, 0)
    struct.pack_into("<3f", header, 108, 352, 1, 0)  # where voxels begin, slope, intercept
    struct.pack_into("<B", header, 123, 2)  # mm
    struct.pack_into("<2h", header, 252, 1, 1)  # both transforms lead to the scanner's coordinates
    struct.pack_into("<6f", header, 256, *quaternion[:3], *origin)
    struct.pack_into("<12f", header, 280, *affine.ravel())
    struct.pack_into("<4s", header, 344, b"n+1\0")
    return bytes(header)

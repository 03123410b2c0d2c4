"""Read a series into one volume of Hounsfield units, in memory or in a memory-mapped file."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..atomic import file_in_the_making
from ..volume import Volume
from .arriving import ArrivingVolume
from .grid import series_geometry
from .series import Series


def read_series(series: Series, *, memory_map: Path | None = None) -> Volume:
    """Read all sections of a series.

    How is said by `ArrivingVolume`, which is there for those who can begin with the first sections.

    Args:
        series: What `find_series` found.
        memory_map: A `.npy` file to be made (float32, shape (z, y, x)) that holds the values in place of memory. It is
            there whole or not at all, and is not removed when the volume is no longer used.

    Returns:
        The volume; sections in order of their position along the section normal, padding (0028,0120) remembered in HU.

    Raises:
        SeriesError: The sections form no volume, a file is damaged, or its values are no Hounsfield units.
        CTDenoiseError: The memory-mapped file exists or cannot be written.
    """
    if memory_map is None:
        return _read(series, None)
    geometry = series_geometry(series)
    shape = (len(series.slices), series.rows, series.columns)
    with file_in_the_making(memory_map) as path:
        # Nothing of the map is kept: Windows does not move a file that is mapped.
        padding = _read(series, _new_memory_map(path, shape)).padding
    return Volume(np.load(memory_map, mmap_mode="r"), geometry, series.acquisition, padding)


def _read(series: Series, hu: NDArray[np.float32] | None) -> Volume:
    with ArrivingVolume(series, hu) as volume:
        return volume.whole()


def _new_memory_map(path: Path, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """A new `.npy` file with all its space taken: a disk that fills up later would kill the process."""
    size = 4 * int(np.prod(shape, dtype=np.int64))
    if shutil.disk_usage(path.parent).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    hu = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return hu

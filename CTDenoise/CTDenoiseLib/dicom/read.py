"""Read a series into one volume of Hounsfield units, in memory or in a memory-mapped file."""

from __future__ import annotations

import errno
import os
import shutil
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..atomic import file_in_the_making
from ..volume import Volume
from .errors import MixedSectionsError
from .grid import series_geometry
from .pixels import Frame, read_sections
from .quiet import quiet_pydicom
from .series import Series

# Reading and rescaling run side by side. The decoders of compressed pixels hold the interpreter lock and take turns; to
# start processes for them costs more than it saves on series of usual size.
_THREADS = min(8, os.cpu_count() or 1)


def read_series(series: Series, *, memory_map: Path | None = None) -> Volume:
    """Read all sections of a series.

    Each section is decoded straight into its place and rescaled with its own slope and intercept (0028,1052 and 1053).
    Threads overlap reading, decoding and rescaling; memory beyond the volume is about one section a thread.

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
    if series.inconsistency is not None:
        raise MixedSectionsError(series.inconsistency)
    geometry = series_geometry(series)
    shape = (len(series.slices), series.rows, series.columns)
    if memory_map is None:
        hu: NDArray[np.float32] = np.empty(shape, np.float32)
        padding = _fill(series, hu)
    else:
        with file_in_the_making(memory_map) as path:
            padding = _fill(series, _new_memory_map(path, shape))
        hu = np.load(memory_map, mmap_mode="r")
    return Volume(hu, geometry, series.acquisition, padding if np.isfinite(padding).any() else None)


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


def _fill(series: Series, hu: NDArray[np.float32]) -> NDArray[np.float32]:
    """Decode all files into an array; returns the padding of each section, NaN where it declares none."""
    padding = np.full((len(hu), 2), np.nan, np.float32)
    files: dict[Path, dict[Frame, int]] = defaultdict(dict)
    for index, section in enumerate(series.slices):
        files[section.path][section.frame] = index
    with quiet_pydicom(), ThreadPoolExecutor(_THREADS, thread_name_prefix="decode") as threads:
        places = {}
        for path, indices in files.items():
            targets = {frame: hu[index] for frame, index in indices.items()}
            places[threads.submit(read_sections, path, targets)] = indices
        try:
            for done in as_completed(places):
                for frame, ends in done.result().items():
                    padding[places[done][frame]] = ends
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise
    return padding

"""Volumes to draw patches from: in memory as far as the recipe grants it, the rest in memory-mapped files.

Whole HU values, as CT series have them, are kept in 16 bits, half the size of float32, with nothing lost.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ENOSPC
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from CTDenoiseLib.atomic import WriteFailedError

from ..noise.by_section import Allocate, each_section

_INT16 = np.iinfo(np.int16)
_GB = 1e9


@dataclass(frozen=True)
class StoredVolume:
    """A volume that patches are read from. Thread-safe.

    Attributes:
        values: Shape (z, y, x), in memory or memory-mapped.
        step: HU that make 1 in `values`.
    """

    values: NDArray[np.int16] | NDArray[np.float32]
    step: float = 1.0

    @property
    def shape(self) -> tuple[int, int, int]:
        """Sections, rows and columns."""
        sections, rows, columns = self.values.shape
        return sections, rows, columns

    def section(self, index: int) -> NDArray[np.float32]:
        """One section in HU, shape (y, x)."""
        return np.asarray(self.window([index], slice(None), slice(None))[0])

    def window(self, sections: Sequence[int], rows: slice, columns: slice) -> NDArray[np.float32]:
        """A part of some sections in HU, shape (len(sections), rows, columns)."""
        parts = [self.values[section, rows, columns] for section in sections]
        return self._in_hu(parts)

    def mirrored_window(
        self, sections: Sequence[int], rows: NDArray[np.intp], columns: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """The same for rows and columns that may lie outside, where the volume goes on as its mirror image."""
        place = np.ix_(_mirrored(rows, self.values.shape[1]), _mirrored(columns, self.values.shape[2]))
        return self._in_hu([self.values[section][place] for section in sections])

    def _in_hu(self, parts: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
        hu = np.empty((len(parts), *parts[0].shape), np.float32)
        for index, part in enumerate(parts):
            hu[index] = part
        if self.step != 1:
            hu *= np.float32(self.step)
        return hu


class VolumeCache:
    """Keeps volumes within a budget of memory.

    Files have no name: they vanish when the last volume in them does, or the process, however it ends. Their room on
    the disk is taken at once, so that a full disk is an error here and no crash later.
    """

    def __init__(self, folder: Path, *, memory_gb: float) -> None:
        """Begin with nothing.

        Args:
            folder: For files; made when the first is needed.
            memory_gb: For all volumes together.
        """
        self._folder = folder
        self._budget = memory_gb * _GB
        self._in_memory = 0
        self._in_files = 0
        self._scratch = 0

    def keep(self, section: Callable[[int], NDArray[np.float32]], shape: tuple[int, int, int]) -> StoredVolume:
        """Keep an image without loss: in 16 bits if it holds whole HU only, else as float32.

        Args:
            section: Gives the section of an index in HU, shape (y, x), each time the same.
            shape: Sections, rows and columns.

        Raises:
            WriteFailedError: The disk is full or does not allow it.
        """
        whole = all(_is_whole(section(index)) for index in range(shape[0]))
        values = self._room(shape, np.int16 if whole else np.float32)
        each_section(lambda index: np.copyto(values[index], section(index), casting="unsafe"), shape[0])
        return StoredVolume(values)

    def keep_noise(self, noise: NDArray[np.float32]) -> StoredVolume:
        """Keep a noise map in 16 bits, in steps of a power of two in HU.

        The steps are the finest that its highest value allows: 1/64 HU for noise up to 500 HU. What is lost is no
        error of a pair, since input and expected noise both come from what is kept.

        Raises:
            WriteFailedError: The disk is full or does not allow it.
        """
        shape = (noise.shape[0], noise.shape[1], noise.shape[2])
        highest = max(float(np.abs(section).max()) for section in noise)
        step = float(2.0 ** np.ceil(np.log2(max(highest, 1e-3) / _INT16.max)))
        values = self._room(shape, np.int16)
        each_section(lambda index: np.copyto(values[index], np.rint(noise[index] / step), casting="unsafe"), shape[0])
        return StoredVolume(values, step)

    @contextmanager
    def scratch(self) -> Iterator[Allocate]:
        """Room for float32 volumes that are not needed after the block."""
        before = self._scratch

        def allocate(shape: tuple[int, int, int]) -> NDArray[np.float32]:
            size = _bytes(shape, np.float32)
            fits = self._in_memory + self._scratch + size <= self._budget
            self._scratch += size if fits else 0
            return np.empty(shape, np.float32) if fits else mapped(self._folder, shape, np.float32)

        try:
            yield allocate
        finally:
            self._scratch = before

    @property
    def fact(self) -> str:
        """Such as "1.2 GB in memory, 0.8 GB in files"."""
        in_files = f", {self._in_files / _GB:.2g} GB in files" if self._in_files else ""
        return f"{self._in_memory / _GB:.2g} GB in memory{in_files}"

    def _room(self, shape: tuple[int, int, int], dtype: DTypeLike) -> NDArray[Any]:
        size = _bytes(shape, dtype)
        if self._in_memory + size <= self._budget:
            self._in_memory += size
            return np.empty(shape, dtype)
        self._in_files += size
        return mapped(self._folder, shape, dtype)


def mapped(folder: Path, shape: tuple[int, int, int], dtype: DTypeLike) -> NDArray[Any]:
    """Room in a memory-mapped file without a name, see `VolumeCache`.

    Raises:
        WriteFailedError: The disk is full or does not allow it.
    """
    size = _bytes(shape, dtype)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < size:
            raise OSError(ENOSPC, os.strerror(ENOSPC), str(folder))
        with tempfile.TemporaryFile(dir=folder) as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                file.truncate(size)
            return np.memmap(file, dtype, "r+", shape=shape).view(np.ndarray)
    except OSError as error:
        raise WriteFailedError(folder, error) from error


def _bytes(shape: tuple[int, int, int], dtype: DTypeLike) -> int:
    return int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize


def _is_whole(section: NDArray[np.float32]) -> bool:
    fits = section.min() >= _INT16.min and section.max() <= _INT16.max
    return bool(fits and np.array_equal(np.rint(section), section))


def _mirrored(indices: NDArray[np.intp], length: int) -> NDArray[np.intp]:
    """Indices of the voxels that stand for those beyond the ends, as if each end were a mirror."""
    period = np.mod(indices, 2 * length)
    return np.asarray(np.minimum(period, 2 * length - 1 - period))

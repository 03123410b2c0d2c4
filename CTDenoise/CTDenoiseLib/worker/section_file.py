"""A `.npy` file of sections that two processes have open at the same time, and its errors."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..errors import CTDenoiseError


class SectionFileError(CTDenoiseError):
    """The file is not there or not what it should be."""


def create_section_file(path: Path, *, shape: tuple[int, int, int], dtype: DTypeLike) -> None:
    """Create a file of zeros, which takes room on the disk as it is written where the file system allows.

    Args:
        path: The file to be, which must not exist.
        shape: Sections, rows, columns.
        dtype: Of the values.

    Raises:
        OSError: The system does not allow it.
    """
    with path.open("xb") as file:
        header = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        file.truncate(file.tell() + int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize)


def delete_section_file(path: Path) -> None:
    """Delete a file without waiting until its room on the disk is free, which takes seconds for some gigabytes.

    Nothing happens where the system does not allow it, as on Windows while another process has the file open.
    """
    try:
        # The system frees the room when the last to have the file open closes it.
        held = os.open(path, os.O_RDONLY) if os.name == "posix" else None
    except OSError:
        return
    with suppress(OSError):
        path.unlink()
    if held is not None:
        _close_in_background(held)


def _close_in_background(descriptor: int) -> None:
    try:
        Thread(target=os.close, args=(descriptor,), daemon=True).start()
    except RuntimeError:
        # The program is ending, and starts no more threads.
        os.close(descriptor)


class SectionFile:
    """A file of sections. What one process writes to it, the others that have it open or mapped see at once.

    Args:
        path: Made by `create_section_file`, or any `.npy` file of three dimensions in C order.
        writable: Whether `write` will be called.

    Attributes:
        sections: The values as a read-only memory map, shape (z, y, x).

    Raises:
        SectionFileError: The file is missing or is no such file.
    """

    def __init__(self, path: Path | str, *, writable: bool = False) -> None:
        try:
            mapped = np.lib.format.open_memmap(path, mode="r+" if writable else "r")
        except (OSError, ValueError) as error:
            raise SectionFileError(f"The file of sections “{path}” cannot be opened: {error}.") from error
        if mapped.ndim != 3 or not mapped.flags.c_contiguous:
            raise SectionFileError(f"The file “{path}” holds no sections: its shape is {mapped.shape}.")
        self._map: NDArray[Any] = mapped
        self._offset = mapped.offset
        self._file = open(path, "r+b", buffering=0) if writable and hasattr(os, "pwrite") else None  # noqa: PTH123, SIM115
        self.sections: NDArray[Any] = mapped.view(np.ndarray)
        self.sections.flags.writeable = False

    @property
    def shape(self) -> tuple[int, int, int]:
        """Sections, rows, columns."""
        sections, rows, columns = self.sections.shape
        return sections, rows, columns

    def write(self, index: int, section: NDArray[Any]) -> None:
        """Write one section, shape (y, x), of the file's type.

        Raises:
            OSError: The disk is full or fails.
        """
        values = np.ascontiguousarray(section, dtype=self.sections.dtype)
        if self._file is None:
            # Windows, which keeps only maps in step with each other, and gives the file its room on the disk at once.
            self._map[index] = values
            return
        # Through the file: on a full disk, writing into the map would end the process without a word.
        rest, place = memoryview(values).cast("B"), self._offset + index * values.nbytes
        while rest:
            written = os.pwrite(self._file.fileno(), rest, place)
            rest, place = rest[written:], place + written

    def close(self) -> None:
        """Let go of the file. Arrays taken from `sections` keep it open until they are gone."""
        del self._map, self.sections
        if self._file is not None:
            self._file.close()

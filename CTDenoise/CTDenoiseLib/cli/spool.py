"""Sections put aside on disk until it is their turn, so that two outputs can be written from one run of the network."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray


class SectionSpool:
    """A nameless temporary file of sections, gone when closed or when the process ends in any way.

    Args:
        folder: Where the file lies; best the disk that the sections are meant for.
        shape: Rows and columns of a section.
    """

    def __init__(self, folder: Path, shape: tuple[int, int]) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        self._shape = shape
        self._indices: list[int] = []

    def __enter__(self) -> SectionSpool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()

    def put(self, index: int, section: NDArray[np.float32]) -> None:
        """Append a section, shape (y, x)."""
        self._file.write(np.ascontiguousarray(section, dtype=np.float32).tobytes())
        self._indices.append(index)

    def sections(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Index and values of each section, in the order they were put."""
        size = 4 * self._shape[0] * self._shape[1]
        self._file.seek(0)
        for index in self._indices:
            yield index, np.frombuffer(self._file.read(size), np.float32).reshape(self._shape)

"""Copies the sections of an input into the file that the worker reads, some ahead of it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from CTDenoiseLib.worker.section_file import SectionFile, delete_section_file

from .input_sections import InputSections
from .mapped_volume import write_section

# Twice the largest batch of the worker, which must find all sections of a batch or waits for ever. More would only fill
# the disk earlier: at 1024 × 1024 these are 256 MiB.
SECTIONS_AHEAD = 128


class InputFeed:
    """The copy of the input, written section by section.

    It costs the disk of the temporary files the size of the input while the run lasts, and this process nothing: it is
    written through the file, not into a memory map. (Windows has no such way; there the system takes the pages back.)

    Args:
        source: Sections of the input.
        path: A file made by `Workplace.create_map`, of the shape and type of the source.

    Attributes:
        path: The file.
        context: Sections to each side that the model looks at.
    """

    def __init__(self, source: InputSections, path: Path) -> None:
        self.path = path
        self.context = 0
        self._source: InputSections | None = source
        self._file: SectionFile | None = SectionFile(path, writable=True)
        self._copied: set[int] = set()
        self._untold: list[int] = []

    def copy_next(self, order: Iterable[int]) -> bool:
        """Copy one section that the worker is going to need.

        Args:
            order: Sections still to be denoised, as the worker takes them.

        Returns:
            Whether one was missing.

        Raises:
            InputError: The section cannot be denoised.
            TemporaryFileError: The disk is full or fails.
        """
        if self._file is None or self._source is None:
            return False
        missing = self._missing(order, self._source.shape[0])
        if missing is None:
            return False
        write_section(self._file, missing, self._source.section(missing))
        self._copied.add(missing)
        self._untold.append(missing)
        return True

    def news(self) -> tuple[int, ...]:
        """Sections copied since the last call."""
        news, self._untold = tuple(self._untold), []
        return news

    def discard(self) -> None:
        """Delete the file and let go of the input; nothing is copied any more. May be called again.

        Windows keeps the file while the worker has it open: then a later call deletes it.
        """
        if self._file is not None:
            self._file.close()
        self._file = self._source = None
        delete_section_file(self.path)

    def _missing(self, order: Iterable[int], count: int) -> int | None:
        for center in islice(order, SECTIONS_AHEAD):
            for index in range(max(0, center - self.context), min(count, center + self.context + 1)):
                if index not in self._copied:
                    return index
        return None

"""The volume of a job: sections in a file that the client fills while the job runs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..volume import Acquisition
from .job_desk import JobDesk
from .messages import Denoise, JobInstruction, Prioritise, SectionsReady
from .section_file import SectionFile, SectionFileError


class OrderChangedError(Exception):
    """While a section was waited for, the client said that others come first."""


class FedVolume:
    """A `SectionedVolume` whose sections are waited for.

    Args:
        request: Says which file, and which sections are there.
        desk: Says which have come.

    Attributes:
        urgent: What the client wanted next, message by message, to be heeded in turn and cleared: it feeds sections in
            the order that comes of all of them.

    Raises:
        SectionFileError: The file is missing or not what the request says.
    """

    def __init__(self, request: Denoise, desk: JobDesk) -> None:
        self._file = SectionFile(request.input)
        if self._file.shape != request.shape:
            raise SectionFileError(f"The input file has the shape {self._file.shape}, not {request.shape}.")
        self.acquisition = Acquisition(modality=request.modality)
        self._padding = request.padding_hu
        self._desk = desk
        self._there = set(range(request.shape[0]) if request.ready == "all" else request.ready)
        self.urgent: list[tuple[int, ...]] = []

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of sections, rows and columns."""
        return self._file.shape

    @property
    def has_padding(self) -> bool:
        """Whether a padding value is declared."""
        return self._padding is not None

    def is_there(self, index: int) -> bool:
        """Whether a section has come."""
        return index in self._there

    def section(self, index: int) -> NDArray[np.float32]:
        """HU of one section, shape (y, x), as soon as it is there.

        Raises:
            OrderChangedError: While waiting: others come first.
            Cancelled: While waiting.
        """
        while index not in self._there:
            self.take(self._desk.wait_for_message())
            if self.urgent:
                raise OrderChangedError
        return np.asarray(self._file.sections[index], dtype=np.float32)

    def padding_mask(self, section: int) -> NDArray[np.bool_]:
        """Voxels of one section that hold no data, shape (y, x)."""
        hu = self.section(section)
        if self._padding is None:
            return np.zeros(hu.shape, dtype=bool)
        low, high = self._padding
        return np.asarray((hu >= low) & (hu <= high))

    def take(self, message: JobInstruction) -> None:
        """Heed what the client says."""
        match message:
            case SectionsReady():
                self._there.update(message.sections)
            case Prioritise():
                self.urgent.append(message.sections)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

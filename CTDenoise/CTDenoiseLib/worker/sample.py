"""A sample of the sections of an input and of the result, in files that the client has laid down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..measure.sampling import SampledVolume
from ..volume import Geometry
from .section_file import SectionFile

if TYPE_CHECKING:
    from .job_desk import JobDesk


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Some sections of one volume.

    Attributes:
        file: File of sections with their HU, int16 or float32.
        sections: Index of each in the volume.
        sections_in_all: Of the volume.
        spacing: Increment and pixel spacing (z, y, x) in mm.
        padding_hu: Lowest and highest HU that mark "no data"; `None` without.
    """

    file: str
    sections: tuple[int, ...]
    sections_in_all: int
    spacing: tuple[float, float, float]
    padding_hu: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class SampledPair:
    """The same sections of an input and of the result.

    Attributes:
        before: Of the input.
        after: Of the result.
    """

    before: Sample
    after: Sample


class WatchedVolume(SampledVolume):
    """A sample that looks whether the job is cancelled before each section, whoever asks for it.

    Raises:
        SectionFileError: The file is missing or not what it should be.
    """

    def __init__(self, sample: Sample, desk: JobDesk) -> None:
        super().__init__(
            SectionFile(sample.file).sections,
            sample.sections,
            sections_in_all=sample.sections_in_all,
            geometry=Geometry(spacing=sample.spacing),
            padding_hu=sample.padding_hu,
        )
        self._desk = desk

    def section(self, index: int) -> NDArray[np.float32]:
        """HU of one section, shape (y, x).

        Raises:
            Cancelled: The client has asked to end the job.
        """
        self._desk.check_cancelled()
        return super().section(index)

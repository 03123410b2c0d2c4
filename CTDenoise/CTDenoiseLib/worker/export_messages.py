"""Jobs that save a result: as a DICOM series, as a volume file, or as a one-page report.

The client copies the voxels into files of sections first (`section_file`), int16 or float32, and deletes them when the
job has ended.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..dicom.compression import Compression
from ..dicom.derivation import Derivation
from ..report.figures import Drawn
from ..volume import Geometry
from .message_base import JobDone, JobRequest, Message
from .sample import SampledPair


@dataclass(frozen=True, kw_only=True)
class Voxels:
    """A volume in a file of sections.

    Attributes:
        file: Its path.
        step_hu: HU of one step of its values.
        geometry: Where the voxels lie.
    """

    file: str
    step_hu: float
    geometry: Geometry

    def hu(self, section: NDArray[np.generic]) -> NDArray[np.float32]:
        """HU of a section of the file, shape (y, x)."""
        values = np.asarray(section, dtype=np.float32)
        return values if self.step_hu == 1.0 else values * np.float32(self.step_hu)


@dataclass(frozen=True, kw_only=True)
class WriteSeries(JobRequest):
    """Asks for a DICOM series derived from the one that the input was read from; answered by `SeriesWritten`.

    Attributes:
        voxels: The result, or what was subtracted from the input for a residual.
        source_files: The DICOM files of the input, in any order.
        derivation: How the voxels came about.
        folder: Where the series goes.
        compression: Of the pixels.
        keep_private: Whether private attributes of the source stay.
        overwrite: Whether an older result there may be replaced.
    """

    voxels: Voxels
    source_files: tuple[str, ...]
    derivation: Derivation
    folder: str
    compression: Compression = "none"
    keep_private: bool = False
    overwrite: bool = False


@dataclass(frozen=True)
class SeriesWritten(JobDone):
    """The series is in its folder.

    Attributes:
        series_uid: Series Instance UID.
        files: How many there are.
        clipped: Voxels that did not fit into 16 bits.
    """

    series_uid: str
    files: int
    clipped: int


@dataclass(frozen=True, kw_only=True)
class WriteVolume(JobRequest):
    """Asks for a volume file; answered by `VolumeWritten`.

    Attributes:
        voxels: The result.
        path: The file to be; its suffix says the format (`volume_stream.STREAMED_SUFFIXES`).
        overwrite: Whether an existing file may be replaced.
    """

    voxels: Voxels
    path: str
    overwrite: bool = False


@dataclass(frozen=True)
class VolumeWritten(JobDone):
    """The volume file is there."""


@dataclass(frozen=True, kw_only=True)
class WriteReport(JobRequest):
    """Asks for the one-page report; answered by `ReportWritten`. It looks at a sample of the sections.

    Attributes:
        pair: Sections of input and result: those of `measure.sampling.sampled_sections`, and
            that which the user drew in.
        source: What was denoised, in words that name no person.
        derivation: How the result came about.
        device: What computed, such as "cuda:0".
        drawn: What the user drew to be reported; `None` for nothing.
        notes: Sentences that a reader should know.
        path: The file to be, `.png` or `.pdf`.
        overwrite: Whether an existing file may be replaced.
    """

    pair: SampledPair
    source: str
    derivation: Derivation
    device: str
    drawn: Drawn | None = None
    notes: tuple[str, ...] = ()
    path: str
    overwrite: bool = False


@dataclass(frozen=True)
class ReportWritten(JobDone):
    """The report is there."""


EXPORT_MESSAGES: tuple[type[Message], ...] = (
    *(WriteSeries, WriteVolume, WriteReport),
    *(SeriesWritten, VolumeWritten, ReportWritten),
)

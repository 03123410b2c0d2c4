"""Job: write a result as a volume file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..volume_stream import write_sections
from .export_messages import VolumeWritten, WriteVolume
from .job_desk import JobDesk
from .section_file import SectionFile


def run(request: WriteVolume, desk: JobDesk) -> VolumeWritten:
    """Write the file, whole or not at all.

    Raises:
        VolumeStreamError: No such format.
        OutputExistsError: The file exists and may not be replaced.
        WriteFailedError: The disk is full or the place not writable.
        Cancelled: The client has asked to end the job.
    """
    file = SectionFile(request.voxels.file)
    is_whole = file.sections.dtype == np.int16 and request.voxels.step_hu == 1.0
    write_sections(
        _sections(file, request, desk),
        Path(request.path),
        shape=file.shape,
        dtype=np.int16 if is_whole else np.float32,
        geometry=request.voxels.geometry,
        overwrite=request.overwrite,
    )
    return VolumeWritten(desk.job)


def _sections(file: SectionFile, request: WriteVolume, desk: JobDesk) -> Iterator[NDArray[np.float32]]:
    for done, section in enumerate(file.sections, start=1):
        desk.check_cancelled()
        yield request.voxels.hu(section)
        desk.progress(done, len(file.sections))

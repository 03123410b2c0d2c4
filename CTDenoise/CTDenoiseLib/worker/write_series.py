"""Job: write a result as a DICOM series derived from the one that its input was read from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..dicom.errors import NoSeriesError, SeriesChoiceError
from ..dicom.find import series_in_files
from ..dicom.placement import Placement, place_in_series
from ..dicom.series import Series
from ..dicom.write import write_derived_series
from .export_messages import SeriesWritten, WriteSeries
from .job_desk import JobDesk
from .section_file import SectionFile


def run(request: WriteSeries, desk: JobDesk) -> SeriesWritten:
    """Write the series, whole or not at all.

    Raises:
        SeriesError: The files are no series that the voxels belong to.
        OutputExistsError: The folder holds something that may not be replaced.
        WriteFailedError: The disk is full or the place not writable.
        Cancelled: The client has asked to end the job.
    """
    file = SectionFile(request.voxels.file)
    placement = place_in_series(_series(request, desk), file.shape, request.voxels.geometry)
    written = write_derived_series(
        placement.series,
        _sections(file, request, placement, desk),
        Path(request.folder),
        derivation=request.derivation,
        compression=request.compression,
        keep_private=request.keep_private,
        overwrite=request.overwrite,
    )
    if written.clipped_voxels:
        desk.note(
            f"{written.clipped_voxels} of the values did not fit into 16 bits and became the nearest one that does."
        )
    return SeriesWritten(desk.job, written.uid, len(written.files), written.clipped_voxels)


def _series(request: WriteSeries, desk: JobDesk) -> Series:
    search = series_in_files(map(Path, request.source_files), on_file=desk.check_cancelled)
    gone = [one.path for one in search.left_out if not one.path.is_file()]
    if gone or not search.series:
        why = f"{gone[0]} is gone" if gone else "they hold no images"
        raise NoSeriesError(
            f"The DICOM files of the input cannot be used ({why}); import them again, or save a volume file instead."
        )
    if len(search.series) > 1:
        raise SeriesChoiceError(
            f"The input was read from {len(search.series)} DICOM series; a derived series needs an input of one."
        )
    return search.series[0]


def _sections(
    file: SectionFile, request: WriteSeries, placement: Placement, desk: JobDesk
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """HU of each image, in the order of the series."""
    for image, section in enumerate(placement.sections):
        desk.check_cancelled()
        yield image, request.voxels.hu(placement.as_image(file.sections[section]))
        desk.progress(image + 1, len(placement.sections))

"""A DICOM exam of any size, quickly on disk: a few simulated sections again and again, each time a new image."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pydicom
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

from benchmarks.denoising_task import synthetic_volume
from support.ct_series import make_ct_series

INCREMENT_MM = 0.2
_DIFFERENT = 8


def write_exam(folder: Path, *, sections: int, side: int, transfer_syntax: UID = ExplicitVRLittleEndian) -> None:
    """Write one series.

    Args:
        folder: Where the files go, one a section.
        sections: How many.
        side: Rows and columns.
        transfer_syntax: How pixels are stored; any lossless one that pydicom can encode.
    """
    hu = synthetic_volume(side, _DIFFERENT).hu.round()
    with tempfile.TemporaryDirectory() as place:
        make_ct_series(
            Path(place),
            hu=hu,
            spacing=(INCREMENT_MM, 0.15, 0.15),
            thickness=INCREMENT_MM,
            transfer_syntax=transfer_syntax,
        )
        images = [pydicom.dcmread(file) for file in Path(place).iterdir()]
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(sections):
        image = images[index % _DIFFERENT]
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid(prefix=None)
        image.InstanceNumber = index + 1
        image.ImagePositionPatient = [-75.0, -75.0, round(index * INCREMENT_MM, 6)]
        image.save_as(folder / f"{index + 1:05}.dcm", enforce_file_format=True)

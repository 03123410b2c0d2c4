"""Volumes for the self tests: noise over a simple anatomy, as a node or as a DICOM series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import slicer
from numpy.typing import NDArray

_STEP_MM = 1.0
_PIXEL_MM = 0.7


def noisy_cylinder(sections: int, side: int) -> NDArray[np.int16]:
    """A cylinder of soft tissue with a rod of bone in air, with 20 HU of noise; shape (sections, side, side)."""
    noise = np.random.default_rng(0).normal(0.0, 20.0, (sections, side, side))
    y, x = np.mgrid[-1.0 : 1.0 : side * 1j, -1.0 : 1.0 : side * 1j]
    hu = np.where(np.hypot(y, x) < 0.8, 40.0, -1000.0)
    hu[np.hypot(y - 0.4, x) < 0.15] = 800.0
    return np.rint(hu + noise).astype(np.int16)


def add_volume(hu: NDArray[np.int16], name: str) -> Any:
    """Put HU, shape (z, y, x), into the scene as an axial volume node."""
    ijk_to_ras = np.diag([-_PIXEL_MM, -_PIXEL_MM, _STEP_MM, 1.0])
    return slicer.util.addVolumeFromArray(hu, ijk_to_ras, name)


def write_series(hu: NDArray[np.int16], folder: Path) -> str:
    """Write HU, shape (z, y, x), as a DICOM series of CT, and return its UID."""
    from pydicom.dataset import Dataset
    from pydicom.uid import generate_uid

    common = Dataset()
    common.StudyInstanceUID, common.SeriesInstanceUID, common.FrameOfReferenceUID = (generate_uid() for _ in range(3))
    common.PatientName = common.PatientID = "CTDenoise self test"
    common.StudyDescription = common.SeriesDescription = "Self test"
    common.StudyDate, common.StudyTime, common.StudyID, common.AccessionNumber = "20240102", "101500", "1", ""
    common.PatientBirthDate, common.PatientSex, common.ReferringPhysicianName = "", "O", ""
    common.Modality, common.Manufacturer, common.PatientPosition = "CT", "CTDenoise", "HFS"
    common.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    common.SeriesNumber = common.AcquisitionNumber = 1
    common.ConvolutionKernel, common.KVP, common.SliceThickness = "Qr89", 120, _STEP_MM
    common.PixelSpacing = [_PIXEL_MM, _PIXEL_MM]
    common.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    common.PositionReferenceIndicator = ""
    folder.mkdir(parents=True)
    for index, section in enumerate(hu):
        _write_section(common, index, section, folder / f"{index:04d}.dcm")
    return str(common.SeriesInstanceUID)


def _write_section(common: Any, index: int, section: NDArray[np.int16], path: Path) -> None:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    image = Dataset()
    image.update(common)
    image.SOPClassUID, image.SOPInstanceUID = CTImageStorage, generate_uid()
    image.InstanceNumber = index + 1
    image.ImagePositionPatient = [0.0, 0.0, index * _STEP_MM]
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.Rows, image.Columns = section.shape
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 1
    image.RescaleIntercept, image.RescaleSlope, image.RescaleType = 0, 1, "HU"
    image.WindowCenter, image.WindowWidth = 40, 400
    image.PixelData = section.astype("<i2").tobytes()
    image.file_meta = FileMetaDataset()
    image.file_meta.MediaStorageSOPClassUID = CTImageStorage
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.save_as(path, enforce_file_format=True)

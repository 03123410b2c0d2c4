"""Small synthetic CT series on disk, valid by the definition of CT Image Storage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    MRImageStorage,
    PositronEmissionTomographyImageStorage,
    generate_uid,
)

RESCALE_INTERCEPT = -1024
SOP_CLASSES = {"CT": CTImageStorage, "MR": MRImageStorage, "PT": PositronEmissionTomographyImageStorage}


def anatomy(shape: tuple[int, int, int] = (9, 48, 40), *, noise_hu: float = 20.0, seed: int = 0) -> NDArray[np.float32]:
    """Whole HU values, shape (z, y, x): an ellipse of soft tissue at 40 HU with a ring of bone, in air.

    Noise is white, with the given standard deviation, inside the ellipse only.
    """
    rng = np.random.default_rng(seed)
    radius = _distance_from_centre(shape[1:])
    section = np.select([radius > 0.9, radius > 0.75], [-1000.0, 700.0], 40.0)
    noise = noise_hu * rng.standard_normal(shape) * (radius <= 0.9)
    return np.round(section + noise).astype(np.float32)


def make_ct_series(
    folder: Path,
    *,
    sections: int = 9,
    rows: int = 48,
    columns: int = 40,
    spacing: tuple[float, float, float] = (1.0, 0.5, 0.5),
    thickness: float = 1.0,
    kernel: str | Sequence[str] = "Qr89",
    hu: NDArray[np.floating] | None = None,
    modality: str = "CT",
    padding: int | None = None,
    transfer_syntax: UID = ExplicitVRLittleEndian,
    study_uid: str | None = None,
    frame_of_reference: str | None = None,
    series_number: int = 1,
    description: str = "Synthetic thorax",
    seed: int = 0,
) -> Path:
    """Write a series of axial sections, one file each, and return its folder, which is made if need be.

    Files bear random names without a suffix, and instance numbers run against the position, from head to feet, so that
    only the position gives the right order.

    Args:
        folder: Where the files go; other files in it stay.
        sections: Number of sections; with `rows` and `columns` the shape, unless `hu` is given.
        rows: Pixels along y.
        columns: Pixels along x.
        spacing: Increment and pixel spacing (z, y, x) in mm.
        thickness: Section thickness in mm.
        kernel: Convolution kernel, one value or several.
        hu: Values to write, shape (z, y, x), z from feet to head; `anatomy` when not given.
        modality: "CT", or "MR" or "PT" for files of these SOP classes; only CT is complete.
        padding: HU value to declare as Pixel Padding Value and to put outside the circular field of view.
        transfer_syntax: Any that pydicom can encode losslessly; JPEG 2000 needs sides of 32 pixels or more.
        study_uid: Study to belong to, a new one when not given.
        frame_of_reference: Frame of reference UID, a new one when not given.
        series_number: Series number.
        description: Series description.
        seed: For the noise and the file names.
    """
    if hu is None:
        hu = anatomy((sections, rows, columns), seed=seed)
    if padding is not None:
        hu = np.where(_distance_from_centre(hu.shape[1:]) > 1.0, float(padding), hu)
    stored = np.rint(hu - RESCALE_INTERCEPT).astype(np.int32)
    pixels = stored.astype(np.int16 if stored.min() < 0 else np.uint16)

    common = _study_and_series(modality, study_uid, frame_of_reference, series_number, description)
    common.ConvolutionKernel = kernel if isinstance(kernel, str) else list(kernel)
    common.SliceThickness = thickness
    common.PixelSpacing = list(spacing[1:])
    if padding is not None:
        common.add_new("PixelPaddingValue", "SS" if pixels.dtype == np.int16 else "US", padding - RESCALE_INTERCEPT)

    folder.mkdir(parents=True, exist_ok=True)
    names = np.random.default_rng((seed, series_number)).choice(16**6, size=len(pixels), replace=False)
    for index, (name, section) in enumerate(zip(names, pixels, strict=True)):
        instance = _section(common, section, transfer_syntax)
        instance.InstanceNumber = len(pixels) - index
        instance.ImagePositionPatient = [-12.5, -20.0, round(-100.0 + index * spacing[0], 6)]
        _encode(instance, section, transfer_syntax)
        instance.save_as(folder / f"{series_number:02x}{name:06x}", enforce_file_format=True)
    return folder


def _distance_from_centre(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Distance from the image centre, 1 on the ellipse that touches all four sides; shape (y, x)."""
    y, x = (np.linspace(-1.0, 1.0, size) for size in shape)
    return np.hypot(y[:, None], x[None, :])


def _study_and_series(
    modality: str, study_uid: str | None, frame_of_reference: str | None, series_number: int, description: str
) -> Dataset:
    """What all sections share."""
    common = Dataset()
    common.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    common.SOPClassUID = SOP_CLASSES[modality]
    common.StudyInstanceUID = study_uid or generate_uid()
    common.SeriesInstanceUID = generate_uid()
    common.FrameOfReferenceUID = frame_of_reference or generate_uid()
    common.StudyDate = common.SeriesDate = common.AcquisitionDate = common.ContentDate = "20240102"
    common.StudyTime = common.SeriesTime = common.AcquisitionTime = common.ContentTime = "101500"
    common.AccessionNumber = "A1"
    common.StudyID = "1"
    common.StudyDescription = "Synthetic study"
    common.ReferringPhysicianName = ""
    common.PatientName = "Synthetic^Phantom"
    common.PatientID = "SYNTHETIC"
    common.PatientBirthDate = ""
    common.PatientSex = "O"
    common.PatientPosition = "HFS"
    common.BodyPartExamined = "CHEST"
    common.Modality = modality
    common.Manufacturer = "CTDenoise tests"
    common.ManufacturerModelName = "Synthetic scanner"
    common.SeriesNumber = series_number
    common.SeriesDescription = description
    common.PositionReferenceIndicator = ""
    common.AcquisitionNumber = 1
    common.KVP = 120
    common.XRayTubeCurrent = 200
    common.Exposure = 100
    return common


def _section(common: Dataset, section: NDArray[np.integer], transfer_syntax: UID) -> Dataset:
    """One instance, still without position and pixel data."""
    instance = Dataset()
    instance.update(common)
    instance.SOPInstanceUID = generate_uid()
    instance.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    instance.SamplesPerPixel = 1
    instance.PhotometricInterpretation = "MONOCHROME2"
    instance.Rows, instance.Columns = section.shape
    instance.BitsAllocated = instance.BitsStored = 16
    instance.HighBit = 15
    instance.PixelRepresentation = 1 if section.dtype == np.int16 else 0
    instance.RescaleIntercept = RESCALE_INTERCEPT
    instance.RescaleSlope = 1
    instance.RescaleType = "HU"
    instance.WindowCenter = 40
    instance.WindowWidth = 400
    instance.file_meta = FileMetaDataset()
    instance.file_meta.MediaStorageSOPClassUID = instance.SOPClassUID
    instance.file_meta.MediaStorageSOPInstanceUID = instance.SOPInstanceUID
    instance.file_meta.TransferSyntaxUID = transfer_syntax
    return instance


def _encode(instance: Dataset, section: NDArray[np.integer], transfer_syntax: UID) -> None:
    """Put the pixel data in."""
    if transfer_syntax.is_compressed and not transfer_syntax.is_deflated:
        instance.compress(transfer_syntax, section, generate_instance_uid=False)
        return
    byte_order = ">" if transfer_syntax == ExplicitVRBigEndian else "<"
    instance.add_new("PixelData", "OW", section.astype(section.dtype.newbyteorder(byte_order)).tobytes())

"""Fixtures for reading and writing DICOM."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import EnhancedCTImageStorage, ExplicitVRLittleEndian, generate_uid

Change = Callable[[Dataset], None]


@pytest.fixture
def change_files() -> Callable[..., list[Path]]:
    """Applies a change to the files of a series, all or the given places from feet to head; returns all files."""

    def apply(folder: Path, change: Change, *, places: list[int] | None = None) -> list[Path]:
        files = sorted(folder.iterdir(), key=lambda path: float(pydicom.dcmread(path).ImagePositionPatient[2]))
        for place, path in enumerate(files):
            if places is None or place in places:
                image = pydicom.dcmread(path)
                change(image)
                image.save_as(path)
        return files

    return apply


@pytest.fixture
def write_enhanced_ct() -> Callable[..., Path]:
    """Writes an Enhanced CT Image of several frames from HU values of shape (z, y, x), head first."""
    return _write_enhanced_ct


def _write_enhanced_ct(
    path: Path,
    hu: NDArray[np.floating],
    *,
    slopes: list[float] | None = None,
    frame_types: list[list[str]] | None = None,
    encode: Callable[[NDArray[np.int16]], bytes] | None = None,
    syntax: str = ExplicitVRLittleEndian,
) -> Path:
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = syntax
    image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = EnhancedCTImageStorage
    image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    image.StudyInstanceUID, image.SeriesInstanceUID, image.FrameOfReferenceUID = (generate_uid() for _ in range(3))
    image.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    image.Modality, image.Manufacturer, image.SeriesNumber, image.PixelPresentation = "CT", "Canon", 7, "MONOCHROME"
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.NumberOfFrames, image.Rows, image.Columns = hu.shape
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 1
    image.SharedFunctionalGroupsSequence = [_shared_groups()]
    slopes = slopes or [1.0] * len(hu)
    types = frame_types or [["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]] * len(hu)
    image.PerFrameFunctionalGroupsSequence = [
        _frame_groups(-2.0 * index, slope, kind) for index, (slope, kind) in enumerate(zip(slopes, types, strict=True))
    ]
    stored = np.rint((hu + 1024) / np.reshape(slopes, (-1, 1, 1))).astype(np.int16)
    if encode:
        image.PixelData = encapsulate([encode(frame) for frame in stored], has_bot=False)
        image["PixelData"].VR = "OB"
    else:
        image.PixelData = stored.tobytes()
        image["PixelData"].VR = "OW"
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save_as(path, enforce_file_format=True)
    return path


def _shared_groups() -> Dataset:
    orientation, measures, reconstruction, groups = (Dataset() for _ in range(4))
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    measures.PixelSpacing, measures.SliceThickness = [0.5, 0.5], 2.0
    reconstruction.ConvolutionKernel, reconstruction.ReconstructionAlgorithm = "FC08", "FILTER_BACK_PROJ"
    groups.PlaneOrientationSequence = [orientation]
    groups.PixelMeasuresSequence = [measures]
    groups.CTReconstructionSequence = [reconstruction]
    return groups


def _frame_groups(z: float, slope: float, frame_type: list[str]) -> Dataset:
    position, values, exposure, details, kind, groups = (Dataset() for _ in range(6))
    position.ImagePositionPatient = [-10.0, -12.0, z]
    values.RescaleSlope, values.RescaleIntercept, values.RescaleType = slope, -1024, "HU"
    exposure.XRayTubeCurrentInmA, exposure.ExposureInmAs = 100.0 - z, 50.0
    details.KVP = 100
    kind.FrameType = frame_type
    groups.PlanePositionSequence = [position]
    groups.PixelValueTransformationSequence = [values]
    groups.CTExposureSequence = [exposure]
    groups.CTXRayDetailsSequence = [details]
    groups.CTImageFrameTypeSequence = [kind]
    return groups

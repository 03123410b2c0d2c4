"""The header of one DICOM file: tell DICOM from other files at little cost, and read all we need but the pixels."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

import pydicom
from pydicom.dataset import Dataset, FileDataset
from pydicom.tag import Tag
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pydicom.valuerep import VR

_TAGS = [
    Tag("SpecificCharacterSet"),
    Tag("ImageType"),
    Tag("SOPClassUID"),
    Tag("SOPInstanceUID"),
    Tag("Modality"),
    Tag("Manufacturer"),
    Tag("ManufacturerModelName"),
    Tag("SeriesDescription"),
    Tag("PixelPresentation"),
    Tag("SliceThickness"),
    Tag("KVP"),
    Tag("XRayTubeCurrent"),
    Tag("XRayTubeCurrentInmA"),
    Tag("Exposure"),
    Tag("ExposureInmAs"),
    Tag("ExposureInuAs"),
    Tag("ConvolutionKernel"),
    Tag("ReconstructionAlgorithm"),
    Tag("StudyInstanceUID"),
    Tag("SeriesInstanceUID"),
    Tag("SeriesNumber"),
    Tag("InstanceNumber"),
    Tag("ImagePositionPatient"),
    Tag("ImageOrientationPatient"),
    Tag("FrameOfReferenceUID"),
    Tag("SamplesPerPixel"),
    Tag("PhotometricInterpretation"),
    Tag("NumberOfFrames"),
    Tag("Rows"),
    Tag("Columns"),
    Tag("PixelSpacing"),
    Tag("PixelRepresentation"),
    Tag("PixelPaddingValue"),
    Tag("PixelPaddingRangeLimit"),
    Tag("RescaleIntercept"),
    Tag("RescaleSlope"),
    Tag("RescaleType"),
    Tag("SharedFunctionalGroupsSequence"),
    Tag("PerFrameFunctionalGroupsSequence"),
    # Vendors' private elements that name the reconstruction, each after the one that names the owner of its block.
    *map(Tag, (0x00530010, 0x00531040, 0x00531042, 0x00531043)),  # GE
    *map(Tag, (0x01F70010, 0x01F7109B)),  # Philips
    *map(Tag, (0x70050010, 0x7005100B)),  # Canon
]

_REPRESENTATIONS = {str(representation).encode() for representation in VR}
_LONGEST_FIRST_VALUE = 1024


class NotDicomError(Exception):
    """The file is something else than DICOM."""


class DamagedHeaderError(Exception):
    """The file begins like DICOM, but its attributes cannot be read."""


def looks_like_dicom(path: Path) -> bool:
    """Whether a file begins like DICOM, told from its first 132 bytes.

    Most files carry a preamble and "DICM" (DICOM PS3.10). Some exports write the bare attributes; those begin with an
    attribute of group 0002 or 0008, whose representation or length is plausible. That keeps pydicom from looking for
    attributes in foreign files.
    """
    with path.open("rb") as file:
        return _begins_like_dicom(file.read(132))


def _begins_like_dicom(start: bytes) -> bool:
    return start[128:] == b"DICM" or (len(start) >= 8 and _begins_with_attribute(start))


def _begins_with_attribute(start: bytes) -> bool:
    for order in "<>":
        group, _, length = struct.unpack(f"{order}HHL", start[:8])
        if group in (0x0002, 0x0008) and (start[4:6] in _REPRESENTATIONS or length <= _LONGEST_FIRST_VALUE):
            return True
    return False


def read_header(path: Path) -> FileDataset:
    """Attributes of a file that this package needs, without its pixels.

    Raises:
        NotDicomError: It is not DICOM.
        DamagedHeaderError: It is, but cannot be read.
        OSError: It cannot be opened.
    """
    with path.open("rb") as file:
        return header_of(file)


def header_of(file: BinaryIO) -> FileDataset:
    """The same for an open file, which is left positioned at its pixels."""
    if not _begins_like_dicom(file.read(132)):
        raise NotDicomError
    file.seek(0)
    try:
        return pydicom.dcmread(file, force=True, stop_before_pixels=True, specific_tags=_TAGS)
    except Exception as error:  # pydicom raises whatever the damage leads to
        raise DamagedHeaderError(str(error)) from error


def transfer_syntax(header: Dataset) -> UID:
    """How the file is encoded; from the attributes themselves where the file does not say."""
    stated = getattr(header, "file_meta", Dataset()).get("TransferSyntaxUID")
    if stated:
        return UID(stated)
    implicit, little_endian = header.original_encoding
    if not little_endian:
        return ExplicitVRBigEndian
    return ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian

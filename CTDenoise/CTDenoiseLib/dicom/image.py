"""The images in one DICOM file: where each lies and how it came about, or why the file is none we can use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom.dataset import FileDataset
from pydicom.uid import UID

from ..volume import Acquisition, Vector
from .header import transfer_syntax
from .reconstruction import reconstruction_method
from .series import SliceReference
from .values import attribute, number, numbers, text, texts, value

# Directions are written as decimal text, by some with two digits only.
_ROUNDING = 0.01

# Kinds of objects that hold pixels on a grid in space, yet no measured images.
_NO_MEASUREMENTS = (
    ("1.2.840.10008.5.1.4.1.1.7", "secondary capture, such as a screenshot or dose report"),
    ("1.2.840.10008.5.1.4.1.1.66", "segmentation or registration"),
    ("1.2.840.10008.5.1.4.1.1.30", "parametric map"),
    ("1.2.840.10008.5.1.4.1.1.481", "radiotherapy object"),
)


class UnusableFileError(Exception):
    """The file holds no image that could be part of a volume; the message says why, in a few words."""


@dataclass(frozen=True)
class Image:
    """One section as its header describes it; the attributes are those of `Series`, for this section alone."""

    section: SliceReference
    series_uid: str
    study_uid: str
    frame_of_reference_uid: str | None
    series_number: int | None
    acquisition: Acquisition
    pixel_spacing: tuple[float, float]
    rows: int
    columns: int
    orientation: tuple[Vector, Vector]
    transfer_syntax_uid: str


def images_in(path: Path, header: FileDataset) -> tuple[Image, ...]:
    """All images a file holds that can be part of a volume.

    Raises:
        UnusableFileError: There is none.
    """
    _check_kind(header)
    frames = _frames(header)
    images = [frame for frame in frames if "LOCALIZER" not in _image_type(header, frame)]
    if not images:
        raise UnusableFileError("localizer")
    _check_colour(header, frames)
    return tuple(_image(path, header, frame) for frame in images)


def _check_kind(header: FileDataset) -> None:
    sop_class = text(value(header, "SOPClassUID")) or text(header.file_meta.get("MediaStorageSOPClassUID"))
    if sop_class is None:
        raise UnusableFileError("DICOM without a SOP Class UID: no image, or a damaged one")
    if sop_class == "1.2.840.10008.1.3.10":
        raise UnusableFileError("DICOM directory")
    for root, kind in _NO_MEASUREMENTS:
        if sop_class == root or sop_class.startswith(f"{root}."):
            raise UnusableFileError(kind)
    if not value(header, "Rows") or not value(header, "Columns"):
        raise UnusableFileError(f"no image ({UID(sop_class).name})")


def _frames(header: FileDataset) -> Sequence[int | None]:
    """Indices of the frames, `[None]` in a file of one image."""
    count = number(value(header, "NumberOfFrames") or 1)
    if "PerFrameFunctionalGroupsSequence" not in header:
        if count != 1:
            raise UnusableFileError("several images in one file that does not say where each lies")
        return [None]
    if count != len(header.PerFrameFunctionalGroupsSequence):
        raise UnusableFileError("damaged: it describes more or fewer images than it says to hold")
    return range(int(count))


def _image_type(header: FileDataset, frame: int | None) -> tuple[str, ...]:
    return texts(attribute(header, frame, "CTImageFrameTypeSequence", "FrameType")) + texts(value(header, "ImageType"))


def _check_colour(header: FileDataset, frames: Sequence[int | None]) -> None:
    samples = value(header, "SamplesPerPixel") or 1
    photometric = text(value(header, "PhotometricInterpretation")) or "MONOCHROME2"
    # Enhanced images may carry a colour table beside grey values: maps of perfusion and the like.
    shown = {text(value(header, "PixelPresentation"))}
    shown |= {text(attribute(header, frame, "CTImageFrameTypeSequence", "PixelPresentation")) for frame in frames}
    if samples != 1 or not photometric.startswith("MONOCHROME") or shown & {"COLOR", "MIXED", "TRUE_COLOR"}:
        raise UnusableFileError("colour image")


def _image(path: Path, header: FileDataset, frame: int | None) -> Image:
    position = numbers(attribute(header, frame, "PlanePositionSequence", "ImagePositionPatient"), 3)
    pixel_spacing = numbers(attribute(header, frame, "PixelMeasuresSequence", "PixelSpacing"), 2)
    if position is None:
        raise UnusableFileError("does not say where in the patient it lies (Image Position (Patient) missing)")
    if pixel_spacing is None or min(pixel_spacing) <= 0:
        raise UnusableFileError("does not say how large its pixels are (Pixel Spacing missing)")
    series_number, instance_number = (number(value(header, name)) for name in ("SeriesNumber", "InstanceNumber"))
    return Image(
        section=SliceReference(
            path=path,
            frame=frame,
            sop_class_uid=_identifier(header, "SOPClassUID", "MediaStorageSOPClassUID"),
            sop_instance_uid=_identifier(header, "SOPInstanceUID", "MediaStorageSOPInstanceUID"),
            position=(position[0], position[1], position[2]),
            instance_number=None if instance_number is None else int(instance_number),
        ),
        series_uid=_identifier(header, "SeriesInstanceUID"),
        study_uid=_identifier(header, "StudyInstanceUID"),
        frame_of_reference_uid=text(value(header, "FrameOfReferenceUID")),
        series_number=None if series_number is None else int(series_number),
        acquisition=_acquisition(header, frame),
        pixel_spacing=(pixel_spacing[0], pixel_spacing[1]),
        rows=int(header.Rows),
        columns=int(header.Columns),
        orientation=_orientation(header, frame),
        transfer_syntax_uid=str(transfer_syntax(header)),
    )


def _identifier(header: FileDataset, keyword: str, in_file_meta: str | None = None) -> str:
    found = text(value(header, keyword)) or (text(header.file_meta.get(in_file_meta)) if in_file_meta else None)
    if found is None:
        raise UnusableFileError(f"damaged: it has no {keyword}")
    return found


def _orientation(header: FileDataset, frame: int | None) -> tuple[Vector, Vector]:
    six = numbers(attribute(header, frame, "PlaneOrientationSequence", "ImageOrientationPatient"), 6)
    if six is None:
        raise UnusableFileError("does not say how it lies in the patient (Image Orientation (Patient) missing)")
    pair = np.array(six).reshape(2, 3)
    if not np.allclose(pair @ pair.T, np.eye(2), atol=_ROUNDING):
        raise UnusableFileError("damaged: the two axes of its Image Orientation (Patient) are not perpendicular")
    pair /= np.linalg.norm(pair, axis=1, keepdims=True)
    (a, b, c), (d, e, f) = pair.tolist()
    return (a, b, c), (d, e, f)


def _acquisition(header: FileDataset, frame: int | None) -> Acquisition:
    def from_group(functional_group: str, keyword: str) -> float | None:
        return number(attribute(header, frame, functional_group, keyword))

    micro = number(value(header, "ExposureInuAs"))
    exposures = (from_group("CTExposureSequence", "ExposureInmAs"), number(value(header, "Exposure")))
    currents = (from_group("CTExposureSequence", "XRayTubeCurrentInmA"), number(value(header, "XRayTubeCurrent")))
    return Acquisition(
        description=text(value(header, "SeriesDescription")) or "",
        modality=text(value(header, "Modality")),
        kernel=texts(attribute(header, frame, "CTReconstructionSequence", "ConvolutionKernel")),
        section_thickness=from_group("PixelMeasuresSequence", "SliceThickness") or None,
        manufacturer=text(value(header, "Manufacturer")),
        scanner=text(value(header, "ManufacturerModelName")),
        peak_kilovoltage=from_group("CTXRayDetailsSequence", "KVP"),
        tube_current=_first(currents),
        exposure=_first((*exposures, None if micro is None else micro / 1000)),
        reconstruction=reconstruction_method(header, frame),
    )


def _first(values: Sequence[float | None]) -> float | None:
    return next((value for value in values if value is not None), None)

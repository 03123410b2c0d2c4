"""The header of a derived CT image, made from the header of its source.

What describes patient, study, scan, reconstruction and position stays exactly as the scanner wrote it. References:
PS3.3 C.7.6.1 (General Image), C.8.2.1 (CT Image), C.12.1 (SOP Common); codes: PS3.16 CID 7005, 7202 and 7203.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.filereader import read_file_meta_info
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import UID, CTImageStorage, generate_uid

from .. import __version__
from .derivation import Derivation
from .series import SliceReference
from .stale_attributes import drop_stale_attributes
from .values import text, texts

EQUIPMENT = "CTDenoise"
IMPLEMENTATION_CLASS_UID = UID("2.25.32368577844692709623296793601947326741")

# Image Type value 4 of multi-energy images in HU (PS3.3 C.8.2.1.1.1), still true after denoising. Other further values
# are words of the vendor for what its own software made.
_MULTI_ENERGY_IN_HU = {"VMI", "MAT_REMOVED", "MAT_MODIFIED"}

_RESIDUAL_WINDOW_HU = 200

# Attributes a classic CT image must have even if empty; enhanced images, and some scanners, leave them out.
_TYPE_2 = (
    "AccessionNumber",
    "AcquisitionNumber",
    "KVP",
    "Manufacturer",
    "PatientBirthDate",
    "PatientID",
    "PatientName",
    "PatientPosition",
    "PatientSex",
    "PositionReferenceIndicator",
    "ReferringPhysicianName",
    "SliceThickness",
    "StudyDate",
    "StudyID",
    "StudyTime",
)


@dataclass(frozen=True)
class DerivedIdentity:
    """What all images of one derived series share.

    Attributes:
        uid: Series Instance UID.
        number: Series Number.
        description: Series Description.
        moment: When it was made, with its time zone.
        derivation: How it was made.
    """

    uid: UID
    number: int
    description: str
    moment: datetime
    derivation: Derivation


def is_ours(file: Path) -> bool:
    """Whether a file is DICOM as this package wrote it; others who pass an image on put their own mark on the file."""
    try:
        meta = read_file_meta_info(file)
    except Exception:  # pydicom raises whatever a foreign file leads to
        return False
    return bool(meta.get("ImplementationClassUID") == IMPLEMENTATION_CLASS_UID)


def time_zone(header: Dataset) -> tzinfo | None:
    """Time zone in which an object states its times (0008,0201); `None`, local time, where it does not say."""
    try:
        return datetime.strptime(text(header.get("TimezoneOffsetFromUTC")) or "", "%z").tzinfo
    except ValueError:
        return None


def make_derived(
    header: Dataset,
    identity: DerivedIdentity,
    *,
    sources: Iterable[SliceReference],
    instance_number: int,
    keep_private: bool,
) -> None:
    """Turn the header of a source image, in place, into that of the image derived from it.

    Stored values, and what describes them, are set by `stored_values`.

    Args:
        header: Header of a classic CT image, or of one frame made classic.
        identity: The new series.
        sources: Sections from which the image was computed, each once.
        instance_number: Instance Number of the image.
        keep_private: Whether private groups stay.
    """
    drop_stale_attributes(header, keep_private=keep_private)
    _identify(header, identity, instance_number)
    _date(header, identity.moment)
    _describe_derivation(header, identity.derivation, sources)
    _credit(header, identity)
    if identity.derivation.kind == "residual":
        _centre_window(header)
    for keyword in _TYPE_2:
        if keyword not in header:
            setattr(header, keyword, None)


def _identify(header: Dataset, identity: DerivedIdentity, instance_number: int) -> None:
    family = texts(header.get("ImageType"))[3:4]
    header.ImageType = ["DERIVED", "SECONDARY", "AXIAL", *(word for word in family if word in _MULTI_ENERGY_IN_HU)]
    header.SOPClassUID = CTImageStorage
    header.SOPInstanceUID = generate_uid(prefix=None)
    header.SeriesInstanceUID = identity.uid
    header.SeriesNumber = identity.number
    header.SeriesDescription = identity.description
    header.InstanceNumber = instance_number
    header.preamble = None
    header.file_meta = FileMetaDataset()
    header.file_meta.ImplementationClassUID = IMPLEMENTATION_CLASS_UID
    header.file_meta.ImplementationVersionName = f"{EQUIPMENT.upper()}_{__version__}"[:16]


def _date(header: Dataset, moment: datetime) -> None:
    for what in ("InstanceCreation", "Series", "Content"):
        setattr(header, f"{what}Date", moment.strftime("%Y%m%d"))
        setattr(header, f"{what}Time", moment.strftime("%H%M%S.%f"))


def _describe_derivation(header: Dataset, derivation: Derivation, sources: Iterable[SliceReference]) -> None:
    # Of the codes in CID 7203 smoothing comes closest to what a denoiser does; no code names noise reduction.
    code = codes.DCM.Smoothing if derivation.kind == "denoised" else codes.DCM.PixelByPixelSubtraction
    header.DerivationDescription = derivation.description
    header.DerivationCodeSequence = [_coded(code)]
    header.SourceImageSequence = _source_images(sources)


def _credit(header: Dataset, identity: DerivedIdentity) -> None:
    """Add ourselves to the equipment that contributed; the scanner stays the manufacturer."""
    equipment = Dataset()
    equipment.PurposeOfReferenceCodeSequence = [_coded(codes.DCM.ProcessingEquipment)]
    equipment.Manufacturer = f"{EQUIPMENT} contributors"
    equipment.ManufacturerModelName = EQUIPMENT
    equipment.SoftwareVersions = __version__
    equipment.ContributionDateTime = identity.moment.strftime("%Y%m%d%H%M%S.%f%z")
    equipment.ContributionDescription = identity.derivation.contribution
    header.ContributingEquipmentSequence = [*(header.get("ContributingEquipmentSequence") or ()), equipment]


def _centre_window(header: Dataset) -> None:
    """Show a residual around 0 HU, whatever windows suited the anatomy."""
    for keyword in ("WindowCenterWidthExplanation", "VOILUTFunction"):
        if keyword in header:
            del header[keyword]
    header.WindowCenter, header.WindowWidth = 0, _RESIDUAL_WINDOW_HU


def _source_images(sources: Iterable[SliceReference]) -> list[Dataset]:
    """One item an object; frames of a multi-frame object are numbered from 1."""
    frames: dict[tuple[str, str], list[int]] = {}
    for source in sources:
        of_object = frames.setdefault((source.sop_class_uid, source.sop_instance_uid), [])
        if source.frame is not None:
            of_object.append(source.frame + 1)
    items = []
    for (sop_class_uid, sop_instance_uid), numbers in frames.items():
        item = Dataset()
        item.ReferencedSOPClassUID = sop_class_uid
        item.ReferencedSOPInstanceUID = sop_instance_uid
        if numbers:
            item.ReferencedFrameNumber = numbers
        item.PurposeOfReferenceCodeSequence = [_coded(codes.DCM.SourceImageForImageProcessingOperation)]
        items.append(item)
    return items


def _coded(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return item

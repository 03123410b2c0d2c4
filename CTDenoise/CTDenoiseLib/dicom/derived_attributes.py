"""The header of a derived CT image, made from the header of its source.

What describes patient, study, scan, reconstruction and position stays exactly as the scanner wrote it. References:
PS3.3 C.7.6.1 (General Image), C.8.2.1 (CT Image), C.12.1 (SOP Common); codes: PS3.16 CID 7005, 7202 and 7203.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from pathlib import Path

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.filereader import read_file_meta_info
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import UID, CTImageStorage, generate_uid

from .. import __version__
from .derivation import Derivation
from .encoded import encoded_item, put_sequence
from .series import SliceReference
from .stale_attributes import drop_stale_attributes
from .values import text, texts

EQUIPMENT = "CTDenoise"
IMPLEMENTATION_CLASS_UID = UID("2.25.32368577844692709623296793601947326741")

# Image Type value 4 of multi-energy images in HU (PS3.3 C.8.2.1.1.1), still true after denoising. Other further values
# are words of the vendor for what its own software made.
_MULTI_ENERGY_IN_HU = {"VMI", "MAT_REMOVED", "MAT_MODIFIED"}

_RESIDUAL_WINDOW_HU = 200

# Encoded items that are kept: those of the series being written, and those of the sections around the last one.
_FEW, _NEIGHBOURS = 4, 64

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
    header.DerivationDescription = derivation.description
    put_sequence(header, "DerivationCodeSequence", [_derivation_code(derivation.kind)])
    put_sequence(header, "SourceImageSequence", _source_images(sources))


@lru_cache(maxsize=_FEW)
def _derivation_code(kind: str) -> bytes:
    # Of the codes in CID 7203 smoothing comes closest to what a denoiser does; no code names noise reduction.
    return encoded_item(_coded(codes.DCM.Smoothing if kind == "denoised" else codes.DCM.PixelByPixelSubtraction))


def _credit(header: Dataset, identity: DerivedIdentity) -> None:
    """Add ourselves to the equipment that contributed; the scanner stays the manufacturer."""
    others = header.get("ContributingEquipmentSequence")
    if others:
        others.append(_our_equipment(identity))
    else:
        put_sequence(header, "ContributingEquipmentSequence", [_our_encoded_equipment(identity)])


@lru_cache(maxsize=_FEW)
def _our_encoded_equipment(identity: DerivedIdentity) -> bytes:
    return encoded_item(_our_equipment(identity))


def _our_equipment(identity: DerivedIdentity) -> Dataset:
    equipment = Dataset()
    equipment.PurposeOfReferenceCodeSequence = [_coded(codes.DCM.ProcessingEquipment)]
    equipment.Manufacturer = f"{EQUIPMENT} contributors"
    equipment.ManufacturerModelName = EQUIPMENT
    equipment.SoftwareVersions = __version__
    equipment.ContributionDateTime = identity.moment.strftime("%Y%m%d%H%M%S.%f%z")
    equipment.ContributionDescription = identity.derivation.contribution
    return equipment


def _centre_window(header: Dataset) -> None:
    """Show a residual around 0 HU, whatever windows suited the anatomy."""
    for keyword in ("WindowCenterWidthExplanation", "VOILUTFunction"):
        if keyword in header:
            del header[keyword]
    header.WindowCenter, header.WindowWidth = 0, _RESIDUAL_WINDOW_HU


def _source_images(sources: Iterable[SliceReference]) -> list[bytes]:
    """One item an object; frames of a multi-frame object are numbered from 1."""
    frames: dict[tuple[str, str], list[int]] = {}
    for source in sources:
        of_object = frames.setdefault((source.sop_class_uid, source.sop_instance_uid), [])
        if source.frame is not None:
            of_object.append(source.frame + 1)
    return [_source_image(*uids, tuple(numbers)) for uids, numbers in frames.items()]


# An image is a source of its neighbours too.
@lru_cache(maxsize=_NEIGHBOURS)
def _source_image(sop_class_uid: str, sop_instance_uid: str, frames: tuple[int, ...]) -> bytes:
    item = Dataset()
    item.ReferencedSOPClassUID = sop_class_uid
    item.ReferencedSOPInstanceUID = sop_instance_uid
    if frames:
        item.ReferencedFrameNumber = list(frames)
    item.PurposeOfReferenceCodeSequence = [_coded(codes.DCM.SourceImageForImageProcessingOperation)]
    return encoded_item(item)


def _coded(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return item

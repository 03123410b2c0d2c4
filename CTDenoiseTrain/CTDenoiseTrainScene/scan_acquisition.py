"""What is known of scan and reconstruction of a loaded volume, and of whom it is, without saying who that is."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from CTDenoiseLib.dicom.header import DamagedHeaderError, NotDicomError, read_header
from CTDenoiseLib.dicom.image import UnusableFileError, images_in
from CTDenoiseLib.volume import Acquisition
from CTDenoiseScene.headers import instance_uids
from CTDenoiseScene.scan_facts import scan_facts

if TYPE_CHECKING:
    import slicer

    from CTDenoiseScene.headers import HeaderSource

_PATIENT_ID = "0010,0020"


def scan_acquisition(node: slicer.vtkMRMLVolumeNode, headers: HeaderSource | None) -> Acquisition:
    """Scan and reconstruction by the file of a volume's first instance; by what the database says of it without file.

    The description is left out: what people type there may name the patient.

    Args:
        node: Any volume.
        headers: Where headers are kept, if anywhere.
    """
    uids = instance_uids(node)
    file = headers.file(uids[0]) if headers is not None and uids else ""
    if file:
        with suppress(OSError, NotDicomError, DamagedHeaderError, UnusableFileError):
            found = images_in(Path(file), read_header(Path(file)))[0].acquisition
            return Acquisition(**{**vars(found), "description": ""})
    facts = scan_facts(node, headers)
    return Acquisition(modality=facts.modality, kernel=facts.kernel, section_thickness=facts.section_thickness)


def patient_hash(node: slicer.vtkMRMLVolumeNode, headers: HeaderSource | None, salt: bytes) -> str | None:
    """Tells volumes of one patient from those of another, but not who it is.

    Args:
        node: Any volume.
        headers: Where headers are kept, if anywhere.
        salt: Random bytes, kept nowhere: without them nobody can try patient numbers until one fits.

    Returns:
        The same text for the same patient; `None` where the header does not say who it is.
    """
    uids = instance_uids(node)
    patient = headers.value(uids[0], _PATIENT_ID).strip(" \0") if headers is not None and uids else ""
    return hashlib.sha256(salt + patient.encode()).hexdigest()[:16] if patient else None

"""What the DICOM header of a loaded volume says of the scan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydicom import Dataset

from CTDenoiseLib.dicom.padding import stored_padding
from CTDenoiseLib.dicom.values import number

from .headers import instance_uids
from .results import INPUT_ROLE

if TYPE_CHECKING:
    import slicer

    from .headers import HeaderSource


@dataclass(frozen=True, kw_only=True)
class ScanFacts:
    """What the header says; `None` or empty where it says nothing.

    Attributes:
        description: Series description.
        modality: DICOM modality, "CT" for computed tomography.
        kernel: Convolution kernel, which may have several values.
        section_thickness: Nominal section thickness in mm.
        padding_hu: Lowest and highest HU value that marks "no data".
        study_uid: Study Instance UID.
        series_uid: Series Instance UID.
    """

    description: str = ""
    modality: str | None = None
    kernel: tuple[str, ...] = ()
    section_thickness: float | None = None
    padding_hu: tuple[float, float] | None = None
    study_uid: str | None = None
    series_uid: str | None = None


def scan_facts(node: slicer.vtkMRMLVolumeNode, headers: HeaderSource | None) -> ScanFacts:
    """Read the header of a volume's first instance; that of its input for a volume that was denoised here.

    Args:
        node: Any volume.
        headers: Where headers are kept, if anywhere.
    """
    uids = instance_uids(node) or _uids_of_input(node)
    if headers is None or not uids:
        return ScanFacts()
    header = _Header(headers, uids[0])
    return ScanFacts(
        description=header.text("0008,103E"),
        modality=header.text("0008,0060") or None,
        kernel=header.texts("0018,1210"),
        section_thickness=header.number("0018,0050"),
        padding_hu=header.padding_hu(),
        study_uid=header.text("0020,000D") or None,
        series_uid=header.text("0020,000E") or None,
    )


def _uids_of_input(node: slicer.vtkMRMLVolumeNode) -> tuple[str, ...]:
    source = node.GetNodeReference(INPUT_ROLE)
    return () if source is None else instance_uids(source)


class _Header:
    """Values of one instance."""

    def __init__(self, headers: HeaderSource, uid: str) -> None:
        self._headers = headers
        self._uid = uid

    def text(self, tag: str) -> str:
        return self._headers.value(self._uid, tag).strip(" \0")

    def texts(self, tag: str) -> tuple[str, ...]:
        return tuple(value for part in self.text(tag).split("\\") if (value := part.strip()))

    def number(self, tag: str) -> float | None:
        return number(self.text(tag))

    def padding_hu(self) -> tuple[float, float] | None:
        header = Dataset()
        header.PixelPaddingValue = self._whole("0028,0120")
        header.PixelPaddingRangeLimit = self._whole("0028,0121")
        header.BitsAllocated = self._whole("0028,0100")
        header.PixelRepresentation = self._whole("0028,0103")
        slope, intercept = self.number("0028,1053"), self.number("0028,1052")
        ends = [(1.0 if slope is None else slope) * end + (intercept or 0.0) for end in stored_padding(header)]
        return (min(ends), max(ends)) if ends else None

    def _whole(self, tag: str) -> int | None:
        value = self.number(tag)
        return None if value is None else int(value)

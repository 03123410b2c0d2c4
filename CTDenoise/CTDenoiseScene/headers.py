"""Where DICOM headers of loaded volumes come from: Slicer's database, or whatever answers the same two questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import slicer


class HeaderSource(Protocol):
    """Answers questions about DICOM instances by their UID."""

    def value(self, instance_uid: str, tag: str) -> str:
        """The attribute as text, values separated by backslashes; empty where it, or the instance, is missing.

        Args:
            instance_uid: SOP Instance UID.
            tag: Group and element in hexadecimal, such as "0018,1210".
        """

    def file(self, instance_uid: str) -> str:
        """Path of the instance's file; empty where there is none."""


def instance_uids(node: slicer.vtkMRMLVolumeNode) -> tuple[str, ...]:
    """SOP Instance UIDs of the files a volume was loaded from, in their order; none if it is not from DICOM."""
    return tuple((node.GetAttribute("DICOM.instanceUIDs") or "").split())

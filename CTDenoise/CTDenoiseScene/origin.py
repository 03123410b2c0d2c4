"""Where a loaded volume comes from: a scanner, or this software, here or through DICOM."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from .headers import instance_uids
from .results import Results

if TYPE_CHECKING:
    import slicer

    from .headers import HeaderSource

# Series Description and Derivation Description, where the library's writer of series names itself.
_DESCRIPTIONS = ("0008,103E", "0008,2111")
_OURS, _RESIDUAL = "CTDenoise", "residual"


class Origin(Enum):
    """Who made a volume."""

    ELSEWHERE = auto()
    """A scanner or another program."""

    DENOISED = auto()
    """This software denoised it."""

    NOISE = auto()
    """This software took it away from another volume."""


def origin(node: slicer.vtkMRMLVolumeNode, headers: HeaderSource | None) -> Origin:
    """Tell by the attributes of nodes made here, and by the descriptions of series written before."""
    if Results.of(node) is not None:
        return Origin.DENOISED
    if any(name.startswith(f"{_OURS}.") for name in node.GetAttributeNames()):
        return Origin.NOISE
    uids = instance_uids(node)
    said = " ".join(headers.value(uids[0], tag) for tag in _DESCRIPTIONS) if headers and uids else ""
    if _OURS not in said:
        return Origin.ELSEWHERE
    return Origin.NOISE if _RESIDUAL in said.casefold() else Origin.DENOISED

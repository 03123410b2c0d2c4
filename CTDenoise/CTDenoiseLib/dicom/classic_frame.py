"""One frame of an Enhanced CT Image as the header of a classic CT Image.

An enhanced image says once what all frames share and keeps the rest in one item of functional groups a frame (PS3.3
C.7.6.16); a classic image says everything at its top level.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import deepcopy

from pydicom import Dataset

from .values import text

# Functional groups (PS3.3 A.38.1.4 and, for Legacy Converted Enhanced CT, A.70.1.4) whose attributes have the same name
# and meaning in a classic image. Those left out describe the multi-frame object or map stored values that change.
_GROUPS = (
    "UnassignedSharedConvertedAttributesSequence",
    "UnassignedPerFrameConvertedAttributesSequence",
    "PixelMeasuresSequence",
    "PlanePositionSequence",
    "PlaneOrientationSequence",
    "PixelValueTransformationSequence",
    "FrameVOILUTSequence",
    "FrameAnatomySequence",
    "IrradiationEventIdentificationSequence",
    "CTAcquisitionTypeSequence",
    "CTAcquisitionDetailsSequence",
    "CTTableDynamicsSequence",
    "CTPositionSequence",
    "CTGeometrySequence",
    "CTReconstructionSequence",
    "CTExposureSequence",
    "CTXRayDetailsSequence",
)

# Attributes of a multi-frame object that have no place in a single image.
_MULTI_FRAME = (
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "DimensionOrganizationType",
    "DimensionOrganizationSequence",
    "DimensionIndexSequence",
    "ConcatenationUID",
    "SOPInstanceUIDOfConcatenationSource",
    "InConcatenationNumber",
    "InConcatenationTotalNumber",
    "ConcatenationFrameOffsetNumber",
    "RepresentativeFrameNumber",
    "ReferencedImageEvidenceSequence",
    "SourceImageEvidenceSequence",
    "ReferencedRawDataSequence",
    "ConversionSourceAttributesSequence",
    "PixelPresentation",
    "VolumetricProperties",
    "VolumeBasedCalculationTechnique",
    "ContentQualification",
    "PresentationLUTShape",
    "FrameLaterality",
)

# Enhanced attributes and the integer string that says the same in a classic image.
_ROUNDED = {
    "ExposureTimeInms": "ExposureTime",
    "XRayTubeCurrentInmA": "XRayTubeCurrent",
    "ExposureInmAs": "Exposure",
}


_TIME_ZONE = re.compile(r"[+-].*")


class MultiFrameHeader:
    """Header of an Enhanced or Legacy Converted Enhanced CT Image, taken apart into what is common and what is not.

    Args:
        header: Header of the multi-frame image; it is used up.
    """

    def __init__(self, header: Dataset) -> None:
        self._shared: Iterable[Dataset] = header.get("SharedFunctionalGroupsSequence") or ()
        self._per_frame: Sequence[Dataset] = header.get("PerFrameFunctionalGroupsSequence") or ()
        self._common = header
        _delete_multi_frame_attributes(self._common)

    def classic(self, frame: int) -> Dataset:
        """Gather what holds for one frame, counted from 0, into the header of a classic image."""
        header = deepcopy(self._common)
        groups = (*self._shared, *self._per_frame[frame : frame + 1])
        for group in groups:
            for keyword in _GROUPS:
                for item in group.get(keyword) or ():
                    header.update(deepcopy(item))
            for content in group.get("FrameContentSequence") or ():
                _copy_frame_content(content, header)
        _delete_multi_frame_attributes(header)
        _round_exposure(header)
        _name_contrast_agent(header)
        return header


def _delete_multi_frame_attributes(header: Dataset) -> None:
    for keyword in _MULTI_FRAME:
        if keyword in header:
            del header[keyword]


def _copy_frame_content(content: Dataset, header: Dataset) -> None:
    if moment := text(content.get("FrameAcquisitionDateTime")):
        header.AcquisitionDateTime = moment
        header.AcquisitionDate, header.AcquisitionTime = moment[:8], _TIME_ZONE.sub("", moment[8:])
    if "FrameAcquisitionNumber" in content:
        header.AcquisitionNumber = content.FrameAcquisitionNumber
    if "FrameComments" in content:
        header.ImageComments = content.FrameComments


def _round_exposure(header: Dataset) -> None:
    for enhanced, classic in _ROUNDED.items():
        value = header.get(enhanced)
        if value is not None:
            setattr(header, classic, round(value))
            del header[enhanced]


def _name_contrast_agent(header: Dataset) -> None:
    """A classic image that names agents in codes must also name them in words."""
    agents = header.get("ContrastBolusAgentSequence")
    if agents and "ContrastBolusAgent" not in header:
        header.ContrastBolusAgent = ", ".join(str(agent.get("CodeMeaning", "")) for agent in agents)[:64]

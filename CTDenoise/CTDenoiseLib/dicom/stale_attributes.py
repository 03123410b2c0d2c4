"""Attributes of a source image that are no longer true of an image derived from it."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.tag import BaseTag

_ABOUT_STORED_VALUES = (
    "SmallestImagePixelValue",
    "LargestImagePixelValue",
    "SmallestPixelValueInSeries",
    "LargestPixelValueInSeries",
    "SmallestImagePixelValueInPlane",
    "LargestImagePixelValueInPlane",
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
    "ModalityLUTSequence",
    "VOILUTSequence",
    "RealWorldValueMappingSequence",
    "HistogramSequence",
    "IconImageSequence",
    "RedPaletteColorLookupTableDescriptor",
    "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor",
    "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData",
    "PaletteColorLookupTableUID",
)

_ABOUT_HOW_PIXELS_WERE_ENCODED = (
    "NumberOfFrames",
    "FrameIncrementPointer",
    "PlanarConfiguration",
    "PixelDataProviderURL",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
    "EncapsulatedPixelDataValueTotalLength",
    "DataSetTrailingPadding",
)

# Signatures, corrections and addresses belong to one stored object; the original attributes may even hold the name that
# an anonymiser removed.
_ABOUT_THE_SOURCE_OBJECT = (
    "MACParametersSequence",
    "DigitalSignaturesSequence",
    "EncryptedAttributesSequence",
    "OriginalAttributesSequence",
    "AlternateRepresentationSequence",
    "AvailableTransferSyntaxUID",
    "InstanceCreatorUID",
    "InstanceAvailability",
    "RetrieveAETitle",
    "RetrieveURL",
    "RetrieveURI",
    "SOPInstanceStatus",
    "SOPAuthorizationDateTime",
    "SOPAuthorizationComment",
    "AuthorizationEquipmentCertificationNumber",
)

# The performed procedure step of the scanner does not list our series; the request and the study still hold.
_ABOUT_THE_SOURCE_SERIES = (
    "SeriesDescriptionCodeSequence",
    "ReferencedPerformedProcedureStepSequence",
    "ClinicalTrialSeriesID",
    "ClinicalTrialSeriesDescription",
    "DerivationDescription",
    "DerivationCodeSequence",
    "SourceImageSequence",
)

_STALE = frozenset(
    tag_for_keyword(keyword)
    for keyword in (
        *(*_ABOUT_STORED_VALUES, *_ABOUT_HOW_PIXELS_WERE_ENCODED),
        *(*_ABOUT_THE_SOURCE_OBJECT, *_ABOUT_THE_SOURCE_SERIES),
    )
)


def drop_stale_attributes(header: Dataset, *, keep_private: bool) -> None:
    """Delete what was true of the source image only; private groups stay if asked for.

    Besides single attributes these are overlays and curves, which may live in bits the new pixels use and show what
    was measured on the old ones, and private groups, of which only their maker knows whether they still hold.
    """
    for tag in list(header.keys()):
        if tag in _STALE or _is_misplaced(tag) or _is_overlay_or_curve(tag):
            del header[tag]
    if not keep_private:
        _drop_private(header)


def _is_misplaced(tag: BaseTag) -> bool:
    """Whether a command or file meta element got into the data set, as in files that lack their beginning."""
    return tag.group < 0x0008


def _is_overlay_or_curve(tag: BaseTag) -> bool:
    return tag.group & 0xFF00 in (0x5000, 0x6000)


def _drop_private(dataset: Dataset) -> None:
    for tag in list(dataset.keys()):
        if tag.is_private:
            del dataset[tag]
        elif dataset.get_item(tag).VR == "SQ":
            for item in dataset[tag].value:
                _drop_private(item)

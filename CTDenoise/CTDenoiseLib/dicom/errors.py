"""What can be wrong with a DICOM series, one class for each thing a caller may want to tell apart."""

from __future__ import annotations

from ..errors import CTDenoiseError


class SeriesError(CTDenoiseError):
    """A DICOM series cannot be found, chosen or read as one volume."""


class NoSeriesError(SeriesError):
    """The folder is missing, or holds no image series."""


class SeriesChoiceError(SeriesError):
    """None or more than one series answers to what was asked for; the message lists them."""


class MixedSectionsError(SeriesError):
    """The images of one series differ in size, orientation, pixel spacing, kernel or modality."""


class DuplicatePositionError(SeriesError):
    """Two or more images of one series lie at the same place."""


class UnevenSpacingError(SeriesError):
    """A section is missing, or the distances between sections differ."""


class GantryTiltError(SeriesError):
    """The sections are shifted against each other, as with a tilted gantry, so that they form no rectangular grid."""


class UndecodableImageError(SeriesError):
    """A file has gone, is cut short, or its pixels cannot be decoded."""


class UnsupportedPixelsError(SeriesError):
    """The pixels are no finite grey values: colour, NaN or infinity."""

"""What can stand in the way of a measurement. Each message is the sentence that the user reads."""

from __future__ import annotations

from ..errors import CTDenoiseError


class MeasurementError(CTDenoiseError):
    """A measurement cannot be made as asked."""


class OutsideImageError(MeasurementError):
    """A region or a line lies outside an image."""


class TooFewVoxelsError(MeasurementError):
    """A region holds fewer voxels than a measure needs."""


class DifferentGridError(MeasurementError):
    """Images have different voxels, and nobody asked to resample them."""


class NotDenoisedHereError(MeasurementError):
    """A region or a line lies in sections that hold no data yet."""

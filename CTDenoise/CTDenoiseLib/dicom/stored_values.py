"""Hounsfield units as the signed 16-bit pixel values of a derived DICOM image, losslessly compressed if asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from openjpeg.utils import encode_array
from pydicom import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless

from .compression import Compression
from .padding import stored_padding
from .values import number, text

# OpenJPEG halves an image five times, down to one pixel.
SMALLEST_FOR_JPEG_2000 = 32

_LOWEST, _HIGHEST = np.iinfo(np.int16).min, np.iinfo(np.int16).max


def quantise(hu: NDArray[np.floating], slope: float) -> tuple[NDArray[np.int16], int]:
    """Stored values of finite Hounsfield units.

    Args:
        hu: Any shape.
        slope: HU of one step.

    Returns:
        The nearest steps (halves to even) clipped to 16 bits, and how many values were out of range.
    """
    steps = np.rint(hu if slope == 1 else hu / np.float32(slope))
    clipped = 0
    if steps.size and (steps.min() < _LOWEST or steps.max() > _HIGHEST):
        clipped = int(np.count_nonzero((steps < _LOWEST) | (steps > _HIGHEST)))
        np.clip(steps, _LOWEST, _HIGHEST, out=steps)
    return steps.astype(np.int16), clipped


def padding_hu(header: Dataset) -> list[float]:
    """The HU value, or lowest and highest HU values, that mean "no data" in a source image (PS3.3 C.7.5.1.1.2)."""
    slope = number(header.get("RescaleSlope")) or 1.0
    intercept = number(header.get("RescaleIntercept")) or 0.0
    return [stored * slope + intercept for stored in stored_padding(header)]


def describe(image: Dataset, *, slope: float, padding: list[float]) -> None:
    """Say in the header what the stored values mean.

    Args:
        image: Header of the image.
        slope: HU of one step; the intercept is 0.
        padding: What `padding_hu` says of the source, as far as padding passed into the new values unchanged.
    """
    image.RescaleSlope, image.RescaleIntercept = f"{slope:g}", "0"
    image.RescaleType = text(image.get("RescaleType")) or "HU"
    stored, _ = quantise(np.array(padding, dtype=np.float32), slope)
    for keyword, value in zip(("PixelPaddingValue", "PixelPaddingRangeLimit"), stored.tolist(), strict=False):
        image.add_new(keyword, "SS", value)


def store(image: Dataset, values: NDArray[np.int16], compression: Compression) -> None:
    """Put stored values of shape (y, x) into an image, with how they are encoded; its file meta must be there."""
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = text(image.get("PhotometricInterpretation")) or "MONOCHROME2"
    image.Rows, image.Columns = values.shape
    image.BitsAllocated = image.BitsStored = 16
    image.HighBit = 15
    image.PixelRepresentation = 1
    if compression == "jpeg-ls":
        image.compress(JPEGLSLossless, values, encoding_plugin="pyjpegls", generate_instance_uid=False)
    elif compression == "jpeg2000":
        image.file_meta.TransferSyntaxUID = JPEG2000Lossless
        image.add_new("PixelData", "OB", encapsulate([encode_array(values, bits_stored=16)]))
    else:
        image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        image.add_new("PixelData", "OW", values.astype("<i2", copy=False).tobytes())

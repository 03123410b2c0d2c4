"""Decode the sections in one DICOM file, and turn them into Hounsfield units."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.utils import iter_pixels
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian

from .errors import MixedSectionsError, UndecodableImageError, UnsupportedPixelsError
from .fragments import pixels_are_complete
from .header import DamagedHeaderError, NotDicomError, header_of, transfer_syntax
from .padding import stored_padding
from .values import attribute, number, text, value

# The first one that is installed and knows the transfer syntax decodes, alone: a second decoder that makes something of
# a file on which the first one fails would hide the damage. For JPEG-LS pyjpegls takes a third of GDCM's time.
_DECODERS = ("pyjpegls", "pylibjpeg", "gdcm", "pydicom")

# Rescale Types of CT (0028,1054) that mean Hounsfield units; "US" is unspecified, and some scanners write it for HU.
_HOUNSFIELD = (None, "HU", "HU_MOD", "US")

Frame = int | None
PaddingRange = tuple[float, float]


@dataclass(frozen=True)
class StoredSection:
    """One image as its file holds it, and what turns its values into Hounsfield units.

    Attributes:
        frame: Index of the frame; `None` for a file of one image.
        values: As stored, shape (y, x).
        slope: HU of one step.
        intercept: HU of the stored value 0.
        padding_hu: Lowest and highest HU value that marks "no data" (0028,0120), where the image declares one.
    """

    frame: Frame
    values: NDArray[Any]
    slope: float
    intercept: float
    padding_hu: PaddingRange | None

    def write_hu(self, target: NDArray[np.float32], path: Path) -> None:
        """Fill an array with Hounsfield units.

        Args:
            target: Of shape (y, x).
            path: The file, for what may be said of it.

        Raises:
            UnsupportedPixelsError: A value is not finite.
            MixedSectionsError: The image has another size than the target.
        """
        if self.values.shape != target.shape:
            raise MixedSectionsError(f"{path} holds {self.values.shape} pixels where {target.shape} are expected.")
        with np.errstate(over="ignore", invalid="ignore"):
            np.multiply(self.values, np.float32(self.slope), out=target, dtype=np.float32, casting="unsafe")
            target += np.float32(self.intercept)
        if not np.isfinite(target).all():
            raise UnsupportedPixelsError(f"{path} holds values that are not finite (NaN or infinity); it is damaged.")


def stored_sections(path: Path, frames: Collection[Frame]) -> Iterator[StoredSection]:
    """Decode images of one file, one at a time.

    Args:
        path: The file.
        frames: Indices of the frames that are wanted; only `None` for a file of one image.

    Raises:
        UndecodableImageError: The file has gone, is cut short or damaged, or its encoding is not supported.
        UnsupportedPixelsError: It holds no grey values in HU.
    """
    try:
        with path.open("rb") as file:
            yield from _stored_sections(file, path, set(frames))
    except (OSError, NotDicomError, DamagedHeaderError) as error:
        raise UndecodableImageError(f"{path} cannot be read any more; check the disk and run again.") from error


def _stored_sections(file: BinaryIO, path: Path, missing: set[Frame]) -> Iterator[StoredSection]:
    header = header_of(file)
    padding = stored_padding(header)
    for frame, values in _decoded(file, path, header, frozenset(missing)):
        if values.ndim != 2:
            raise UnsupportedPixelsError(f"{path} holds a colour image; grey values are needed.")
        slope, intercept = _rescale(path, header, frame)
        ends = [end * slope + intercept for end in padding]
        yield StoredSection(frame, values, slope, intercept, (min(ends), max(ends)) if ends else None)
        missing.remove(frame)
    if missing:
        raise _undecodable(path)


def _decoded(
    file: BinaryIO, path: Path, header: FileDataset, wanted: Collection[Frame]
) -> Iterator[tuple[Frame, NDArray[Any]]]:
    """Stored values of the wanted frames, one frame in memory at a time."""
    syntax = transfer_syntax(header)
    options: dict[str, Any] = {"transfer_syntax_uid": syntax, "raw": True, "decoding_plugin": _decoder(path, syntax)}
    if syntax.is_encapsulated and not pixels_are_complete(file, syntax):
        raise _undecodable(path)
    try:
        deflated = syntax == DeflatedExplicitVRLittleEndian
        for index, stored in enumerate(iter_pixels(pydicom.dcmread(path) if deflated else file, **options)):
            frame = None if None in wanted else index
            if frame in wanted:
                yield frame, stored
            if frame is None:
                return
    except MemoryError:
        raise
    except Exception as error:  # decoders raise whatever the damage leads to
        raise _undecodable(path) from error


def _undecodable(path: Path) -> UndecodableImageError:
    return UndecodableImageError(
        f"The pixels of {path} cannot be decoded: it is cut short or damaged; copy it from its source again."
    )


def _decoder(path: Path, syntax: UID) -> str:
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        raise UndecodableImageError(
            f"{path} is encoded as {syntax.name}, which is not supported; export the series uncompressed."
        ) from None
    if decoder.is_native:
        return ""
    for name in _DECODERS:
        if name in decoder.available_plugins:
            return name
    raise UndecodableImageError(
        f"No decoder for {syntax.name}, the encoding of {path}, is installed; install CTDenoise with all it depends on."
    )


def _rescale(path: Path, header: FileDataset, frame: Frame) -> tuple[float, float]:
    """Slope and intercept (0028,1053 and 1052); other modalities than CT need none and are then taken as stored."""
    slope, intercept, kind = (
        attribute(header, frame, "PixelValueTransformationSequence", keyword)
        for keyword in ("RescaleSlope", "RescaleIntercept", "RescaleType")
    )
    is_ct = text(value(header, "Modality")) == "CT"
    if slope is None and intercept is None and not is_ct:
        return 1.0, 0.0
    found = number(slope), number(intercept)
    if found[0] is None or found[1] is None or found[0] == 0:
        raise UnsupportedPixelsError(
            f"{path} has no valid Rescale Slope and Intercept, so its values cannot be turned into Hounsfield units."
        )
    if is_ct and text(kind) not in _HOUNSFIELD:
        raise UnsupportedPixelsError(f"The values of {path} are {kind}, not Hounsfield units; choose a series in HU.")
    return found[0], found[1]

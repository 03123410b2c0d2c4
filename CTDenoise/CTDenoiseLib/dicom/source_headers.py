"""The complete headers of a source series, each as that of a classic CT image."""

from __future__ import annotations

from pathlib import Path

import pydicom
from pydicom import Dataset
from pydicom.dataset import FileDataset
from pydicom.uid import JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless

from .classic_frame import MultiFrameHeader
from .errors import UndecodableImageError
from .explicit_little_endian import make_explicit_little_endian
from .header import transfer_syntax
from .series import SliceReference
from .values import number, text

# Transfer syntaxes that always lose, with the method by its standard (PS3.3 C.7.6.1.1.5). JPEG 2000 may or may not.
_LOSSY = {
    JPEGBaseline8Bit: "ISO_10918_1",
    JPEGExtended12Bit: "ISO_10918_1",
    JPEGLSNearLossless: "ISO_14495_1",
}


class SourceHeaders:
    """Reads headers when they are asked for, from one thread at a time; of multi-frame files it keeps the last one."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._multi_frame = MultiFrameHeader(Dataset())

    def read(self, section: SliceReference) -> Dataset:
        """A new header without pixels, in Explicit VR Little Endian.

        Raises:
            UndecodableImageError: The file has gone or changed.
        """
        if section.frame is None:
            return _read(section.path)
        if section.path != self._path:
            self._multi_frame, self._path = MultiFrameHeader(_read(section.path)), section.path
        return self._multi_frame.classic(section.frame)


def _read(path: Path) -> FileDataset:
    try:
        with path.open("rb") as file:
            header = pydicom.dcmread(file, force=True, stop_before_pixels=True)
        make_explicit_little_endian(header)
    except Exception as error:  # pydicom raises whatever the damage leads to
        raise UndecodableImageError(f"{path} can no longer be read; was it moved or changed meanwhile?") from error
    _admit_loss(header, path)
    return header


def _admit_loss(header: FileDataset, path: Path) -> None:
    """Images once compressed with loss stay marked as such, also where the source lets only its encoding say so."""
    method = _LOSSY.get(transfer_syntax(header))
    if method is None or text(header.get("LossyImageCompression")) == "01":
        return
    values = header.Rows * header.Columns * (number(header.get("NumberOfFrames")) or 1)
    header.LossyImageCompression = "01"
    header.LossyImageCompressionMethod = method
    header.LossyImageCompressionRatio = f"{values * header.BitsAllocated / 8 / path.stat().st_size:.3g}"

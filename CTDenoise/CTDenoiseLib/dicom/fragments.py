"""Whether the compressed pixels of a DICOM file are all there, told without decoding them."""

from __future__ import annotations

import struct
from typing import BinaryIO

from pydicom.uid import UID, JPEGLSTransferSyntaxes

_ITEM = (0xFFFE, 0xE000)
_END_OF_IMAGE = b"\xff\xd9"


def pixels_are_complete(file: BinaryIO, syntax: UID) -> bool:
    """Whether no fragment of the pixel data reaches beyond the end of the file (DICOM PS3.5 A.4).

    A JPEG-LS image must also end with its end-of-image marker: without it CharLS, the decoder in pyjpegls and GDCM, may
    search for half a minute before it says that the image is damaged.

    Args:
        file: Positioned at the Pixel Data element; left anywhere.
        syntax: A transfer syntax with encapsulated pixels.
    """
    start = file.tell()
    size = file.seek(0, 2)
    file.seek(start + 12)
    end_of_last = None
    while len(head := file.read(8)) == 8:
        group, element, length = struct.unpack("<HHL", head)
        if (group, element) != _ITEM:
            break
        end_of_last = file.seek(length, 1)
        if end_of_last > size:
            return False
    if end_of_last is None:
        return False
    if syntax not in JPEGLSTransferSyntaxes:
        return True
    file.seek(end_of_last - 3)
    return file.read(3).rstrip(b"\0").endswith(_END_OF_IMAGE)

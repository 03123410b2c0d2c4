"""Any header made fit to be written in Explicit VR Little Endian."""

from __future__ import annotations

import struct

import numpy as np
from pydicom import Dataset
from pydicom.errors import BytesLengthException

# pydicom converts numbers it understands; strings of words it passes on as bytes.
_WORDS = {"OW": "u2", "OF": "u4", "OL": "u4", "OD": "u8", "OV": "u8"}

_UNREADABLE = (BytesLengthException, ValueError, TypeError, NotImplementedError, OverflowError, struct.error)


def make_explicit_little_endian(header: Dataset) -> None:
    """Decode what other encodings leave open; a header that is Explicit VR Little Endian stays as it is, byte for byte.

    An attribute whose value contradicts its type of value cannot be converted and is deleted, as is one of unknown type
    in big endian.
    """
    implicit, little_endian = header.original_encoding
    if little_endian and not implicit:
        return
    for tag in list(header.keys()):
        try:
            element = header[tag]
        except _UNREADABLE:
            del header[tag]
            continue
        if element.VR == "SQ":
            for item in element.value:
                make_explicit_little_endian(item)
        elif not little_endian and element.VR == "UN":
            del header[tag]
        elif not little_endian and element.VR in _WORDS and element.value:
            element.value = np.frombuffer(element.value, _WORDS[element.VR]).byteswap().tobytes()

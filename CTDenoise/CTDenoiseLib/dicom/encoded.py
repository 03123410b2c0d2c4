"""Sequences as bytes of Explicit VR Little Endian, for headers of many images that share their items.

Encoding items anew for each image takes pydicom longer than all else of a header; bytes it writes as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from pydicom import Dataset
from pydicom.charset import default_encoding
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_sequence_item
from pydicom.tag import Tag


def encoded_item(item: Dataset) -> bytes:
    """An item of a sequence as it lies in the file; its text must be ASCII."""
    file = DicomBytesIO()
    file.is_little_endian, file.is_implicit_VR = True, False
    write_sequence_item(file, item, [default_encoding])
    return bytes(file.getvalue())


def put_sequence(header: Dataset, keyword: str, items: Iterable[bytes]) -> None:
    """Set a sequence of a header to items from `encoded_item`."""
    tag = Tag(cast(int, tag_for_keyword(keyword)))
    value = b"".join(items)
    header[tag] = RawDataElement(tag, "SQ", len(value), value, 0, is_implicit_VR=False, is_little_endian=True)

"""Stored values that mean "no data" (Pixel Padding Value, PS3.3 C.7.5.1.1.2)."""

from __future__ import annotations

from pydicom import Dataset

from .values import number, value


def stored_padding(header: Dataset) -> tuple[int, ...]:
    """The padding value and, if there is one, the other end of the padding range, as the pixels hold them.

    Some writers confuse the signed and unsigned representation of these attributes; their bits mean what they mean in
    the pixels, so that 63536 is -2000 in a signed image of 16 bits.
    """
    padding, limit = (number(value(header, keyword)) for keyword in ("PixelPaddingValue", "PixelPaddingRangeLimit"))
    if padding is None:
        return ()
    modulus = 1 << int(number(value(header, "BitsAllocated")) or 16)
    signed = value(header, "PixelRepresentation") == 1
    bits = (int(end) % modulus for end in (padding, limit) if end is not None)
    return tuple(end - modulus if signed and end >= modulus // 2 else end for end in bits)

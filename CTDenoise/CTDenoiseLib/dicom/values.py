"""Read attribute values with care: real headers hold empty, padded, multi-valued and misspelled values."""

from __future__ import annotations

import math
from typing import Any

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue


def value(dataset: Dataset, keyword: str) -> Any:
    """Value of an attribute, `None` if it is missing or cannot be understood.

    pydicom converts a value when it is asked for, and raises whatever the damage in it leads to.
    """
    try:
        return dataset.get(keyword)
    except Exception:
        return None


def text(raw: Any) -> str | None:
    """The value as text without padding, `None` if there is none."""
    stripped = "" if raw is None else str(raw).strip(" \0")
    return stripped or None


def texts(raw: Any) -> tuple[str, ...]:
    """All values of a possibly multi-valued attribute as text, empty ones left out."""
    values = raw if isinstance(raw, (MultiValue, list, tuple)) else [raw]
    return tuple(known for known in map(text, values) if known is not None)


def number(raw: Any) -> float | None:
    """The value as a finite number, `None` if it is none."""
    try:
        found = float(raw)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def numbers(raw: Any, count: int) -> tuple[float, ...] | None:
    """Exactly `count` finite numbers, `None` if the attribute holds anything else."""
    if not isinstance(raw, (MultiValue, list, tuple)) or len(raw) != count:
        return None
    found = tuple(known for known in map(number, raw) if known is not None)
    return found if len(found) == count else None


def attribute(header: Dataset, frame: int | None, functional_group: str, keyword: str) -> Any:
    """Value of an attribute for one image.

    Args:
        header: The file's attributes.
        frame: Index of the frame in an enhanced multi-frame file, `None` in a file of one image.
        functional_group: Keyword of the functional group sequence that holds the attribute in enhanced files
            (DICOM PS3.3 C.7.6.16).
        keyword: The attribute.

    Returns:
        The frame's own value, else the one all frames share, else the file's; `None` if none of them has it.
    """
    if frame is not None:
        shared = header.get("SharedFunctionalGroupsSequence") or [Dataset()]
        for groups in (header.PerFrameFunctionalGroupsSequence[frame], shared[0]):
            items = groups.get(functional_group)
            if items and keyword in items[0]:
                return value(items[0], keyword)
    return value(header, keyword)

"""DICOM headers from files, for tests that run without Slicer's DICOM database."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pydicom
from pydicom.multival import MultiValue


class HeaderFiles:
    """Headers of all images in some folders; stands for Slicer's `ctkDICOMDatabase` behind a `HeaderSource`."""

    def __init__(self, *folders: Path) -> None:
        self._paths: dict[str, Path] = {}
        for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
            header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["SOPInstanceUID"], force=True)
            if "SOPInstanceUID" in header:
                self._paths[header.SOPInstanceUID] = path

    def value(self, instance_uid: str, tag: str) -> str:
        group, element = (int(part, 16) for part in tag.split(","))
        header = _header(self._paths[instance_uid]) if instance_uid in self._paths else {}
        value = header[group, element].value if (group, element) in header else None
        if value is None:
            return ""
        return "\\".join(map(str, value)) if isinstance(value, MultiValue) else str(value)

    def file(self, instance_uid: str) -> str:
        return str(self._paths.get(instance_uid, ""))


@lru_cache(maxsize=256)
def _header(path: Path) -> pydicom.Dataset:
    return pydicom.dcmread(path, stop_before_pixels=True)

"""The DICOM database."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
from pydicom.errors import InvalidDicomError


class DICOMDatabase:
    """Stands for `ctkDICOMDatabase`, reached as `slicer.dicomDatabase`, over folders of DICOM files."""

    isOpen = True

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._headers: dict[str, pydicom.Dataset] = {}

    def add_folder(self, folder: Path | str) -> list[str]:
        """Imports all DICOM files below a folder; returns the UIDs of their series."""
        series = set()
        for path in Path(folder).rglob("*"):
            if path.is_file():
                try:
                    header = pydicom.dcmread(path, stop_before_pixels=True)
                except InvalidDicomError:
                    continue
                self._files[header.SOPInstanceUID] = str(path)
                self._headers[header.SOPInstanceUID] = header
                series.add(str(header.SeriesInstanceUID))
        return sorted(series)

    def instanceValue(self, uid: str, tag: str) -> str:
        """Text of a header value such as "0018,1210", several joined by a backslash, "" where there is none."""
        header = self._headers.get(uid, pydicom.Dataset())
        element = header.get(tuple(int(part, 16) for part in tag.split(",")))
        if element is None or element.value is None:
            return ""
        values = element.value if element.VM > 1 else [element.value]
        return "\\".join(str(value) for value in values)

    def fileForInstance(self, uid: str) -> str:
        return self._files.get(uid, "")

    def filesForSeries(self, uid: str) -> list[str]:
        return [self._files[instance] for instance in self.instancesForSeries(uid)]

    def instancesForSeries(self, uid: str) -> list[str]:
        return [instance for instance, header in self._headers.items() if header.SeriesInstanceUID == uid]

    def place(self, uid: str) -> float:
        """Where a section lies along its series in mm, to sort by; no part of Slicer's database."""
        header = self._headers[uid]
        row, column = np.reshape(header.ImageOrientationPatient, (2, 3)).astype(float)
        return float(np.cross(row, column) @ np.asarray(header.ImagePositionPatient, dtype=float))

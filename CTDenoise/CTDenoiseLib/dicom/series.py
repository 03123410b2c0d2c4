"""A DICOM series: which images make it up, where they lie and how they came about, known from headers alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ..volume import Acquisition, Vector


@dataclass(frozen=True)
class SliceReference:
    """One section of a series and where its pixels are.

    Attributes:
        path: The file.
        frame: Index into a multi-frame file, from 0; `None` for a file of one image.
        sop_class_uid: What kind of object the file is (0008,0016).
        sop_instance_uid: Which object the file is (0008,0018).
        position: LPS position (x, y, z) of the centre of pixel [0, 0] in mm (0020,0032).
        instance_number: (0020,0013) of the file, where it says one.
    """

    path: Path
    frame: int | None
    sop_class_uid: str
    sop_instance_uid: str
    position: Vector
    instance_number: int | None


@dataclass(frozen=True)
class Series:
    """One series as its headers describe it.

    Attributes:
        uid: Series Instance UID.
        study_uid: Study Instance UID.
        frame_of_reference_uid: Frame of Reference UID; series that share it share one coordinate system.
        number: Series Number.
        acquisition: Scan and reconstruction; tube current and exposure are medians over the sections.
        pixel_spacing: Distance of pixel centres along (y, x) in mm.
        rows: Pixels along y.
        columns: Pixels along x.
        orientation: Unit LPS vectors along which the column index and the row index grow, in that order: the two halves
            of Image Orientation (Patient).
        slices: The sections, sorted by position along the section normal, ascending.
        transfer_syntax_uid: How the pixels of the first section are encoded.
        inconsistency: Why these images cannot be one volume, as a sentence; `None` when they agree. Their positions are
            judged when the series is read.
    """

    uid: str
    study_uid: str
    frame_of_reference_uid: str | None
    number: int | None
    acquisition: Acquisition
    pixel_spacing: tuple[float, float]
    rows: int
    columns: int
    orientation: tuple[Vector, Vector]
    slices: tuple[SliceReference, ...]
    transfer_syntax_uid: str
    inconsistency: str | None = None

    @property
    def normal(self) -> Vector:
        """Unit LPS vector across the sections: row direction times column direction."""
        x, y, z = np.cross(*self.orientation).tolist()
        return x, y, z

    @cached_property
    def increment(self) -> float | None:
        """Median distance of neighbouring sections along the normal in mm, `None` for a single section."""
        if len(self.slices) < 2:
            return None
        along = np.array([section.position for section in self.slices]) @ np.array(self.normal)
        return float(np.median(np.diff(along)))

    @property
    def kernel(self) -> str:
        """Kernel in one string, its values separated by spaces; empty when the header names none."""
        return " ".join(self.acquisition.kernel)

    def __str__(self) -> str:
        """Such as `Qr89 · 0.20/0.20 mm · 0.15 mm · 1024² · 2010 slices`.

        Kernel (or modality, if it is not CT) · section thickness/increment · pixel size · matrix · sections.
        """
        modality = self.acquisition.modality
        first = self.kernel or ("unknown kernel" if modality in ("CT", None) else modality)
        thickness = "?" if self.acquisition.section_thickness is None else f"{self.acquisition.section_thickness:.2f}"
        across = thickness if self.increment is None else f"{thickness}/{self.increment:.2f}"
        y, x = (f"{size:.2f}" for size in self.pixel_spacing)
        pixel = x if x == y else f"{x}×{y}"
        matrix = f"{self.columns}²" if self.rows == self.columns else f"{self.columns}×{self.rows}"
        count = "1 slice" if len(self.slices) == 1 else f"{len(self.slices)} slices"
        return f"{first} · {across} mm · {pixel} mm · {matrix} · {count}"


@dataclass(frozen=True)
class LeftOut:
    """A file that is part of no series, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class SeriesSearch:
    """What a folder holds: image series, in a stable order, and every other file with the reason it was left out."""

    series: tuple[Series, ...]
    left_out: tuple[LeftOut, ...]

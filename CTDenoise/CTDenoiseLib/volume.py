"""A CT volume in memory: Hounsfield units on a regular grid, where they lie in the patient, and how they came about."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .errors import CTDenoiseError

Vector = tuple[float, float, float]


class InvalidVolumeError(CTDenoiseError):
    """The values cannot be a volume of Hounsfield units."""


@dataclass(frozen=True)
class Geometry:
    """Where the voxels lie, in DICOM patient coordinates (LPS, mm).

    Attributes:
        spacing: Distance of voxel centres along (z, y, x) in mm; the first is the increment, not the section thickness.
        origin: LPS position (x, y, z) of the centre of voxel [0, 0, 0] in mm.
        direction: Unit LPS vectors along which the z, y and x index grow, in that order.
    """

    spacing: Vector = (1.0, 1.0, 1.0)
    origin: Vector = (0.0, 0.0, 0.0)
    direction: tuple[Vector, Vector, Vector] = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))


@dataclass(frozen=True)
class Acquisition:
    """What the source says about scan and reconstruction; `None` or empty where it says nothing.

    Attributes:
        description: Series description, or the file's name.
        modality: DICOM modality, "CT" for computed tomography.
        kernel: Convolution kernel (0018,1210), which may have several values.
        section_thickness: Nominal section thickness in mm (0018,0050).
        manufacturer: Of the scanner.
        scanner: Model name of the scanner.
        peak_kilovoltage: Tube voltage in kVp.
        tube_current: In mA.
        exposure: In mAs.
        reconstruction: "FBP" or the iterative method, such as "iDose4 level 3", where the header tells.
    """

    description: str = ""
    modality: str | None = None
    kernel: tuple[str, ...] = ()
    section_thickness: float | None = None
    manufacturer: str | None = None
    scanner: str | None = None
    peak_kilovoltage: float | None = None
    tube_current: float | None = None
    exposure: float | None = None
    reconstruction: str | None = None


@dataclass(frozen=True)
class Volume:
    """A CT volume. Values are read-only; a changed volume is a new one.

    Attributes:
        hu: Hounsfield units, float32, shape (z, y, x); z grows along the section normal. May be memory-mapped.
        geometry: Where the voxels lie.
        acquisition: How they came about.
        padding: Lowest and highest HU value that marks "no data" (Pixel Padding Value), shape (z, 2), NaN for sections
            that declare none; `None` when no section does.

    Raises:
        InvalidVolumeError: Not three-dimensional, empty, or not float32.
    """

    hu: NDArray[np.float32]
    geometry: Geometry = field(default_factory=Geometry)
    acquisition: Acquisition = field(default_factory=Acquisition)
    padding: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        if self.hu.ndim != 3 or 0 in self.hu.shape:
            raise InvalidVolumeError(
                f"A volume needs three dimensions with voxels in each; this one is {self.hu.shape}."
            )
        if self.hu.dtype != np.float32:
            raise InvalidVolumeError(f"A volume holds float32 Hounsfield units, not {self.hu.dtype}; convert it first.")
        if self.padding is not None and self.padding.shape != (self.hu.shape[0], 2):
            raise InvalidVolumeError(
                f"Padding needs a lower and an upper HU value for each of {self.hu.shape[0]} sections, "
                f"not shape {self.padding.shape}."
            )
        read_only = self.hu.view()
        read_only.flags.writeable = False
        object.__setattr__(self, "hu", read_only)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of sections, rows and columns."""
        sections, rows, columns = self.hu.shape
        return sections, rows, columns

    @cached_property
    def has_padding(self) -> bool:
        """Whether any section declares a padding value."""
        return self.padding is not None and bool(np.isfinite(self.padding).any())

    def section(self, index: int) -> NDArray[np.float32]:
        """HU of one section, shape (y, x)."""
        return np.asarray(self.hu[index])

    def is_there(self, index: int) -> bool:
        """Whether a section can be read without waiting for anyone: always, as all of them are in memory."""
        return 0 <= index < self.shape[0]

    def padding_mask(self, section: int) -> NDArray[np.bool_]:
        """Voxels of one section that hold no data, shape (y, x)."""
        if self.padding is None or not np.isfinite(self.padding[section]).all():
            return np.zeros(self.hu.shape[1:], dtype=bool)
        low, high = self.padding[section]
        return np.asarray((self.hu[section] >= low) & (self.hu[section] <= high))

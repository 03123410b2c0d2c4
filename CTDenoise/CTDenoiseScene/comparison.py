"""What there is to compare: which views a comparison has, and which volume belongs into which view."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import slicer


class Role(Enum):
    """What a view shows, whichever volume that is."""

    INPUT = "Input"
    SMOOTH = "Smooth"
    SHARP = "Sharp"
    DENOISED = "Denoised"
    DIFFERENCE = "Difference"

    @property
    def tag(self) -> str:
        """Singleton tag of the slice node, which is its name in Slicer."""
        return f"CTDenoise{self.value}"

    @property
    def colour(self) -> str:
        """Colour of the bar above the view, light enough for black text, and none of Slicer's red, green and yellow."""
        return _COLOURS[self]


_COLOURS = {
    Role.INPUT: "#DDA15E",
    Role.SHARP: "#DDA15E",
    Role.SMOOTH: "#8AB6D6",
    Role.DENOISED: "#7FC8A9",
    Role.DIFFERENCE: "#B8A1D9",
}


class Comparison(Enum):
    """Arrangements of views, as rows of roles."""

    INPUT_OUTPUT_DIFFERENCE = ((Role.INPUT, Role.DENOISED, Role.DIFFERENCE),)
    SMOOTH_SHARP_DENOISED = ((Role.SMOOTH, Role.SHARP, Role.DENOISED),)
    TWO_BY_TWO = ((Role.SMOOTH, Role.SHARP), (Role.DENOISED, Role.DIFFERENCE))

    @property
    def rows(self) -> tuple[tuple[Role, ...], ...]:
        """Roles from left to right, row by row."""
        rows: tuple[tuple[Role, ...], ...] = self.value
        return rows

    @property
    def roles(self) -> tuple[Role, ...]:
        """All roles, in the order of reading."""
        return tuple(role for row in self.rows for role in row)


@dataclass(frozen=True, kw_only=True)
class ComparisonVolumes:
    """Volumes to compare; `None` where there is none.

    Attributes:
        input: What is, or will be, denoised.
        smooth: Reconstruction with a smooth kernel, such as Br56.
        sharp: Reconstruction with a sharp kernel, such as Qr89; `None` if it is the input.
        denoised: Output of a run, or a denoised series.
        noise: Predicted noise at full strength that belongs to `denoised`.
    """

    input: slicer.vtkMRMLScalarVolumeNode | None = None
    smooth: slicer.vtkMRMLScalarVolumeNode | None = None
    sharp: slicer.vtkMRMLScalarVolumeNode | None = None
    denoised: slicer.vtkMRMLScalarVolumeNode | None = None
    noise: slicer.vtkMRMLScalarVolumeNode | None = None

    def of(self, role: Role) -> slicer.vtkMRMLScalarVolumeNode | None:
        """The volume for a view."""
        sharp = self.sharp or (self.input if self.input is not self.smooth else None)
        volumes = {
            Role.INPUT: self.input,
            Role.SMOOTH: self.smooth,
            Role.SHARP: sharp,
            Role.DENOISED: self.denoised,
            Role.DIFFERENCE: self.noise,
        }
        return volumes[role]

    def still_in(self, scene: slicer.vtkMRMLScene) -> ComparisonVolumes:
        """Those that were not deleted from a scene."""
        volumes = {field.name: getattr(self, field.name) for field in fields(self)}
        return ComparisonVolumes(
            **{name: volume for name, volume in volumes.items() if volume is not None and scene.IsNodePresent(volume)}
        )

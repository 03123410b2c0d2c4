"""Everything that decides the figures of the experiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ScannerSettings:
    """A scanner and its kernel, as far as they decide sharpness and noise.

    Attributes:
        element_mm: Width of a detector element at the centre of rotation, and distance of the rays.
        focal_spot_mm: Width of the shadow that the focal spot makes of a point there.
        kernel_half_per_mm: Frequency in mm⁻¹ at which the kernel falls to one half.
        kernel_steepness: Exponent of its fall.
    """

    element_mm: float
    focal_spot_mm: float
    kernel_half_per_mm: float
    kernel_steepness: float


# A detector of 0.5 mm with the large focal spot and a kernel for soft tissue.
CONVENTIONAL = ScannerSettings(element_mm=0.5, focal_spot_mm=0.6, kernel_half_per_mm=0.55, kernel_steepness=2.5)
# A detector of 0.25 mm with the small focal spot and a sharp kernel.
ULTRA_HIGH = ScannerSettings(element_mm=0.25, focal_spot_mm=0.25, kernel_half_per_mm=0.95, kernel_steepness=3.0)


@dataclass(frozen=True, kw_only=True)
class LearningSettings:
    """How both networks are trained; they differ in nothing but their targets.

    Attributes:
        network: Name in the registry.
        configuration: Its keyword arguments.
        patch: Rows and columns of a patch.
        batch: Patches a step.
        steps: In all.
        epochs: Into which they are divided, for checkpoints.
        highest_rate: Learning rate after the warm-up.
        lowest_rate: Learning rate at the end.
        seed: Of weights and patches, the same for both.
    """

    network: str = "unet"
    configuration: Mapping[str, Any] = field(default_factory=lambda: {"context": 0, "width": 16})
    patch: int = 64
    batch: int = 16
    steps: int = 1500
    epochs: int = 4
    highest_rate: float = 1e-3
    lowest_rate: float = 1e-5
    seed: int = 7


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Of the whole experiment.

    Attributes:
        body_mm: Diameter of the phantoms, round and in air.
        object_pixel_mm: Grid on which objects are drawn and projected; both elements must be a multiple of it.
        matrix: Rows and columns of the sections, the same for all scanners.
        pixel_mm: Their pixel size.
        views: Projections over half a turn.
        photons_per_mm: Photons that arrive at a mm of the detector in a view where only air is in the way.
        target_dose: Photons of the targets over those of the input.
        conventional: Gives the input and the targets of DLR.
        ultra_high: Gives the targets of SR-DLR.
        phantoms: For training.
        draws: Scans of each phantom with other noise.
        block: Phantoms that are simulated at a time, and found again when the experiment is resumed.
        simulation_seed: Of training phantoms and their noise.
        learning: See `LearningSettings`.
        repeats: Scans of the phantom with rods; of the other unseen phantoms there are a third.
        target_repeats: Scans of each unseen phantom as the targets were scanned.
        test_seed: Of the noise of the unseen phantoms.
    """

    body_mm: float = 52.0
    object_pixel_mm: float = 0.125
    matrix: int = 160
    pixel_mm: float = 0.35
    views: int = 360
    photons_per_mm: float = 40_000.0
    target_dose: float = 100.0
    conventional: ScannerSettings = CONVENTIONAL
    ultra_high: ScannerSettings = ULTRA_HIGH
    phantoms: int = 48
    draws: int = 3
    block: int = 8
    simulation_seed: int = 100
    learning: LearningSettings = field(default_factory=LearningSettings)
    repeats: int = 48
    target_repeats: int = 6
    test_seed: int = 900

    @property
    def field_mm(self) -> float:
        """Side of the sections."""
        return self.matrix * self.pixel_mm


QUICK = Settings()
PAPER = Settings(
    phantoms=3000,
    draws=4,
    block=50,
    learning=LearningSettings(
        configuration={"context": 0, "width": 32}, patch=128, batch=32, steps=100_000, epochs=100
    ),
    repeats=96,
    target_repeats=12,
)

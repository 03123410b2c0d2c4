"""Scanners of different sharpness that see the same object: wide or narrow detector elements, focal spots and kernels.

An object is projected once, along rays as fine as its pixels. The detector of each scanner then takes means of the
transmitted intensity over its focal spot's shadow and over its elements, as photons are counted before the logarithm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...simulate.attenuation import attenuation_of, hu_of
from ...simulate.counts import noisy_line_integrals
from ...simulate.filtered_back_projection import reconstruct
from ...simulate.kernels import RollOff
from ...simulate.projection import project
from ...simulate.scan import ParallelScan
from .settings import ScannerSettings, Settings
from .shapes import Floats


def fine_projection(object_hu: Floats, settings: Settings) -> Floats:
    """Line integrals along rays as far apart as the pixels of the object, shape (views, rays)."""
    scan = _scan(settings, settings.object_pixel_mm)
    return project(attenuation_of(object_hu), pixel_mm=settings.object_pixel_mm, scan=scan)


@dataclass(frozen=True)
class Scanner:
    """A scanner with the geometry of the experiment.

    Attributes:
        system: Its sharpness.
        settings: Of the experiment.
    """

    system: ScannerSettings
    settings: Settings

    def line_integrals(self, fine: Floats) -> Floats:
        """What its detector sees without noise, shape (views, rays).

        Args:
            fine: From `fine_projection`.
        """
        frequency = np.fft.rfftfreq(fine.shape[-1], self.settings.object_pixel_mm)
        shadow = np.sinc(frequency * self.system.focal_spot_mm)
        # Air at both ends of each view joins without a step.
        transmitted = np.fft.irfft(np.fft.rfft(np.exp(-fine.astype(np.float64))) * shadow, fine.shape[-1])
        together = round(self.system.element_mm / self.settings.object_pixel_mm)
        elements = transmitted.reshape(*fine.shape[:-1], -1, together).mean(axis=-1)
        return np.asarray(-np.log(elements), dtype=np.float32)

    def noise_free(self, lines: Floats) -> Floats:
        """Its section without noise in HU, shape (y, x).

        Args:
            lines: From `line_integrals`.
        """
        return self._reconstruct(lines)

    def sections(self, lines: Floats, *, dose: float, count: int, rng: np.random.Generator) -> Floats:
        """Repeated scans in HU, shape (count, y, x).

        Args:
            lines: From `line_integrals`.
            dose: Photons over those of the input.
            count: How many scans.
            rng: Source of the noise.
        """
        photons = dose * self.settings.photons_per_mm * self.system.element_mm
        repeated = np.broadcast_to(lines, (count, *lines.shape))
        return self._reconstruct(noisy_line_integrals(repeated, photons=photons, rng=rng))

    def _reconstruct(self, lines: Floats) -> Floats:
        settings, system = self.settings, self.system
        kernel = RollOff("of the scanner", system.kernel_half_per_mm, system.kernel_steepness)
        scan = _scan(settings, system.element_mm)
        matrix, pixel = settings.matrix, settings.pixel_mm
        return hu_of(reconstruct(lines, scan=scan, kernel=kernel, matrix=matrix, pixel_mm=pixel))


def _scan(settings: Settings, ray_spacing_mm: float) -> ParallelScan:
    return ParallelScan(
        views=settings.views, rays=round(settings.field_mm / ray_spacing_mm), ray_spacing_mm=ray_spacing_mm
    )


@dataclass(frozen=True)
class Scanned:
    """One object as all scanners see it.

    Attributes:
        inputs: Low dose, conventional, shape (n, y, x) in HU.
        same: High dose, conventional: targets of DLR, shape (m, y, x).
        sharp: High dose, ultra-high resolution: targets of SR-DLR, shape (m, y, x).
        same_without_noise: What `same` would be with endless photons, shape (y, x).
        sharp_without_noise: Likewise.
    """

    inputs: Floats
    same: Floats
    sharp: Floats
    same_without_noise: Floats
    sharp_without_noise: Floats


def scan_object(
    object_hu: Floats, settings: Settings, *, draws: int, targets: int, rng: np.random.Generator
) -> Scanned:
    """Scan an object with all scanners.

    Args:
        object_hu: On the fine grid.
        settings: Of the experiment.
        draws: Scans at low dose.
        targets: Scans with either scanner at high dose.
        rng: Source of the noise.
    """
    fine = fine_projection(object_hu, settings)
    conventional, ultra_high = Scanner(settings.conventional, settings), Scanner(settings.ultra_high, settings)
    lines, sharp_lines = conventional.line_integrals(fine), ultra_high.line_integrals(fine)
    return Scanned(
        inputs=conventional.sections(lines, dose=1.0, count=draws, rng=rng),
        same=conventional.sections(lines, dose=settings.target_dose, count=targets, rng=rng),
        sharp=ultra_high.sections(sharp_lines, dose=settings.target_dose, count=targets, rng=rng),
        same_without_noise=conventional.noise_free(lines),
        sharp_without_noise=ultra_high.noise_free(sharp_lines),
    )

"""What is left of fine structure: bar patterns and the struts of stents, by the wave that they make."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from .places import pixel_of
from .settings import Settings
from .shapes import Floats
from .stents import StentAcross
from .unseen_phantoms import BAR_CONTRAST_HU, BAR_SIDE_MM, BARS, SLANT

# The outermost of the block is left out: a period on either side, at least so many mm.
_BORDER_MM = 1.0
_ANGLES = 720


def bar_modulation(section: Floats, frequency: float, settings: Settings) -> float:
    """What of the contrast of a bar pattern is left, in %: 100 for an image as sharp as the object.

    It is the amplitude of the fundamental wave over that of the object, 2/π of its contrast, in the phase of the bars:
    negative where dark and bright are exchanged, and 0 where there is a pattern that has nothing to do with the bars.

    Args:
        section: Mean of repeated scans in HU, shape (y, x).
        frequency: Of the bars in mm⁻¹.
        settings: Of the experiment.
    """
    place = BARS[frequency]
    row, column = pixel_of(place, settings)
    y, x = (np.arange(settings.matrix) - middle for middle in (row, column))
    down, right = y[:, None] * settings.pixel_mm, x[None, :] * settings.pixel_mm
    angle = np.pi / 2 + SLANT
    along, across = right * np.cos(angle) + down * np.sin(angle), down * np.cos(angle) - right * np.sin(angle)
    # Whole periods, so that mean and wave do not mix.
    reach = np.floor((BAR_SIDE_MM / 2 - _BORDER_MM) * frequency * 2) / (2 * frequency)
    inside = (np.abs(along) < BAR_SIDE_MM / 2 - _BORDER_MM) & (np.abs(across) <= reach)
    amplitude = _wave(section[inside], 2 * np.pi * frequency * across[inside])[0]
    return float(100 * amplitude / (2 / np.pi * BAR_CONTRAST_HU))


def strut_amplitude(section: Floats, stent: StentAcross, settings: Settings) -> float:
    """How far the struts of a stent cut across stand out of the gaps between them, in HU.

    It is the amplitude of the wave along the ring that has as many crests as there are struts, in their phase.
    """
    angle = np.arange(_ANGLES) * (2 * np.pi / _ANGLES)
    row, column = pixel_of(stent.centre, settings)
    radius = stent.diameter_mm / 2 / settings.pixel_mm
    ring = map_coordinates(section, [row + radius * np.sin(angle), column + radius * np.cos(angle)], order=3)
    return float(_wave(ring, stent.struts * (angle - stent.first))[0])


def _wave(values: NDArray[np.floating], phase: NDArray[np.floating]) -> NDArray[np.float64]:
    """Amplitudes of cosine and sine of a phase in values, least squares beside a mean."""
    terms = np.stack([np.cos(phase), np.sin(phase), np.ones_like(phase)], axis=1)
    return np.asarray(np.linalg.lstsq(terms, values.astype(np.float64), rcond=None)[0][:2])

"""Hounsfield units and linear attenuation at the one energy of the simulation, 60 keV."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WATER_MASS_ATTENUATION = 0.2059
"""Mass attenuation coefficient of water at 60 keV in cm²/g (Hubbell and Seltzer, NIST, table 4: liquid water)."""

WATER_ATTENUATION_PER_MM = WATER_MASS_ATTENUATION / 10
"""Linear attenuation of water of 1 g/cm³ at 60 keV in mm⁻¹."""


def attenuation_of(hu: NDArray[np.floating] | NDArray[np.integer]) -> NDArray[np.float32]:
    """Linear attenuation in mm⁻¹ of CT numbers of any shape; air, −1000 HU, and all below have none.

    Example:
        >>> attenuation_of(np.array([-1024.0, -1000.0, 0.0])).round(4).tolist()
        [0.0, 0.0, 0.020600000396370888]
    """
    relative = 1 + np.asarray(hu, dtype=np.float32) / 1000
    return np.maximum(relative, 0, dtype=np.float32) * np.float32(WATER_ATTENUATION_PER_MM)


def hu_of(attenuation: NDArray[np.floating]) -> NDArray[np.float32]:
    """CT numbers in HU of linear attenuation in mm⁻¹, of any shape; noise may make them less than −1000 HU."""
    relative = np.asarray(attenuation, dtype=np.float32) / np.float32(WATER_ATTENUATION_PER_MM)
    return np.asarray(1000 * (relative - 1), dtype=np.float32)

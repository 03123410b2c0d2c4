"""What the model of the self tests computes, once more and without a network, so that a test knows the right result."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MODEL_FOLDER = Path(__file__).resolve().parent.parent / "Resources" / "SelfTest"
MODEL_NAME = "self-test"


def expected_noise(hu: NDArray[np.integer] | NDArray[np.floating]) -> NDArray[np.float64]:
    """The noise that the model finds: what each voxel differs from the weighted mean of its surroundings.

    Args:
        hu: Values, shape (z, y, x). The first and last section are repeated; beyond the borders lies 0 HU.

    Returns:
        HU, same shape.
    """
    values = np.pad(hu.astype(np.float64), ((1, 1), (0, 0), (0, 0)), mode="edge")
    values = np.pad(values, ((0, 0), (1, 1), (1, 1)))
    for axis in range(3):
        inner = np.moveaxis(values, axis, 0)
        values = np.moveaxis((inner[:-2] + 2 * inner[1:-1] + inner[2:]) / 4, 0, axis)
    return hu - values

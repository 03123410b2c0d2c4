"""Any matrix size: a side is continued by its mirror image up to the multiple that a network needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def padded_size(size: int, *, multiple: int) -> int:
    """The smallest multiple that is not below the size."""
    return multiple * -(-size // multiple)


def mirrored_indices(size: int, *, multiple: int) -> NDArray[np.int64]:
    """Indices that continue a side by reflection at its last and, if that is not enough, at its first pixel, and so on.

    The pixels at which it is mirrored are not repeated; a side of one pixel can only repeat it.

    Example:
        >>> mirrored_indices(3, multiple=8).tolist()
        [0, 1, 2, 1, 0, 1, 2, 1]
    """
    period = max(1, 2 * (size - 1))
    phase = np.arange(padded_size(size, multiple=multiple), dtype=np.int64) % period
    return np.minimum(phase, period - phase)

"""Where a measured curve is highest, though it scatters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_TOP_SHARE = 0.8
_FEWEST_POINTS = 4


def peak_position(position: NDArray[np.float64], value: NDArray[np.float64], uncertainty: NDArray[np.float64]) -> float:
    """Position of the peak of a curve: the top of a parabola fitted to its highest part.

    That is the part around the highest point of the smoothed curve where it stays above 80 %; if this is narrow, the
    highest point and its neighbours. Where there is no top, as of a curve that falls from its first point on, the
    highest point decides.

    Args:
        position: Rising, shape (n,).
        value: The curve, shape (n,).
        uncertainty: Standard uncertainty of each value, by which the fit weighs it.
    """
    smooth = np.convolve(np.pad(value, 1, mode="edge"), (0.25, 0.5, 0.25), mode="valid")
    highest = int(smooth.argmax())
    low = np.flatnonzero(smooth < _TOP_SHARE * smooth[highest])
    start = int(low[low < highest].max(initial=-1)) + 1
    stop = int(low[low > highest].min(initial=smooth.size))
    if stop - start < _FEWEST_POINTS:
        highest = int(value.argmax())
        start, stop = max(highest - 1, 0), min(highest + 2, value.size)
    middle = float(position[highest])
    if stop - start < 3:
        return middle
    weight = uncertainty[start:stop].min() / uncertainty[start:stop]
    curvature, slope, _ = np.polyfit(position[start:stop] - middle, value[start:stop], 2, w=weight)
    if curvature >= 0:
        return middle
    top = float(middle - slope / (2 * curvature))
    return top if position[start] <= top <= position[stop - 1] else middle

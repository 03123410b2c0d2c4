"""How blurred is an image? An estimate from the sharp edges of the anatomy, where nobody scanned a phantom.

A step blurred by a Gaussian of standard deviation σ rises between the pixels on both sides of its middle by its height
times erf(1/(σ√2)), σ in pixels. Edges of more than 500 HU, such as those of skin and lung, tell σ in this way. They are
looked at through a Gaussian of one pixel, which keeps noise out and is taken off the result in quadrature. The estimate
of a Gaussian blur of 0.7 to 1.5 pixels is right within 15 %. Kernels that overshoot look sharper than any Gaussian;
half a pixel is the least that is reported, the sharpest that pixels can show. A wire or disc phantom is the way to
measure resolution (`ttf_disc`).
"""

from __future__ import annotations

import math

import numpy as np
import scipy
from numpy.typing import NDArray

LEAST_BLUR_PIXELS = 0.5
_SMOOTHING_PIXELS = 1.0
_LEAST_STEP_HU = 500.0
_REACH_PIXELS = 9
_FEWEST_EDGES = 30


def edge_blur(hu: NDArray[np.floating], *, pixel_spacing: tuple[float, float]) -> float | None:
    """Estimate the in-plane blur of one section.

    Args:
        hu: HU, shape (y, x).
        pixel_spacing: Distance of rows and of columns (y, x) in mm.

    Returns:
        Standard deviation of the Gaussian in mm, half a pixel or more; `None` with fewer than 30 strong edges.
    """
    if min(hu.shape) < _REACH_PIXELS:
        return None
    smooth = scipy.ndimage.gaussian_filter(np.asarray(hu, dtype=np.float32), _SMOOTHING_PIXELS)
    rise = 2 * np.hypot(*np.gradient(smooth))
    height = scipy.ndimage.maximum_filter(smooth, _REACH_PIXELS) - scipy.ndimage.minimum_filter(smooth, _REACH_PIXELS)
    steepest = (rise == scipy.ndimage.maximum_filter(rise, _REACH_PIXELS)) & (height > _LEAST_STEP_HU)
    if np.count_nonzero(steepest) < _FEWEST_EDGES:
        return None
    seen = 1 / (math.sqrt(2) * float(scipy.special.erfinv(np.median(rise[steepest] / height[steepest]))))
    blur = math.sqrt(max(seen**2 - _SMOOTHING_PIXELS**2, LEAST_BLUR_PIXELS**2))
    return blur * math.sqrt(pixel_spacing[0] * pixel_spacing[1])

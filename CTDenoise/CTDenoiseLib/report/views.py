"""What of a section to look at: the window, and the detail to enlarge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..measure.audit.edge_ratio import BODY_ABOVE_HU
from ..measure.sampling import MOST_SECTIONS, MeasurableVolume, evenly_spread

_EDGE_LIMIT_HU_PER_MM = 60.0
_DETAIL_MM = (36.0, 80.0)
_TENSOR_MM = 10.0


@dataclass(frozen=True)
class Window:
    """Grey scale of a picture, in HU."""

    width: float
    level: float

    @property
    def limits(self) -> tuple[float, float]:
        """Black and white."""
        return self.level - self.width / 2, self.level + self.width / 2

    def __str__(self) -> str:
        return f"W {self.width:.0f}  L {self.level:.0f} HU".replace("-", "−")


SOFT_TISSUE = Window(width=400, level=40)


@dataclass(frozen=True)
class Detail:
    """A rectangle of pixels to enlarge."""

    rows: slice
    columns: slice


def choose_window(picture: NDArray[np.float32], spacing: tuple[float, float]) -> Window:
    """The soft-tissue window where it shows the section, otherwise one around what is there.

    The soft-tissue window (W 400, L 40) is kept if most of what is denser than lung falls into it once noise is
    smoothed away; otherwise the window is made for the section by `window_around`.

    Args:
        picture: HU, shape (y, x).
        spacing: Pixel spacing (y, x) in mm.
    """
    smooth = smoothed(picture, spacing, 1.5)
    body = smooth[smooth > BODY_ABOVE_HU]
    low, high = SOFT_TISSUE.limits
    if body.size > 0.05 * smooth.size and np.mean((body > low) & (body < high)) > 0.6:
        return SOFT_TISSUE
    return window_around(picture, spacing)


def choose_detail(picture: NDArray[np.float32], spacing: tuple[float, float]) -> Detail:
    """The rectangle with the most edges of moderate contrast: vessels and trabeculae rather than the skin line."""
    return _finest(picture, spacing)[0]


def choose_detailed_section(volume: MeasurableVolume, *, most_sections: int = MOST_SECTIONS) -> int:
    """The section with the finest detail.

    Args:
        volume: The noisy input; the sections that are looked at (`evenly_spread`) are enough.
        most_sections: Look at no more than so many.
    """
    _, y, x = volume.geometry.spacing
    looked_at = evenly_spread(volume.shape[0], most=most_sections)
    return max(looked_at, key=lambda index: _finest(volume.section(index), (y, x))[1])


def detail_around(
    picture: NDArray[np.float32], spacing: tuple[float, float], centre: tuple[float, float] | None
) -> Detail:
    """The rectangle around a point (y, x) in pixels, or in the middle of the picture if there is none."""
    size = _detail_pixels(picture, spacing)
    middle = [(length - 1) / 2 for length in picture.shape] if centre is None else centre
    corner = [
        int(np.clip(round(place - (pixels - 1) / 2), 0, length - pixels))
        for place, pixels, length in zip(middle, size, picture.shape, strict=True)
    ]
    return Detail(slice(corner[0], corner[0] + size[0]), slice(corner[1], corner[1] + size[1]))


def window_around(picture: NDArray[np.float32], spacing: tuple[float, float]) -> Window:
    """A window that shows everything in a picture, lung and bone too: its middle 90 %, a quarter wider."""
    low, high = np.percentile(smoothed(picture, spacing, 1.0), (5, 95))
    width = max(SOFT_TISSUE.width, float(np.ceil(1.25 * (high - low) / 50)) * 50)
    return Window(width=width, level=round(float(low + high) / 20) * 10)


def _finest(picture: NDArray[np.float32], spacing: tuple[float, float]) -> tuple[Detail, float]:
    """The most detailed rectangle and how much detail it holds, in HU/mm."""
    size = _detail_pixels(picture, spacing)
    # uniform_filter centres a window of n pixels on its pixel n // 2.
    density = ndimage.uniform_filter(_fineness(picture, spacing), size)
    whole = tuple(
        slice(pixels // 2, length - (pixels - 1) // 2) for pixels, length in zip(size, picture.shape, strict=True)
    )
    within = density[whole]
    top, left = (int(index) for index in np.unravel_index(int(within.argmax()), within.shape))
    return Detail(slice(top, top + size[0]), slice(left, left + size[1])), float(within.max())


def _fineness(picture: NDArray[np.float32], spacing: tuple[float, float]) -> NDArray[np.float64]:
    """How steep the picture is around each pixel in the direction in which it is least so, in HU/mm.

    That is the root of the smaller eigenvalue of the structure tensor (Shi and Tomasi 1994), averaged over 10 mm: large
    for vessels, trabeculae and small inserts, small for a long edge such as the skin however strong. Strong edges count
    no more than moderate ones, and the median over the body, which is noise, is taken off.
    """
    smooth = smoothed(picture, spacing, 1.0)
    down, across = steepness(smooth, spacing)
    limit = np.minimum(1.0, _EDGE_LIMIT_HU_PER_MM / np.maximum(np.hypot(down, across), 1e-6))
    down, across = limit * down, limit * across
    size = [max(1, round(_TENSOR_MM / step)) for step in spacing]
    yy, xx, yx = (ndimage.uniform_filter(part, size) for part in (down * down, across * across, down * across))
    fineness = np.sqrt(np.maximum((yy + xx) / 2 - np.hypot((yy - xx) / 2, yx), 0.0))
    body = smooth > BODY_ABOVE_HU
    noise = float(np.median(fineness[body])) if body.any() else 0.0
    return np.asarray(np.maximum(fineness - noise, 0.0))


def _detail_pixels(picture: NDArray[np.float32], spacing: tuple[float, float]) -> tuple[int, int]:
    """Size of an enlarged part, no more than half of the picture each way."""
    rows, columns = (
        max(1, min(round(side / step), length // 2))
        for side, step, length in zip(_DETAIL_MM, spacing, picture.shape, strict=True)
    )
    return rows, columns


def smoothed(picture: NDArray[np.floating], spacing: tuple[float, float], sigma: float) -> NDArray[np.float64]:
    """Picture smoothed by a Gaussian of `sigma` mm; what is below air counts as air, so that padding makes no edges."""
    air = np.maximum(picture.astype(np.float64), -1000.0)
    return np.asarray(ndimage.gaussian_filter(air, (sigma / spacing[0], sigma / spacing[1])))


def steepness(
    picture: NDArray[np.float64], spacing: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Derivative along y and along x in HU/mm."""
    down, across = (np.asarray(ndimage.sobel(picture, axis) / (8 * spacing[axis])) for axis in (0, 1))
    return down, across

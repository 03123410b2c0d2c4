"""Forward projection: line integrals of attenuation along parallel rays.

scikit-image shears each section so that the rays of a view run along its rows or columns, and the sheared section is
summed: the projector of Joseph (IEEE Trans Med Imaging 1982;1:192), with one linear interpolation a pixel.
`skimage.transform.radon` works in the same way, but rotates, ties rays to pixels, and turns about a pixel's middle.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from skimage.transform import warp

from .attenuation import WATER_ATTENUATION_PER_MM
from .each_section import each_section
from .scan import ParallelScan, ScanError

# Outside the field, air of real images is noisy; only what is denser than this is an object.
_AIR_PER_MM = 0.1 * WATER_ATTENUATION_PER_MM


def project(attenuation: NDArray[np.floating], *, pixel_mm: float, scan: ParallelScan) -> NDArray[np.float32]:
    """Line integrals through sections whose middle lies at the centre of rotation.

    Each ray is as wide as the rays are apart: where pixels are finer, it is the mean of as many lines across its width
    as pixels fit into it. Between pixel centres attenuation is interpolated linearly, which blurs about as much as
    averaging over 1.4 pixels: give the object with pixels of half the ray spacing or finer where fine detail counts.

    Args:
        attenuation: mm⁻¹, shape (y, x) or (n, y, x). Air outside the scan's field may be noisy and is left out.
        pixel_mm: Side of a pixel.
        scan: Geometry.

    Returns:
        Line integrals without unit, shape (views, rays) or (n, views, rays).

    Raises:
        ScanError: The object is wider than the scan's field, a pixel has no value, or pixels have no size.
    """
    if not pixel_mm > 0:
        raise ScanError(f"Pixels cannot be {pixel_mm} mm wide: give a size above 0 mm.")
    sections = np.asarray(attenuation, dtype=np.float32)
    if not np.isfinite(sections).all():
        raise ScanError("The object has pixels without a value: replace them, by air for instance.")
    inside = _inside_field(sections, pixel_mm, scan)
    lines = max(1, math.ceil(scan.ray_spacing_mm / pixel_mm - 1e-6))

    def views_of(section: NDArray[np.float32]) -> NDArray[np.float32]:
        framed = np.where(inside, section, 0)
        return np.stack([_view(framed, angle, pixel_mm, scan, lines) for angle in scan.angles])

    return each_section(views_of, sections, shape=(scan.views, scan.rays))


def _inside_field(sections: NDArray[np.float32], pixel_mm: float, scan: ParallelScan) -> NDArray[np.bool_]:
    """Pixels of the scan's field, shape (y, x), when there is nothing but air outside."""
    y, x = ((np.arange(size) - (size - 1) / 2) * pixel_mm for size in sections.shape[-2:])
    distance = np.hypot(y[:, None], x[None])
    inside: NDArray[np.bool_] = distance <= scan.field_mm / 2
    dense = (sections.reshape(-1, *inside.shape) > _AIR_PER_MM).any(axis=0) & ~inside
    if dense.any():
        raise ScanError(
            f"The object reaches {distance[dense].max():.1f} mm from the centre of rotation, and the scan covers "
            f"{scan.field_mm / 2:.1f} mm: use more rays, rays further apart, or cut the object to the field."
        )
    return inside


def _view(
    section: NDArray[np.float32], angle: float, pixel_mm: float, scan: ParallelScan, lines: int
) -> NDArray[np.float32]:
    """One view, shape (rays,)."""
    across, along = math.cos(angle), math.sin(angle)
    if abs(across) < abs(along):
        section, across, along = section.T, along, across
    rows, columns = section.shape
    # A line at s crosses the row at y where x = (s − y · along) / across; all in pixels, the origin in the middle.
    step = scan.ray_spacing_mm / pixel_mm / lines
    first = -(scan.rays * lines - 1) / 2 * step
    middle_y, middle_x = (rows - 1) / 2, (columns - 1) / 2
    shear = np.array(
        [
            [step / across, -along / across, middle_x + (first + middle_y * along) / across],
            [0, 1, 0],
            [0, 0, 1],
        ]
    )
    sheared = warp(section, shear, output_shape=(rows, scan.rays * lines), order=1, preserve_range=True, clip=False)
    sums = sheared.sum(axis=0).reshape(scan.rays, lines).mean(axis=1)
    return np.asarray(sums * (pixel_mm / abs(across)), dtype=np.float32)

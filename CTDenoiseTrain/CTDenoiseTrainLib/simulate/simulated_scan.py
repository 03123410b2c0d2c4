"""A whole simulated scan: an object in HU in, a reconstruction in HU out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .attenuation import attenuation_of, hu_of
from .counts import noisy_line_integrals
from .filtered_back_projection import reconstruct
from .kernels import ReconstructionKernel
from .projection import project
from .scan import ParallelScan


def simulate(  # noqa: PLR0913 - the settings of a scanner
    hu: NDArray[np.floating] | NDArray[np.integer],
    *,
    pixel_mm: float,
    scan: ParallelScan,
    photons: float | NDArray[np.floating],
    kernel: ReconstructionKernel,
    matrix: int,
    out_pixel_mm: float,
    rng: np.random.Generator,
    electronic_noise: float = 0.0,
    noise_free: bool = False,
) -> NDArray[np.float32]:
    """Scan and reconstruct sections.

    For several doses, kernels or fields of view of one object call `project` once and the later steps (`counts`,
    `filtered_back_projection`) for each.

    Args:
        hu: The object, shape (y, x) or (n, y, x), its middle at the centre of rotation.
        pixel_mm: Side of a pixel of the object.
        scan: Geometry.
        photons: Sent along each ray: one number, or an array that broadcasts with (n, views, rays).
        kernel: Of the reconstruction.
        matrix: Rows and columns of the image.
        out_pixel_mm: Side of a pixel of the image.
        rng: Source of the noise.
        electronic_noise: Standard deviation in photons.
        noise_free: Leave all noise out, as with endless photons.

    Returns:
        HU, shape (matrix, matrix) or (n, matrix, matrix); air outside the scan's field.

    Raises:
        ScanError: The object is wider than the scan's field, or a setting is not possible.
    """
    lines = project(attenuation_of(hu), pixel_mm=pixel_mm, scan=scan)
    if not noise_free:
        lines = noisy_line_integrals(lines, photons=photons, electronic_noise=electronic_noise, rng=rng)
    return hu_of(reconstruct(lines, scan=scan, kernel=kernel, matrix=matrix, pixel_mm=out_pixel_mm))

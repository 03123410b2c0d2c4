"""The body in a section, and its tissues that patches are balanced between.

The bounds in HU are those of the audit of residuals (`CTDenoiseLib.measure.audit`): the body begins at −300 HU, soft
tissue with fat reaches from −190 to 150 HU, bone and contrast medium lie above. Lungs belong to the body, but to no
tissue of their own: they come in around their walls and vessels, which are edges. In images that are not in HU, such as
those of MR, all is body as a rule, and edges alone tell where there is something to see.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion, binary_fill_holes, gaussian_filter, label

from CTDenoiseLib.measure.audit.edge_ratio import BODY_ABOVE_HU, SMOOTHING_PIXELS
from CTDenoiseLib.measure.audit.tissue_classes import Tissue

LARGEST_SIDE = 512
"""Sections are averaged down until no side is longer: places need not be known to the pixel."""
FEWEST_PIXELS = 50
STEEPEST_SHARE = 0.15
"""Of the body within its skin. The 5 % that the audit calls edges would be little but the walls of the lungs."""
_SKIN_PIXELS = 5
_LEAST_SHARE_OF_LARGEST = 0.5


@dataclass(frozen=True)
class BodyTissues:
    """Where the body and its tissues lie in a section, on a grid coarser by a whole factor. Tissues may overlap.

    Attributes:
        factor: Rows and columns of the section that make one of the masks; a remainder at the end is left out.
        body: With all that it encloses, shape (y // factor, x // factor).
        soft_tissue: Fat, muscle and organs, same shape.
        bone: Bone and contrast medium, same shape.
        edges: The steepest share of the body within its skin, same shape.
    """

    factor: int
    body: NDArray[np.bool_]
    soft_tissue: NDArray[np.bool_]
    bone: NDArray[np.bool_]
    edges: NDArray[np.bool_]


def body_tissues(hu: NDArray[np.floating]) -> BodyTissues | None:
    """Find the body and its tissues in one section of 512² in about 20 ms.

    The body is the largest connected region above −300 HU, and those at least half as large, such as the other leg, but
    not the table, with their holes.

    Args:
        hu: The section in HU, shape (y, x), the less noise the better.

    Returns:
        The tissues, or `None` if the section shows no body.
    """
    factor = max(1, -(-max(hu.shape) // LARGEST_SIDE))
    coarse = _averaged_down(hu, factor)
    if min(coarse.shape) < 2:
        return None
    smooth = gaussian_filter(coarse, SMOOTHING_PIXELS)
    body = _large_regions(smooth > BODY_ABOVE_HU)
    if body.sum() < FEWEST_PIXELS:
        return None
    return BodyTissues(
        factor=factor,
        body=body,
        soft_tissue=body & (smooth >= Tissue.FAT.low) & (smooth < Tissue.SOFT_TISSUE.high),
        bone=body & (smooth >= Tissue.CONTRAST_OR_SPONGY_BONE.low),
        edges=_steepest(smooth, body),
    )


def _averaged_down(hu: NDArray[np.floating], factor: int) -> NDArray[np.float32]:
    rows, columns = (side // factor for side in hu.shape)
    blocks = hu[: rows * factor, : columns * factor].reshape(rows, factor, columns, factor)
    return np.asarray(blocks.mean((1, 3), dtype=np.float32))


def _large_regions(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    regions, count = label(mask)
    if count == 0:
        return mask
    sizes = np.bincount(regions.ravel())
    sizes[0] = 0
    large = sizes >= _LEAST_SHARE_OF_LARGEST * sizes.max()
    return np.asarray(binary_fill_holes(large[regions]))


def _steepest(smooth: NDArray[np.float32], body: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The steepest pixels, less the skin, which would be most of them."""
    within = binary_erosion(body, iterations=_SKIN_PIXELS, border_value=1)
    if not within.any():
        within = body
    slope = np.hypot(*np.gradient(smooth))
    return np.asarray(within & (slope >= np.quantile(slope[within], 1 - STEEPEST_SHARE)))

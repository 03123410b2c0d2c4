"""A coarse image on the grid of a fine one: how an image of low resolution becomes the input of a network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform

from CTDenoiseLib.volume import Volume

from ..errors import DataError
from ..noise.by_section import each_section
from .outside_field import with_air_outside

_SAME_DIRECTION = 1e-4
_SAME_PLACE = 1e-3


def on_finer_grid(coarse: Volume, fine: Volume, *, what: str) -> tuple[Volume, Volume]:
    """Interpolate an image at the voxels of another one.

    Between sections linearly, within them by cubic splines, in floating point.

    Args:
        coarse: The image to interpolate.
        fine: Gives the grid, oriented in the same way.
        what: Names both in messages.

    Returns:
        Both on the part of the fine grid that the coarse image covers.

    Raises:
        DataError: They are oriented differently or show nothing in common.
    """
    if not np.allclose(coarse.geometry.direction, fine.geometry.direction, atol=_SAME_DIRECTION):
        raise DataError(
            f"The sections of {what} are oriented differently; give series of the same plane, with rows and columns in "
            "the same direction."
        )
    step = np.divide(fine.geometry.spacing, coarse.geometry.spacing)
    between = np.array(fine.geometry.origin) - coarse.geometry.origin
    start = np.array(fine.geometry.direction) @ between / coarse.geometry.spacing
    covered = tuple(
        _covered(*axis) for axis in zip(start.tolist(), step.tolist(), coarse.shape, fine.shape, strict=True)
    )
    if any(part.start >= part.stop for part in covered):
        raise DataError(f"The images of {what} show nothing in common; give series of the same part of the body.")
    part = _part(fine, covered)
    first = start + step * [axis.start for axis in covered]
    hu = np.empty(part.shape, np.float32)
    each_section(lambda index: _interpolate(coarse, first, step, index, out=hu[index]), len(hu))
    return Volume(hu, part.geometry, coarse.acquisition), part


def _covered(start: float, step: float, coarse: int, fine: int) -> slice:
    """Indices of the fine grid along one axis that lie between the outermost voxels of the coarse one."""
    first = max(0, int(np.ceil((-_SAME_PLACE - start) / step)))
    last = min(fine - 1, int(np.floor((coarse - 1 + _SAME_PLACE - start) / step)))
    return slice(first, last + 1)


def _part(volume: Volume, covered: tuple[slice, ...]) -> Volume:
    geometry = volume.geometry
    steps = np.array(geometry.direction) * np.array(geometry.spacing)[:, None]
    x, y, z = (np.array(geometry.origin) + np.array([axis.start for axis in covered]) @ steps).tolist()
    return Volume(volume.hu[covered], replace(geometry, origin=(x, y, z)), volume.acquisition)


def _interpolate(
    coarse: Volume,
    start: NDArray[np.float64],
    step: NDArray[np.float64],
    index: int,
    *,
    out: NDArray[np.float32],
) -> None:
    last = coarse.shape[0] - 1
    place = float(np.clip(start[0] + index * step[0], 0, last))
    below = min(int(place), max(last - 1, 0))
    share = np.float32(place - below)
    section = with_air_outside(coarse, below)
    if share:
        section = (1 - share) * section + share * with_air_outside(coarse, below + 1)
    affine_transform(section, step[1:], start[1:], output_shape=out.shape, output=out, order=3, mode="nearest")

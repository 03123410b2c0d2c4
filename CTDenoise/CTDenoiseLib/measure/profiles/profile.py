"""Line profile: HU along a line or curve in world coordinates, in any number of images at once.

Each image is read in its own voxels, so images of different grids can be compared; the samples lie at the same world
points in all of them. Interpolation lowers noise between voxel centres (see `interpolation`): a profile at half-voxel
steps has about 10 to 20 % less noise than the voxels along each axis it does not follow, and its samples are not
independent. A width lowers noise further, by the root of the number of independent voxels averaged, and blurs what
does not run straight across the path.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...volume import Vector
from ..errors import OutsideImageError
from ..image import Grid, MeasuredImage
from .interpolation import Interpolation, inside, interpolate
from .path import PathSamples, ProfilePath

# A path closer than this to the normal of its plane has no direction across in it.
_PARALLEL = 1e-3


@dataclass(frozen=True, kw_only=True)
class ProfileSettings:
    """How a profile is taken.

    Attributes:
        interpolation: Between voxel centres, see `interpolation`.
        width_mm: Width across the path over which HU are averaged; 0 for the path alone.
        step_mm: Longest distance of samples along the path; `None` for half a voxel of the finest image.
        plane_normal: Normal of the plane in which the width lies, such as that of the slice view in which the line was
            drawn, in world coordinates; `None` for the sections of the first image.
    """

    interpolation: Interpolation = "linear"
    width_mm: float = 0.0
    step_mm: float | None = None
    plane_normal: Vector | None = None


_DEFAULT_SETTINGS = ProfileSettings()


@dataclass(frozen=True, eq=False)
class Profiles:
    """HU along one path in several images.

    Attributes:
        distance_mm: Distance from the start of the path, shape (m,), equally spaced, the same for all images.
        points: World points (x, y, z) of the path in mm, shape (m, 3).
        names: Of the images.
        hu: For each image HU, shape (m,), averaged over the width; NaN where there is no data across the whole width.
        standard_error: For each image the standard error of this average in HU, shape (m,), from the spread over the
            width; `None` without a width or with one below a voxel. Samples a voxel apart count as independent, which
            interpolation makes up to 30 % too small, and blotchy noise more.
        remarks: For each image what is missing and why, as a sentence; empty if nothing is.
        settings: How they were taken.
    """

    distance_mm: NDArray[np.float64]
    points: NDArray[np.float64]
    names: tuple[str, ...]
    hu: tuple[NDArray[np.float64], ...]
    standard_error: tuple[NDArray[np.float64] | None, ...]
    remarks: tuple[str, ...]
    settings: ProfileSettings = field(default=_DEFAULT_SETTINGS)


def sample_profiles(
    images: Sequence[MeasuredImage], path: ProfilePath, settings: ProfileSettings = _DEFAULT_SETTINGS
) -> Profiles:
    """HU of images along a path.

    With a width, each sample is the mean over equally spaced places across the path, no more than a voxel of the image
    apart, in the plane that the normal tells. Where the path runs along the normal, the width lies along the rows or
    columns of the first image.

    Args:
        images: At least one; only voxels near the path are read.
        path: The line or curve, in the world of the images' grids.
        settings: Interpolation, width and step.

    Raises:
        OutsideImageError: No image holds any part of the path.
    """
    step = settings.step_mm or min(_step(image.grid, path) for image in images)
    samples = path.resampled(step)
    across = _across(samples.tangents, settings.plane_normal, images[0].grid)
    taken = [_take(image, samples, across, settings) for image in images]
    if all(not inside(image.grid.to_index(samples.points), image.grid.shape).any() for image in images):
        raise OutsideImageError("The line lies outside the images; draw it inside.")
    return Profiles(
        distance_mm=samples.distance,
        points=samples.points,
        names=tuple(image.name for image in images),
        hu=tuple(hu for hu, _ in taken),
        standard_error=tuple(error for _, error in taken),
        remarks=tuple(_remark(image, samples, hu) for image, (hu, _) in zip(images, taken, strict=True)),
        settings=settings,
    )


def _step(grid: Grid, path: ProfilePath) -> float:
    """Half the length of a voxel in the direction in which the path meets most of them."""
    legs = np.diff(path.points, axis=0)
    legs = legs[np.linalg.norm(legs, axis=1) > 0]
    return 0.5 / _voxels_per_mm(grid, _unit(legs))


def _voxels_per_mm(grid: Grid, directions: NDArray[np.float64]) -> float:
    """How many voxels, counted along the voxel axes, a millimetre in the densest of these unit directions meets."""
    return float(np.linalg.norm(directions @ grid.index_from_world[:3, :3].T, axis=1).max())


def _across(tangents: NDArray[np.float64], normal: Vector | None, grid: Grid) -> NDArray[np.float64]:
    """Unit vectors across the path in the plane of that normal, shape (m, 3)."""
    sections, rows, columns = np.linalg.inv(grid.world_from_index[:3, :3])
    across = np.cross(tangents, _unit(sections if normal is None else np.array(normal, dtype=np.float64)))
    for other in (rows, columns):
        parallel = np.linalg.norm(across, axis=1) < _PARALLEL
        if parallel.any():
            across[parallel] = np.cross(tangents[parallel], _unit(other))
    return _unit(across)


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def _take(
    image: MeasuredImage, samples: PathSamples, across: NDArray[np.float64], settings: ProfileSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """HU along the path, and their standard error if there is a width."""
    grid = image.grid
    index = grid.to_index(samples.points)
    places = max(1, math.ceil(settings.width_mm * _voxels_per_mm(grid, across) - 1e-6))
    if places == 1:
        return interpolate(image, index, interpolation=settings.interpolation), None
    offsets = ((np.arange(places) + 0.5) / places - 0.5) * settings.width_mm
    directions = across @ grid.index_from_world[:3, :3].T
    hu = interpolate(image, index + offsets[:, None, None] * directions, interpolation=settings.interpolation)
    return hu.mean(axis=0), hu.std(axis=0, ddof=1) / math.sqrt(places)


def _remark(image: MeasuredImage, samples: PathSamples, hu: NDArray[np.float64]) -> str:
    """What is missing, and why."""
    missing = np.isnan(hu)
    if not missing.any():
        return ""
    index = image.grid.to_index(samples.points)
    outside = missing & ~inside(index, image.grid.shape)
    undone = missing & ~outside & ~_holds_data(image, index[:, 0])
    length = samples.distance[-1]
    parts = [
        f"{length * count.mean():.1f} mm {why}"
        for count, why in (
            (outside, "outside the image"),
            (undone, "in sections that hold no data yet"),
            (missing & ~outside & ~undone, "at the border of the image or in its padding"),
        )
        if count.any()
    ]
    return f"Of the {length:.1f} mm of the line, {' and '.join(parts)} have no HU."


def _holds_data(image: MeasuredImage, section: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the sections on both sides of these places hold data."""
    if image.sections is None:
        return np.ones(section.shape, dtype=bool)
    known = list(image.sections)
    return np.asarray(np.isin(np.floor(section), known) & np.isin(np.ceil(section), known))

"""Where an edge lies: a disc or a straight edge fitted to noisy pixels to a hundredth of a pixel.

The edge is fitted as a step of contrast c, blurred by a Gaussian, on a plane (cupping and heel effects tilt what lies
around it): v = b + g·(y, x) + c·Φ(distance / s), least squares over all pixels near it. Unlike the centroid of a
threshold, this uses every pixel at its own value, so noise averages out, and a kernel that rings does no harm: it rings
alike on all sides. Only the place is taken from the fit, never the blur.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.signal import fftconvolve
from scipy.special import ndtr

from ..errors import MeasurementError
from .edge_place import DiscEdge, StraightEdge

Floats = NDArray[np.float64]

# From 10 to 90 % of a Gaussian edge, in its standard deviations.
TEN_TO_NINETY = 2.5631

# The fit looks at this share of the radius on either side of the edge of a disc.
_FITTED_SHARE = 0.6
# The first guess is blurred by this share of the radius, so that the fit finds an edge some way off.
_FIRST_BLUR = 0.2
# A fit of eight numbers to noisy pixels needs many more of them.
_LEAST_PIXELS, _LEAST_SIDE = 40, 8
# Logarithms of the blurs in mm between which the fit stays.
_LOG_BLURS = -7.0, 7.0


class NoEdgeError(MeasurementError):
    """There is no edge where one was expected."""


def find_disc(
    sections: Floats, *, pixel_spacing: tuple[float, float], centre: tuple[float, float] | None, radius_mm: float
) -> DiscEdge:
    """Fit the edge of a disc.

    Args:
        sections: HU, shape (n, y, x).
        pixel_spacing: Row and column spacing (y, x) in mm.
        centre: Roughly, within half a radius, in pixels (y, x); `None` looks for the most striking disc.
        radius_mm: Roughly, within a quarter.

    Raises:
        NoEdgeError: The fit found no disc of about this radius there, or different ones in the sections.
    """
    if not radius_mm > 0:
        raise NoEdgeError("A disc has a radius above zero; state about how large it is.")
    spacing = np.asarray(pixel_spacing)
    mean = sections.mean(axis=0)
    start = (np.asarray(centre) if centre is not None else _most_striking_disc(mean, spacing, radius_mm)) * spacing
    whole = _fit_disc(mean, spacing, start, radius_mm)
    place, radius, blur = whole.shape[:2], float(whole.shape[2]), whole.blur
    found = 0.5 < radius / radius_mm < 1.5 and np.linalg.norm(place - start) < radius_mm and blur < radius
    if not (found and whole.stands_out):
        raise NoEdgeError(
            f"There is no disc of about {radius_mm:g} mm radius here. Place the measurement on a rod or disc that "
            "differs from its surroundings, and give its radius."
        )
    drift = np.zeros(2)
    if len(sections) > 1:
        first, second, apart = _halves(sections)
        ends = [_fit_disc(half, spacing, place, radius).shape[:2] for half in (first, second)]
        drift = (ends[1] - ends[0]) / apart
        # Across an edge that faces in all directions, half of the drift counts.
        blur = _without_drift(blur, float(drift @ drift) / 2, len(sections))
    return DiscEdge(
        centre=_pair(place / spacing),
        drift=_pair(drift / spacing),
        radius_mm=radius,
        width_mm=max(TEN_TO_NINETY * blur, min(pixel_spacing)),
        contrast_hu=whole.contrast,
        slope=whole.slope,
    )


def find_straight_edge(sections: Floats, *, pixel_spacing: tuple[float, float]) -> StraightEdge:
    """Fit the one straight edge that crosses the sections.

    Args:
        sections: HU, shape (n, y, x).
        pixel_spacing: Row and column spacing (y, x) in mm.

    Raises:
        NoEdgeError: The fit found no edge inside the picture, or different ones in the sections.
    """
    spacing = np.asarray(pixel_spacing)
    mean = sections.mean(axis=0)
    if min(mean.shape) < _LEAST_SIDE:
        raise NoEdgeError(f"A region of less than {_LEAST_SIDE} rows and columns is too small to find an edge in.")
    whole = _fit_straight_edge(mean, spacing)
    angle, offset = whole.shape
    normal = np.array([np.sin(angle), np.cos(angle)])
    size = (np.asarray(mean.shape) - 1) * spacing
    found = abs(normal @ (size / 2) - offset) < 0.5 * np.abs(normal) @ size and whole.blur < 0.25 * size.max()
    if not (found and whole.stands_out and whole.contrast > 0):
        raise NoEdgeError("There is no straight edge here. Place the region so that one edge crosses its middle.")
    drift, blur = 0.0, whole.blur
    if len(sections) > 1:
        first, second, apart = _halves(sections)
        ends = [_fit_straight_edge(half, spacing, start=whole).shape[1] for half in (first, second)]
        drift = float(ends[1] - ends[0]) / apart
        blur = _without_drift(blur, drift**2, len(sections))
    return StraightEdge(
        normal=_pair(normal),
        offset_mm=float(offset),
        drift_mm=drift,
        width_mm=max(TEN_TO_NINETY * blur, min(pixel_spacing)),
        contrast_hu=whole.contrast,
        slope=whole.slope,
    )


@dataclass(frozen=True)
class _Fit:
    """Result of a fit: the numbers that give the shape, the blur in mm, the step on a plane, and what remains (rms)."""

    shape: Floats
    blur: float
    contrast: float
    slope: tuple[float, float]
    remains: float

    @property
    def stands_out(self) -> bool:
        """Whether there is a step at all: one that a single pixel would hint at."""
        return abs(self.contrast) > self.remains


def _fit_disc(picture: Floats, spacing: Floats, start: Floats, radius: float) -> _Fit:
    """Fit centre (y, x) and radius, all in mm."""
    place = np.moveaxis(np.indices(picture.shape), 0, -1) * spacing
    distance = np.linalg.norm(place - start, axis=-1)
    near = np.abs(distance - radius) < _FITTED_SHARE * radius
    if near.sum() < _LEAST_PIXELS:
        raise NoEdgeError(f"Too few pixels lie around a disc of {radius:g} mm radius here to measure its edge.")

    def inside(shape: Floats, y: Floats, x: Floats) -> Floats:
        return np.asarray(shape[2] - np.hypot(y - shape[0], x - shape[1]))

    return _fit(inside, np.array([*start, radius]), _FIRST_BLUR * radius, place[near], picture[near])


def _fit_straight_edge(picture: Floats, spacing: Floats, *, start: _Fit | None = None) -> _Fit:
    """Fit the angle of the normal, whose (y, x) is (sin, cos), and the offset in mm."""
    place = np.moveaxis(np.indices(picture.shape), 0, -1) * spacing

    def beyond(shape: Floats, y: Floats, x: Floats) -> Floats:
        return np.asarray(y * np.sin(shape[0]) + x * np.cos(shape[0]) - shape[1])

    if start is not None:
        return _fit(beyond, start.shape, start.blur, place.reshape(-1, 2), picture.ravel())
    # The mean gradient of a picture with one edge points across it.
    gradient = [float(np.mean(np.gradient(picture, step, axis=axis))) for axis, step in enumerate(spacing)]
    angle = float(np.arctan2(gradient[0], gradient[1]))
    middle = (np.asarray(picture.shape) - 1) * spacing / 2
    first = np.array([angle, middle @ [np.sin(angle), np.cos(angle)]])
    return _fit(beyond, first, 0.1 * float(middle.max()), place.reshape(-1, 2), picture.ravel())


def _fit(
    distance: Callable[[Floats, Floats, Floats], Floats],
    start: Floats,
    blur: float,
    place: Floats,
    values: Floats,
) -> _Fit:
    """Fit a blurred step on a plane: shape and blur by Gauss-Newton, the four linear numbers exactly at each step."""
    y, x = place.T
    plane = np.stack([np.ones_like(y), y - y.mean(), x - x.mean()], axis=1)

    def blur_of(numbers: Floats) -> float:
        return float(np.exp(np.clip(numbers[-1], *_LOG_BLURS)))

    def linear(numbers: Floats) -> tuple[Floats, Floats]:
        design = np.column_stack([ndtr(distance(numbers[:-1], y, x) / blur_of(numbers)), plane])
        weights = np.linalg.lstsq(design.T @ design, design.T @ values, rcond=1e-12)[0]
        return weights, design @ weights - values

    found = least_squares(lambda numbers: linear(numbers)[1], np.append(start, np.log(blur)), x_scale="jac").x
    weights, remains = linear(found)
    rms = float(np.sqrt(np.mean(remains**2)))
    return _Fit(found[:-1], blur_of(found), float(weights[0]), _pair(weights[2:]), rms)


def _most_striking_disc(picture: Floats, spacing: Floats, radius: float) -> Floats:
    """Where a disc of this radius differs most from the ring around it, in pixels (y, x)."""
    reach = np.ceil(1.5 * radius / spacing).astype(int)
    y, x = (np.arange(-size, size + 1) * step for size, step in zip(reach, spacing, strict=True))
    distance = np.hypot(y[:, None], x[None, :])
    disc, ring = distance < radius, (distance >= radius) & (distance < 1.5 * radius)
    if np.any(2 * reach + 1 > np.asarray(picture.shape)):
        return np.asarray((np.asarray(picture.shape) - 1) / 2)
    template = disc / disc.sum() - ring / ring.sum()
    match: Floats = np.abs(fftconvolve(picture - picture.mean(), template, mode="valid"))
    return np.asarray(np.unravel_index(int(match.argmax()), match.shape) + reach, dtype=np.float64)


def _without_drift(blur: float, square: float, sections: int) -> float:
    """Blur of each section, from that of the mean of sections whose edge drifts, given the square of the drift."""
    remains = blur**2 - square * (sections**2 - 1) / 12
    if remains <= 0:
        raise NoEdgeError("The sections do not show the same edge; choose fewer of them, all through the one object.")
    return math.sqrt(remains)


def _halves(sections: Floats) -> tuple[Floats, Floats, int]:
    """Means of the first and of the second half, and how many sections apart their middles are."""
    half = (len(sections) + 1) // 2
    return sections[:half].mean(axis=0), sections[-half:].mean(axis=0), len(sections) - half


def _pair(values: Floats) -> tuple[float, float]:
    return float(values[0]), float(values[1])

"""How true an image is: error against the targets, bias of HU, and structure that is not in the object."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, map_coordinates

from CTDenoiseLib.measure.likeness.similarity import similarity
from CTDenoiseLib.measure.measured import Measured

from .places import distances, square_around
from .settings import Settings
from .shapes import Floats, Place
from .unseen_phantoms import (
    LESIONS,
    LIVER,
    LIVER_RADIUS_MM,
    LUMEN_HU,
    ROD_RADIUS_MM,
    RODS,
    STENT_ALONG,
    STENTS_ACROSS,
)

# HU that coronary CT is looked at in.
WINDOW_HU = (-160.0, 840.0)
_COMPARED_HALF_MM = 20.0
# As far from an edge as the blur of the conventional scanner reaches.
AROUND_EDGE_MM = 1.5
_EDGE_HU = 1.0
_WELL_INSIDE = 0.6


@dataclass(frozen=True)
class Likeness:
    """How alike single scans are to a target without noise, in a window of −160 to 840 HU.

    Attributes:
        rmse: Root mean square of the difference in HU.
        psnr: In dB.
        ssim: Structural similarity.
    """

    rmse: float
    psnr: float
    ssim: float


@dataclass(frozen=True)
class SystematicError:
    """What remains of the difference from the sharp target without noise when noise is averaged away, rms in HU.

    Attributes:
        at_edges: Within 1.5 mm of the edges of the object.
        elsewhere: In the rest of the body, which is even: structure here is invented.
    """

    at_edges: float
    elsewhere: float


def likeness(stack: Floats, target: Floats, settings: Settings) -> Likeness:
    """Compare single scans (n, y, x) with a target (y, x)."""
    rows, columns = square_around((0.0, 0.0), _COMPARED_HALF_MM, settings)
    reference = np.broadcast_to(target, stack.shape)[:, rows, columns]
    found = similarity(reference, stack[:, rows, columns], window=WINDOW_HU)
    return Likeness(found.rmse, found.psnr, found.ssim.value if isinstance(found.ssim, Measured) else float("nan"))


def systematic_error(stack: Floats, sharp: Floats, object_hu: Floats, settings: Settings) -> SystematicError:
    """Compare the mean of repeated scans with the sharp target.

    Args:
        stack: Repeated scans, shape (n, y, x).
        sharp: The sharp scanner's section without noise, shape (y, x).
        object_hu: What was scanned, on the fine grid.
        settings: Of the experiment.
    """
    near = _edge_distance(object_hu, settings) < AROUND_EDGE_MM
    body = distances((0.0, 0.0), settings) < settings.body_mm / 2
    # The mean still holds the noise of one scan over the root of their number.
    square = np.square(stack.mean(axis=0) - sharp) - stack.var(axis=0, ddof=1) / len(stack)
    at_edges, elsewhere = (math.sqrt(max(float(square[body & where].mean()), 0.0)) for where in (near, ~near))
    return SystematicError(at_edges, elsewhere)


def _edge_distance(object_hu: Floats, settings: Settings) -> NDArray[np.float64]:
    """Distance of each pixel of the sections from the nearest edge of the object in mm, shape (y, x)."""
    edges = np.hypot(*np.gradient(object_hu)) > _EDGE_HU
    fine = distance_transform_edt(~edges) * settings.object_pixel_mm
    place = (np.arange(settings.matrix) - (settings.matrix - 1) / 2) * settings.pixel_mm / settings.object_pixel_mm
    place += (len(object_hu) - 1) / 2
    return np.asarray(map_coordinates(fine, np.meshgrid(place, place, indexing="ij"), order=1, mode="nearest"))


def rod_bias(section: Floats, sharp: Floats, settings: Settings) -> dict[float, float]:
    """Mean HU well inside each rod minus that of the sharp target, by contrast; 0 stands for the even middle."""
    radius = _WELL_INSIDE * ROD_RADIUS_MM
    places = {0.0: (0.0, 0.0)} | RODS
    return {
        contrast: _mean(section, place, radius, settings) - _mean(sharp, place, radius, settings)
        for contrast, place in places.items()
    }


def lumen_errors(section: Floats, settings: Settings) -> dict[str, float]:
    """Mean HU in the middle of stented lumens minus the truth: metal that blooms raises it."""
    stents = {f"across, {stent.diameter_mm:g} mm": (stent.centre, stent.diameter_mm) for stent in STENTS_ACROSS}
    stents[f"along, {STENT_ALONG.diameter_mm:g} mm"] = STENT_ALONG.centre, STENT_ALONG.diameter_mm
    return {
        name: _mean(section, centre, diameter / 6, settings) - LUMEN_HU for name, (centre, diameter) in stents.items()
    }


def lesion_contrasts(section: Floats, settings: Settings) -> dict[tuple[float, float], float]:
    """HU of each lesion, well inside, minus the liver beside it, by contrast and diameter."""
    liver = _mean(section, LIVER, LIVER_RADIUS_MM, settings)
    return {
        lesion: _mean(section, place, _WELL_INSIDE * lesion[1] / 2, settings) - liver
        for lesion, place in LESIONS.items()
    }


def _mean(section: Floats, place: Place, radius_mm: float, settings: Settings) -> float:
    return float(section[distances(place, settings) <= radius_mm].mean())

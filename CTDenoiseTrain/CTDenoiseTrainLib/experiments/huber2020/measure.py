"""What is measured of the pictures: likeness to the full dose, noise and its texture, bones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.measure.image import Grid, MeasuredImage
from CTDenoiseLib.measure.likeness.similarity import similarity
from CTDenoiseLib.measure.measured import Measured, Measurement
from CTDenoiseLib.measure.noise.nps import difference_nps
from CTDenoiseLib.measure.noise.nps_regions import NpsRegions, square_regions
from CTDenoiseLib.measure.regions.uniform_places import NoUniformPlaceError, uniform_places
from CTDenoiseLib.volume import Geometry

from ...errors import DataError
from .bones import BoneLine, bone_profiles, profile_features_of

Pictures = NDArray[np.float32]

WINDOW_HU = (-160.0, 240.0)
"""The soft tissue window of the article's notebook."""
_SQUARE_PIXELS = 32
_PLACES = 6


def noise_places(anatomy: Pictures, *, pixel_mm: float) -> list[NpsRegions | None]:
    """Squares of uniform soft tissue in each section; `None` for one that has none.

    Args:
        anatomy: The sections before they were scanned, so that their noise has no part in the choice, shape (n, y, x).
        pixel_mm: Side of a pixel.

    Raises:
        DataError: None of the sections has any.
    """
    places = [_squares_of(section, pixel_mm) for section in anatomy]
    if all(squares is None for squares in places):
        raise DataError("The test sections show no uniform soft tissue to measure noise in; use others.")
    return places


def measure_pictures(
    pictures: Mapping[str, Pictures],
    reference: str,
    *,
    places: Sequence[NpsRegions | None],
    bones: Sequence[BoneLine],
    pixel_mm: float,
) -> dict[str, dict[str, Any]]:
    """Measure pictures of two scans each.

    Args:
        pictures: HU by name, each of shape (2, n, y, x): of two scans with independent noise.
        reference: Name of those that the others are compared with.
        places: Where noise is measured.
        bones: Lines across bones.
        pixel_mm: Side of a pixel.

    Returns:
        By name: "rmse" in HU, "psnr" in dB and "ssim" in the soft tissue window, of the first scan; "noise" in HU,
        "frequency" in mm⁻¹, "power" in HU²·mm² and "mean_frequency" in mm⁻¹ from the difference of both scans;
        "contrast" in HU and "edge" in mm of each bone in the first scan, `None` where it cannot be measured.
    """
    return {
        name: {
            **_likeness(pictures[reference][0], own[0]),
            **_noise(own, places, pixel_mm),
            **_bones(own[0], bones, pixel_mm),
        }
        for name, own in pictures.items()
    }


def power_apart(power: Sequence[float], reference: Sequence[float]) -> float:
    """How far a noise power spectrum is from another: area between the curves over that under the reference, in %."""
    one, other = np.array(power), np.array(reference)
    return float(100 * np.abs(one - other).sum() / other.sum())


def _squares_of(section: Pictures, pixel_mm: float) -> NpsRegions | None:
    image = MeasuredImage(
        "anatomy", section[None], Grid.of(Geometry(spacing=(1.0, pixel_mm, pixel_mm)), (1, *section.shape))
    )
    try:
        # Odd sides are taken there: one pixel more holds just one square.
        boxes = uniform_places(image, count=_PLACES, side_mm=(_SQUARE_PIXELS + 1) * pixel_mm)
    except NoUniformPlaceError:
        return None
    return square_regions([box.shape for box in boxes], image, side_pixels=_SQUARE_PIXELS)


def _likeness(reference: Pictures, other: Pictures) -> dict[str, float | None]:
    found = similarity(reference, other, window=WINDOW_HU)
    return {"rmse": found.rmse, "psnr": found.psnr, "ssim": _value(found.ssim)}


def _noise(scans: Pictures, places: Sequence[NpsRegions | None], pixel_mm: float) -> dict[str, Any]:
    first, second = (
        np.concatenate(
            [
                regions.values(MeasuredImage("scan", section[None], regions.grid)).astype(np.float64)
                for section, regions in zip(scan, places, strict=True)
                if regions is not None
            ]
        )
        for scan in scans
    )
    spectrum = difference_nps(first, second, pixel_spacing=(pixel_mm, pixel_mm))
    return {
        "noise": spectrum.noise,
        "mean_frequency": spectrum.mean_frequency,
        "frequency": spectrum.frequency.tolist(),
        "power": spectrum.power.tolist(),
        "squares": spectrum.regions,
    }


def _bones(pictures: Pictures, bones: Sequence[BoneLine], pixel_mm: float) -> dict[str, list[float | None]]:
    features = [profile_features_of(bone_profiles({"": pictures}, line, pixel_mm=pixel_mm))[""] for line in bones]
    return {
        "contrast": [_value(own.peak_contrast) for own in features],
        "edge": [_value(own.edge_distance) for own in features],
    }


def _value(measurement: Measurement) -> float | None:
    return measurement.value if isinstance(measurement, Measured) else None

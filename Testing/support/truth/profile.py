"""Truth of line profiles: edges and peaks that are formulas, sampled in a tilted volume, and scipy."""

from __future__ import annotations

import math

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy import ndimage, signal

from CTDenoiseLib.measure.image import MeasuredImage
from CTDenoiseLib.measure.measured import Measured, Measurement
from CTDenoiseLib.measure.profiles.path import ProfilePath
from CTDenoiseLib.measure.profiles.profile import Profiles, ProfileSettings, sample_profiles
from CTDenoiseLib.measure.profiles.profile_features import profile_features
from support.analytic_profile import STEP, distances, edge, peak, rod
from support.tilted_grid import tilted_grid, voxel_centres

from .row import TruthRow

SCIPY = f"scipy {scipy.__version__}"
NO_FIT = "scipy interpolates the 10 and 90 % crossings of the sampled profile linearly."
LINEAR = "Linear interpolation blurs: it adds up to a twelfth of a squared voxel along each axis of the volume."
SAMPLED_MAXIMUM = "scipy takes the highest sample for the height."


def rows() -> tuple[TruthRow, ...]:
    """Analytic profiles, and a blurred rod in a volume that lies askew."""
    return (*_edges(), *_peaks(), *_rod(), *_volume(), *_width())


def _edges() -> tuple[TruthRow, ...]:
    x = distances(60)
    found = []
    for sigma in (0.5, 1.0, 3.0):
        curve = edge(x, 30.07, sigma=sigma, contrast=500, base=-100)
        features = profile_features(x, curve)
        case = f"edge of 500 HU, Gaussian blur of {sigma:g} mm, samples every {STEP:g} mm"
        places = np.interp([-50, 350], curve, x)
        found += [
            _row(
                "Edge distance 10–90 %",
                case,
                features.edge_distance,
                2.5631 * sigma,
                float(np.diff(places)[0]),
                note=NO_FIT,
            ),
            _row("Edge slope", case, features.edge_slope, 500 / (math.sqrt(2 * math.pi) * sigma)),
        ]
    return tuple(found)


def _peaks() -> tuple[TruthRow, ...]:
    x = distances(60)
    found = []
    for sigma, contrast in ((0.5, 300.0), (1.5, -300.0), (4.0, 300.0)):
        curve = peak(x, 30.07, sigma=sigma, contrast=contrast, base=50)
        features = profile_features(x, curve)
        case = f"Gaussian peak of {contrast:g} HU and {sigma:g} mm"
        upright = np.sign(contrast) * (curve - 50)
        ((width,), *_) = signal.peak_widths(upright, [int(upright.argmax())], rel_height=0.5)
        found += [
            _row("FWHM", case, features.fwhm, 2.35482 * sigma, width * STEP, note=SAMPLED_MAXIMUM),
            _row("Peak contrast", case, features.peak_contrast, contrast),
            _row("Edge distance 10–90 %", case, features.edge_distance, 1.68688 * sigma),
            _row("Edge slope", case, features.edge_slope, abs(contrast) * math.sqrt(math.log(4)) / (2 * sigma)),
        ]
    return tuple(found)


def _rod() -> tuple[TruthRow, ...]:
    x = distances(60)
    features = profile_features(x, rod(x, 30.03, width=12.0, sigma=0.6, contrast=800, base=100))
    case = "rod of 12 mm and 800 HU, Gaussian blur of 0.6 mm"
    return (
        _row("FWHM", case, features.fwhm, 12.0),
        _row("Peak contrast", case, features.peak_contrast, 800.0),
        _row("Edge distance 10–90 %", case, features.edge_distance, 2.5631 * 0.6),
    )


def _volume() -> tuple[TruthRow, ...]:
    """A slab askew in a volume, its profile read by both interpolations, and by scipy at the same places."""
    grid = tilted_grid((40, 96, 96), spacing=(0.8, 0.4, 0.4), degrees=(15, -20, 35))
    values = rod(voxel_centres(grid)[..., 0], 0.0, width=10.0, sigma=1.0, contrast=600, base=40).astype(np.float32)
    image = MeasuredImage("slab", values, grid)
    path = ProfilePath(np.array([[-14.0, 0.3, 0.2], [14.0, 0.3, 0.2]]))
    found = []
    for interpolation, order in (("linear", 1), ("cubic", 3)):
        profiles = sample_profiles([image], path, ProfileSettings(interpolation=interpolation))
        oracle = Profiles(
            profiles.distance_mm,
            profiles.points,
            profiles.names,
            (_scipy_values(values, grid.to_index(profiles.points), order),),
            (None,),
            ("",),
        )
        ours, theirs = (profile_features(each.distance_mm, each.hu[0]) for each in (profiles, oracle))
        case = f"slab of 10 mm, blur of 1 mm, in a tilted volume, {interpolation}"
        note = LINEAR if order == 1 else "scipy's is a cubic B-spline, which blurs less than cubic convolution."
        found += [
            _row("FWHM", case, ours.fwhm, 10.0, _value(theirs.fwhm), note=note),
            _row("Edge distance 10–90 %", case, ours.edge_distance, 2.5631, _value(theirs.edge_distance), note=note),
        ]
    return tuple(found)


def _width() -> tuple[TruthRow, ...]:
    """Averaging over a width across a bowl: the mean of y² over a width w is w²/12."""
    grid = tilted_grid((41, 81, 81), spacing=(0.25, 0.25, 0.25), degrees=(20, 30, 40))
    values = 100 * voxel_centres(grid)[..., 1] ** 2
    settings = ProfileSettings(width_mm=4.0, plane_normal=(0.0, 0.0, 1.0), interpolation="cubic")
    path = ProfilePath(np.array([[-3.0, 0.0, 0.0], [3.0, 0.0, 0.0]]))
    (hu,) = sample_profiles([MeasuredImage("bowl", values, grid)], path, settings).hu
    return (
        TruthRow(
            measure="Line profile, mean over a width",
            case="100·y² HU averaged over 4 mm in y",
            unit="HU",
            ours=float(hu.mean()),
            truth=100 * 4.0**2 / 12,
        ),
    )


def _scipy_values(values: NDArray[np.float32], index: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    return np.asarray(ndimage.map_coordinates(values.astype(np.float64), index.T, order=order, mode="mirror"))


def _row(
    measure: str,
    case: str,
    ours: Measurement,
    truth: float,
    oracle: float | None = None,
    *,
    note: str = "",
    tolerance: float = 0.02,
) -> TruthRow:
    return TruthRow(
        measure=measure,
        case=case,
        unit=ours.unit if isinstance(ours, Measured) else "",
        ours=_value(ours),
        truth=truth,
        oracle=oracle,
        oracle_name=SCIPY if oracle is not None else "",
        tolerance=tolerance,
        note=note,
    )


def _value(measurement: Measurement) -> float:
    return measurement.value if isinstance(measurement, Measured) else math.nan

"""Truth of regions and their statistics: solids of known volume, noise of known mean and deviation, two packages."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import scipy.stats
import SimpleITK
import skimage
from actilib.analysis.rois import CircleROI
from numpy.typing import NDArray
from skimage.draw import ellipse, ellipsoid, polygon

from CTDenoiseLib.measure.image import Grid, MeasuredImage
from CTDenoiseLib.measure.markups.smooth_curve import smooth_curve
from CTDenoiseLib.measure.regions.region import region_voxels
from CTDenoiseLib.measure.regions.roi_statistics import bias, contrast_to_noise, noise_reduction, roi_statistics
from CTDenoiseLib.measure.regions.shapes import Box, ClosedCurve, Cylinder, Ellipsoid, Shape
from support.tilted_grid import rotation, tilted_grid

from .row import TruthRow

SIMPLE_ITK = f"SimpleITK {SimpleITK.Version.VersionString()}"
SKIMAGE = f"scikit-image {skimage.__version__}"
SCIPY = f"scipy {scipy.__version__}"
ACTILIB = "actilib 0.99.1"

SHAPE, PIXEL_MM, SECTION_MM = (40, 256, 256), 0.5, 2.0
GRID = tilted_grid(SHAPE, spacing=(SECTION_MM, PIXEL_MM, PIXEL_MM))
TURNED = rotation(20, 30, 40)
MEAN, SD, OTHER_MEAN, SMOOTHED_SD = 100.0, 20.0, -20.0, 8.0
LESION = Ellipsoid((-31.8, 4.1, SECTION_MM / 2), rotation(0, 0, -25), (58, 50, 0))
BACKGROUND = Cylinder((31.2, -3.7, SECTION_MM / 2), np.eye(3), (48, 48), 0)
SECTION = 20

PARTIAL_VOXELS = (
    "Partial voxels are decided by their centre: volumes and areas scatter about the truth, the less the larger."
)
SAMPLE = "The truth is that of the noise; a region of n voxels deviates by 1/√n of the noise, its SD by 1/√(2n)."
DIVISOR = "actilib divides by n instead of n − 1."
MEDIAN = "SimpleITK takes the median from a histogram."


def rows() -> tuple[TruthRow, ...]:
    """Sizes of solids and areas, statistics of noise in a turned ellipse, and what compares two regions or images."""
    return (*_volumes(), *_areas(), *_statistics(), *_comparisons(), *_resampling())


def _volumes() -> tuple[TruthRow, ...]:
    axes = (15.2, 19.7, 23.1)  # half axes along z, y, x
    upright = Ellipsoid((0, 0, 0), np.eye(3), tuple(2 * axis for axis in reversed(axes)))
    spacing = (SECTION_MM, PIXEL_MM, PIXEL_MM)
    counted = np.count_nonzero(ellipsoid(*axes, spacing=spacing)) * np.prod(spacing)

    def row(case: str, shape: Shape, truth: float, oracle: float | None = None) -> TruthRow:
        return TruthRow(
            measure="Volume of a region",
            case=f"{case}, voxels of {PIXEL_MM} × {PIXEL_MM} × {SECTION_MM} mm",
            unit="mm³",
            ours=region_voxels(shape, GRID).volume_mm3,
            truth=truth,
            oracle=oracle,
            oracle_name=SKIMAGE if oracle else "",
            tolerance=0.005,
            note=PARTIAL_VOXELS,
        )

    return (
        row("ellipsoid", upright, 4 / 3 * math.pi * math.prod(axes), float(counted)),
        row("turned ellipsoid", Ellipsoid((1, 2, 3), TURNED, (40, 50, 36)), math.pi / 6 * 40 * 50 * 36),
        row("turned box", Box((1, 2, 3), TURNED, (30, 40, 35)), 30 * 40 * 35),
        row("turned cylinder", Cylinder((1, 2, 3), TURNED, (40, 40), 35), math.pi / 4 * 40 * 40 * 35),
    )


def _areas() -> tuple[TruthRow, ...]:
    control = np.array([[-30.0, -20, 1], [25, -28, 1], [38, 15, 1], [-4, 33, 1], [-22, 8, 1]])
    outline = smooth_curve(control, closed=True)
    x, y = outline[:, 0], outline[:, 1]
    shoelace = abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
    places = GRID.to_index(outline)
    filled = polygon(places[:, 1], places[:, 2], SHAPE[1:])[0].size * PIXEL_MM**2

    def row(case: str, shape: Shape, truth: float, oracle: float) -> TruthRow:
        return TruthRow(
            measure="Area of a region",
            case=f"{case} in one section, pixels of {PIXEL_MM} mm",
            unit="mm²",
            ours=region_voxels(shape, GRID).area_mm2 or math.nan,
            truth=truth,
            oracle=oracle,
            oracle_name=SKIMAGE,
            tolerance=0.005,
            note=PARTIAL_VOXELS,
        )

    return (
        row("turned ellipse", LESION, math.pi / 4 * 58 * 50, _lesion_mask().sum() * PIXEL_MM**2),
        row("closed curve", ClosedCurve(outline), shoelace, filled),
    )


def _statistics() -> tuple[TruthRow, ...]:
    image = _noisy(SD)
    (ours,) = roi_statistics(LESION, [image])
    theirs = _simple_itk(image)
    values = image.values[SECTION][_lesion_mask()]
    quantiles = scipy.stats.norm.ppf((0.05, 0.25, 0.75, 0.95), MEAN, SD)
    case = f"turned ellipse of {ours.count} voxels of {MEAN:g} ± {SD:g} HU"

    def row(figure: str, value: float, truth: float | None, oracle: float, *, by: str = SIMPLE_ITK) -> TruthRow:
        return TruthRow(
            measure=f"ROI statistics, {figure}",
            case=case,
            unit="" if figure == "SNR" else "HU",
            ours=value,
            truth=truth,
            oracle=oracle,
            oracle_name=by,
            note="" if truth is None else f"{SAMPLE} {MEDIAN}" if figure == "median" else SAMPLE,
        )

    return (
        row("mean", ours.mean, MEAN, theirs["mean"]),
        row("SD", ours.sd, SD, theirs["sd"]),
        row("SEM", ours.sem, SD / math.sqrt(ours.count), float(scipy.stats.sem(values)), by=SCIPY),
        row("median", ours.median, MEAN, theirs["median"]),
        *(
            row(
                f"percentile {percent}",
                found,
                float(quantile),
                float(scipy.stats.scoreatpercentile(values, percent)),
                by=SCIPY,
            )
            for percent, found, quantile in zip((5, 25, 75, 95), ours.percentiles, quantiles, strict=True)
        ),
        row("minimum", ours.minimum, None, theirs["minimum"]),
        row("maximum", ours.maximum, None, theirs["maximum"]),
        row("SNR", ours.snr or math.nan, MEAN / SD, theirs["mean"] / theirs["sd"]),
    )


def _comparisons() -> tuple[TruthRow, ...]:
    images = [_noisy(SD), _noisy(SMOOTHED_SD, shift=3.0)]
    before, after = roi_statistics(LESION, images)
    first, second = (_simple_itk(image) for image in images)
    behind = roi_statistics(BACKGROUND, images)[0]
    mean, sd = _actilib_circle(images[0])
    case = f"turned ellipse, {SD:g} and {SMOOTHED_SD:g} HU of noise"
    return (
        TruthRow(
            measure="Contrast-to-noise ratio",
            case=f"turned ellipse of {MEAN:g} HU, disc of {OTHER_MEAN:g} HU, noise {SD:g} HU",
            unit="",
            ours=contrast_to_noise(before, behind),
            truth=(MEAN - OTHER_MEAN) / SD,
            oracle=abs(first["mean"] - mean) / sd,
            oracle_name=f"{SIMPLE_ITK}, {ACTILIB}",
            note=f"{SAMPLE} {DIVISOR}",
        ),
        TruthRow(
            measure="Noise reduction",
            case=case,
            unit="%",
            ours=noise_reduction(before, after),
            truth=100 * (1 - SMOOTHED_SD / SD),
            oracle=100 * (1 - second["sd"] / first["sd"]),
            oracle_name=SIMPLE_ITK,
            note=SAMPLE,
        ),
        TruthRow(
            measure="HU bias",
            case=f"{case}, raised by 3 HU",
            unit="HU",
            ours=bias(before, after),
            truth=3.0,
            oracle=second["mean"] - first["mean"],
            oracle_name=SIMPLE_ITK,
            tolerance=0.05,
            note=SAMPLE,
        ),
    )


def _resampling() -> tuple[TruthRow, ...]:
    """A volume whose HU rise steadily, measured at the voxels of another grid: linear interpolation is exact."""
    grid = tilted_grid((30, 80, 90), spacing=(3.0, 1.1, 0.9), degrees=(5, -8, 12))
    rising = grid.to_world(np.stack(np.indices(grid.shape), axis=-1)) @ np.array([1.0, 2.0, -3.0])
    centre = np.array([3.0, -2.0, 4.0])
    shape = Ellipsoid(centre, TURNED, (20, 24, 28))
    other = MeasuredImage("Rising", rising, grid)
    _, ours = roi_statistics(shape, [_noisy(SD), other], resample=True)
    indices = region_voxels(shape, GRID).indices()
    return (
        TruthRow(
            measure="ROI statistics, mean of a resampled volume",
            case="HU rising by (1, 2, −3) HU/mm in a turned grid",
            unit="HU",
            ours=ours.mean,
            truth=float(centre @ (1.0, 2.0, -3.0)),
            oracle=float(_simple_itk_resampled(other)[tuple(indices.T)].mean()),
            oracle_name=SIMPLE_ITK,
        ),
    )


@cache
def _noisy(sd: float, shift: float = 0.0) -> MeasuredImage:
    """Two halves of different mean with white noise, float32."""
    values = np.full(SHAPE, MEAN + shift, dtype=np.float32)
    values[:, :, SHAPE[2] // 2 :] = OTHER_MEAN + shift
    noise = np.random.default_rng(4).standard_normal(SHAPE, dtype=np.float32)
    return MeasuredImage(f"{sd:g} HU", values + sd * noise, GRID)


@cache
def _lesion_mask() -> NDArray[np.bool_]:
    """The turned ellipse by scikit-image, shape (y, x)."""
    _, row, column = GRID.to_index(LESION.centre)
    axis = GRID.index_from_world[:3, :3] @ LESION.axes[0]
    mask = np.zeros(SHAPE[1:], dtype=bool)
    half = LESION.size / 2 / PIXEL_MM
    # scikit-image turns the first radius, that along rows, from y towards x.
    mask[ellipse(row, column, half[1], half[0], SHAPE[1:], rotation=math.atan2(-axis[1], axis[2]))] = True
    return mask


def _simple_itk(image: MeasuredImage) -> dict[str, float]:
    """Statistics of the turned ellipse, which scikit-image drew."""
    statistics = SimpleITK.LabelStatisticsImageFilter()
    statistics.SetUseHistograms(True)
    statistics.Execute(
        SimpleITK.GetImageFromArray(image.values[SECTION]), SimpleITK.GetImageFromArray(_lesion_mask().astype(np.uint8))
    )
    return {
        "mean": statistics.GetMean(1),
        "sd": statistics.GetSigma(1),
        "median": statistics.GetMedian(1),
        "minimum": statistics.GetMinimum(1),
        "maximum": statistics.GetMaximum(1),
    }


def _actilib_circle(image: MeasuredImage) -> tuple[float, float]:
    """Mean and SD of the background."""
    _, row, column = GRID.to_index(BACKGROUND.centre)
    circle = CircleROI(BACKGROUND.diameters[0] / 2 / PIXEL_MM, column, row)
    section = image.values[SECTION].astype(np.float64)
    return float(circle.get_masked_mean(section)), float(circle.get_masked_std(section))


def _simple_itk_resampled(image: MeasuredImage) -> NDArray[np.float64]:
    """An image at the voxels of the grid of this file, interpolated linearly, shape (z, y, x)."""
    found = SimpleITK.Resample(
        _as_simple_itk(image.values, image.grid),
        _as_simple_itk(np.zeros(GRID.shape, dtype=np.float64), GRID),
        SimpleITK.Transform(),
        SimpleITK.sitkLinear,
    )
    return SimpleITK.GetArrayFromImage(found)


def _as_simple_itk(values: NDArray[np.generic], grid: Grid) -> SimpleITK.Image:
    found = SimpleITK.GetImageFromArray(values)
    found.SetSpacing(grid.spacing[::-1])
    found.SetOrigin(grid.to_world(np.zeros(3)).tolist())
    found.SetDirection((grid.world_from_index[:3, [2, 1, 0]] / np.array(grid.spacing[::-1])).ravel().tolist())
    return found

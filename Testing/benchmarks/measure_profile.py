"""Line profiles and the global noise level, beside scipy: python Testing/benchmarks/measure_profile.py

Volumes lie on disk, memory-mapped, and hold nothing but zeros, which takes no place there; reading them takes as long.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import ndimage, signal

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.side_by_side import Row, compare, table
from CTDenoiseLib.measure.image import MeasuredImage
from CTDenoiseLib.measure.noise.global_noise_level import global_noise_level
from CTDenoiseLib.measure.profiles.path import ProfilePath
from CTDenoiseLib.measure.profiles.profile import ProfileSettings, sample_profiles
from CTDenoiseLib.measure.profiles.profile_features import profile_features
from support.analytic_profile import STEP, distances, peak, white_noise
from support.tilted_grid import tilted_grid

SHAPE = (500, 1024, 1024)
AIM_MS = 16
# Sharp 0.2 mm, smooth and denoised 0.4 mm: what is compared need not have the same voxels.
VOLUMES = (("int16", 0.2), ("int16", 0.4), ("float32", 0.4))
IN_A_SECTION = ProfilePath(np.array([[-95.0, -40.0, 0.25], [95.0, 30.0, 0.25]]))
ASKEW = ProfilePath(np.array([[-95.0, -40.0, -80.0], [95.0, 30.0, 91.0]]))
# Sections that scipy needs around a line within one to interpolate by splines: it filters all that it is given.
AROUND = 4


def rows() -> tuple[Row, ...]:
    """Profiles through three volumes of 1024² × 500, their features, and the noise of three sections."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        images = [_on_disk(Path(folder) / f"{number}", *volume) for number, volume in enumerate(VOLUMES)]
        profiles = tuple(_profiles(images))
        del images
    return (*profiles, _features(), _noise_level())


def _profiles(images: Sequence[MeasuredImage]) -> Iterator[Row]:
    for place, path in (("in a section", IN_A_SECTION), ("askew", ASKEW)):
        for width in (0.0, 2.0):
            settings = ProfileSettings(width_mm=width)
            yield compare(
                f"Profile {place}, {path.length:.0f} mm, width {width:g} mm, linear, three volumes of 1024² × 500",
                lambda path=path, settings=settings: sample_profiles(images, path, settings),
                lambda path=path, width=width: plain_profiles(images, path, width),
                plain_name="scipy: map_coordinates",
                aim_ms=AIM_MS,
            )
    for width in (0.0, 2.0):
        settings = ProfileSettings(interpolation="cubic", width_mm=width)
        yield compare(
            f"The same in a section, width {width:g} mm, cubic",
            lambda settings=settings: sample_profiles(images, IN_A_SECTION, settings),
            lambda width=width: plain_profiles(images, IN_A_SECTION, width, order=3),
            plain_name=f"scipy: map_coordinates in the {2 * AROUND + 1} sections around",
            aim_ms=AIM_MS,
            rounds=3,
        )


def _features() -> Row:
    x = distances(200)
    hu = peak(x, 100, sigma=1, contrast=300) + white_noise(np.random.default_rng(0), len(x), sd=10)
    return compare(
        f"Features of a profile of {len(x)} samples with their uncertainties",
        lambda: profile_features(x, hu),
        lambda: signal.peak_widths(hu, [int(hu.argmax())], rel_height=0.5)[0] * STEP,
        plain_name="scipy: peak_widths, the FWHM alone",
        aim_ms=3,
    )


def _noise_level() -> Row:
    values = 50 + 30 * np.random.default_rng(0).standard_normal((1, 512, 512))
    grid = tilted_grid((1, 512, 512), spacing=(1.0, 0.7, 0.7))
    images = [MeasuredImage(name, values, grid) for name in ("input", "smooth", "denoised")]
    return compare(
        "Global noise level of a section of 512² in three volumes",
        lambda: global_noise_level(images),
        lambda: [np.histogram(sliding_window_view(values[0], (10, 10)).std(axis=(2, 3)), bins=200) for _ in images],
        plain_name="numpy: sliding_window_view, std, histogram",
        rounds=3,
    )


def plain_profiles(
    images: Sequence[MeasuredImage], path: ProfilePath, width: float, *, order: int = 1
) -> list[NDArray[np.float64]]:
    samples = path.resampled(0.1)
    across = np.cross(samples.tangents, (0.0, 0.0, 1.0))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    found = []
    for image in images:
        places = max(1, round(width / image.grid.spacing[2]))
        offsets = ((np.arange(places) + 0.5) / places - 0.5) * width
        index = image.grid.to_index(samples.points + offsets[:, None, None] * across)
        values, first = image.values, 0
        if order > 1:
            first = round(float(index[..., 0].mean())) - AROUND
            values = values[first : first + 2 * AROUND + 1]
        hu = ndimage.map_coordinates(values, np.moveaxis(index - (first, 0, 0), -1, 0), order=order, output=np.float64)
        found.append(hu.mean(axis=0))
    return found


def _on_disk(file: Path, dtype: str, spacing: float) -> MeasuredImage:
    values = np.memmap(file, dtype=dtype, mode="w+", shape=SHAPE)
    return MeasuredImage(file.name, values, tilted_grid(SHAPE, spacing=(0.5, spacing, spacing)))


if __name__ == "__main__":
    print(table(rows()))

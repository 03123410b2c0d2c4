"""Lines across bones, and what profiles along them say of contrast and sharpness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects, label

from CTDenoiseLib.measure.image import Grid, MeasuredImage
from CTDenoiseLib.measure.measured import Measured
from CTDenoiseLib.measure.profiles.path import ProfilePath
from CTDenoiseLib.measure.profiles.profile import Profiles, ProfileSettings, sample_profiles
from CTDenoiseLib.measure.profiles.profile_features import ProfileFeatures, profile_features
from CTDenoiseLib.volume import Geometry

_BONE_HU = 200.0
_AREA_MM2 = (15.0, 1000.0)
_DIRECTIONS = 8
_BESIDE_MM = (5.0, 8.0, 12.0)
_WIDTH_MM = 2.0
_LEAST_CONTRAST_HU = 300.0


@dataclass(frozen=True)
class BoneLine:
    """A line across a bone.

    Attributes:
        section: Index of the section.
        start: Place (y, x) in pixels.
        end: The other end.
    """

    section: int
    start: tuple[float, float]
    end: tuple[float, float]


def find_bone_lines(clean: NDArray[np.float32], *, pixel_mm: float, most: int) -> list[BoneLine]:
    """The lines across bones, one for each, whose profile can be measured; the highest contrast first.

    Bones lie beside lung, fat, muscle and each other. Of each, lines in eight directions and of three lengths are
    tried, and the one of the highest contrast is taken.

    Args:
        clean: HU without noise, so that chance has no part in the choice, shape (n, y, x).
        pixel_mm: Side of a pixel.
        most: At most so many.
    """
    found = []
    for section, picture in enumerate(clean):
        for lines in _lines_of_bones(picture, section, pixel_mm):
            contrast, line = max(((_contrast(clean, line, pixel_mm), line) for line in lines), key=lambda pair: pair[0])
            if contrast >= _LEAST_CONTRAST_HU:
                found.append((contrast, line))
    found.sort(key=lambda pair: -pair[0])
    return [line for _, line in found[:most]]


def bone_profiles(pictures: Mapping[str, NDArray[np.float32]], line: BoneLine, *, pixel_mm: float) -> Profiles:
    """HU along a line, averaged over 2 mm across it.

    Args:
        pictures: By name, each of shape (n, y, x).
        line: Where.
        pixel_mm: Side of a pixel.
    """
    shape = next(iter(pictures.values())).shape[1:]
    grid = Grid.of(Geometry(spacing=(1.0, pixel_mm, pixel_mm)), (1, *shape))
    images = [MeasuredImage(name, picture[line.section : line.section + 1], grid) for name, picture in pictures.items()]
    ends = np.array([[0, *line.start], [0, *line.end]])
    return sample_profiles(images, ProfilePath(grid.to_world(ends)), ProfileSettings(width_mm=_WIDTH_MM))


def profile_features_of(profiles: Profiles) -> dict[str, ProfileFeatures]:
    """Contrast and sharpness of each picture by its name."""
    return {
        name: profile_features(profiles.distance_mm, hu) for name, hu in zip(profiles.names, profiles.hu, strict=True)
    }


def kept(values: Sequence[float | None], reference: Sequence[float | None]) -> tuple[float, int]:
    """Median over the bones of what is kept of a reference, in percent, and over how many; NaN over none."""
    shares = [
        100 * value / against
        for value, against in zip(values, reference, strict=True)
        if value is not None and against is not None
    ]
    return (float(np.median(shares)) if shares else np.nan), len(shares)


def _contrast(clean: NDArray[np.float32], line: BoneLine, pixel_mm: float) -> float:
    """Peak contrast in HU; 0 where contrast or sharpness cannot be measured."""
    features = profile_features_of(bone_profiles({"clean": clean}, line, pixel_mm=pixel_mm))["clean"]
    if isinstance(features.peak_contrast, Measured) and isinstance(features.edge_distance, Measured):
        return features.peak_contrast.value
    return 0.0


def _lines_of_bones(picture: NDArray[np.float32], section: int, pixel_mm: float) -> Iterator[list[BoneLine]]:
    """Lines across the middle of every piece of bone of the size of a rib, a process or a shoulder blade."""
    regions, _ = label(picture > _BONE_HU)
    for number, box in enumerate(find_objects(regions), start=1):
        places = np.argwhere(regions[box] == number) + [side.start for side in box]
        if not _AREA_MM2[0] <= len(places) * pixel_mm**2 <= _AREA_MM2[1]:
            continue
        middle = places.mean(axis=0)
        lines = []
        for angle, beside in product(np.arange(_DIRECTIONS) * np.pi / _DIRECTIONS, _BESIDE_MM):
            along = np.array([np.cos(angle), np.sin(angle)])
            reach = (np.abs((places - middle) @ along).max() + beside / pixel_mm) * along
            ends = np.stack([middle - reach, middle + reach])
            if (ends >= 0).all() and (ends <= np.array(picture.shape) - 1).all():
                (y, x), (other_y, other_x) = ends.tolist()
                lines.append(BoneLine(section, (y, x), (other_y, other_x)))
        if lines:
            yield lines

"""What was measured before and after denoising in one region and along one line, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..measure.noise.uniform_region import RegionStatistics
from ..measure.profiles.profile_features import ProfileFeatures, profile_features

# Row, first column and the column behind the last, in pixels.
Span = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class RegionFigures:
    """One region in input and output.

    Attributes:
        name: For people.
        section: Index of the section in which it is drawn, its middle one.
        spans: Its pixels there.
        before: Of the input; `None` where it could not be measured.
        after: Of the output in the same voxels.
    """

    name: str
    section: int
    spans: tuple[Span, ...]
    before: RegionStatistics | None
    after: RegionStatistics | None

    @property
    def centre(self) -> tuple[float, float]:
        """Middle (y, x) of its pixels in that section."""
        spans = np.array(self.spans)
        y, x = (spans[:, 0].min() + spans[:, 0].max()) / 2, (spans[:, 1].min() + spans[:, 2].max() - 1) / 2
        return float(y), float(x)

    @property
    def noise_change(self) -> float | None:
        """Change of the standard deviation in percent, negative for less."""
        if self.before is None or self.after is None or not self.before.noise_hu > 0:
            return None
        return 100 * (self.after.noise_hu / self.before.noise_hu - 1)


@dataclass(frozen=True, kw_only=True)
class LineFigures:
    """HU along one line or curve in input and output.

    Attributes:
        section: Index of the section that it lies in; `None` if it crosses sections.
        path: Points (y, x) in pixels.
        width_mm: Width across the line over which HU are averaged.
        distance: From the start in mm, equally spaced.
        before: HU of the input; `None` where there is no data.
        after: HU of the output, likewise.
    """

    section: int | None
    path: tuple[tuple[float, float], ...]
    width_mm: float
    distance: tuple[float, ...]
    before: tuple[float | None, ...]
    after: tuple[float | None, ...]

    def features(self) -> tuple[ProfileFeatures, ProfileFeatures]:
        """Sharpness and contrast in input and output."""
        distance = np.array(self.distance)
        before, after = (profile_features(distance, numbers(hu)) for hu in (self.before, self.after))
        return before, after


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What the user drew to be reported, measured already.

    Attributes:
        regions: In their order; none to have uniform places found.
        line: `None` to have one found.
    """

    regions: tuple[RegionFigures, ...] = ()
    line: LineFigures | None = None

    @property
    def section(self) -> int | None:
        """Index of the section to show them in: that of the line, or of the first region."""
        if self.line is not None and self.line.section is not None:
            return self.line.section
        return self.regions[0].section if self.regions else None


def numbers(values: tuple[float | None, ...]) -> NDArray[np.float64]:
    """With NaN for what is missing."""
    return np.array(values, dtype=np.float64)


def plain(values: NDArray[np.floating]) -> tuple[float | None, ...]:
    """With `None` for what is no number."""
    return tuple(value if np.isfinite(value) else None for value in values.tolist())

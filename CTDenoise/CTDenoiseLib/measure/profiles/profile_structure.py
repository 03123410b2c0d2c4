"""Where a profile has its strongest edge, and whether that edge belongs to a peak.

The edge is the place of steepest change. If HU come back to half its height on one side before the line ends, the two
flanks make a peak (a rod, a vessel; or a gap, if HU fall first); if they do so on both sides, the narrower one counts.
Beside each flank lies a plateau: it starts 0.9 widths (10 to 90 %) from the middle of the flank and reaches until HU
leave it by a third of the contrast, at most 8 widths.

Noise can look like an edge. So the profile is smoothed by a Gaussian of 1, 2, 4 … 16 samples until the contrast of
what is found there is eight times the noise: of its plateaus, and of the quieter quarter of the whole profile. In
profiles of nothing but noise this finds something in about one of a hundred. Smoothing only finds; values are read from
the profile itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from ..measured import NotMeasurable

FEWEST_SAMPLES = 16

NO_EDGE = "No edge found: nothing along the line stands out from its noise and texture."
CUT_OFF = "Cut off by the end of the line: HU do not settle before it ends; draw it longer on both sides."
TOO_CLOSE = (
    "Something else is too close: HU do not settle beside the edge; draw the line where it crosses one structure."
)
TOO_SHORT = "Too short: the line has too few samples in the image; draw it longer."

_SMOOTHING_SAMPLES = (1, 2, 4, 8, 16)
_LEAST_CONTRAST_TO_NOISE = 8.0
# No noise is so steep: if what is there cannot be measured, more smoothing would only hide why.
_CERTAIN_SLOPE_TO_NOISE = 10.0
_LEAST_CONTRAST_HU = 0.01

_FLAT_SLOPE_SHARE = 0.1
_PLATEAU_START_WIDTHS = 0.9
_LEAST_PLATEAU_WIDTHS = 0.25
_MOST_PLATEAU_WIDTHS = 8.0
_LEAST_PLATEAU_SAMPLES = 3
_MOST_PLATEAU_SAMPLES_IF_NARROW = 24
_PLATEAU_BAND_SHARE = 1 / 3

# Levels depend on plateaus, and plateaus on levels.
_ROUNDS = 3


@dataclass(frozen=True)
class Flank:
    """A rise or fall between a base and a top; places in samples, fractions included.

    Attributes:
        low: Where 10 % of the way from the base to the top are reached.
        middle: Where half of it is reached.
        high: Where 90 % of it are reached.
        plateau: Samples of the base.
    """

    low: float
    middle: float
    high: float
    plateau: slice

    @property
    def width(self) -> float:
        """Distance from 10 to 90 % in samples."""
        return abs(self.high - self.low)


@dataclass(frozen=True)
class Structure:
    """An edge or a peak.

    Attributes:
        flank: The strongest edge. Its base is the base of the peak, or one of the two plateaus of an edge.
        opposite: Of a peak the other flank; `None` for an edge.
        top: Samples of the other plateau of an edge, or of the central half of a peak.
        smoothing: Standard deviation of the Gaussian that was needed to find it, in samples.
    """

    flank: Flank
    opposite: Flank | None
    top: slice
    smoothing: float

    @property
    def plateaus(self) -> tuple[slice, slice]:
        """Where HU should be constant."""
        return self.flank.plateau, self.top if self.opposite is None else self.opposite.plateau


class _NotFoundError(Exception):
    """There is nothing at this smoothing; the message says why, as a sentence."""


def find_structure(hu: NDArray[np.float64]) -> Structure | NotMeasurable:
    """Find the strongest edge of a profile, and the peak to which it belongs.

    Args:
        hu: The profile, equally spaced and without gaps, shape (m,).

    Returns:
        The structure, or why there is none.
    """
    if len(hu) < FEWEST_SAMPLES:
        return NotMeasurable(TOO_SHORT)
    for smoothing in _SMOOTHING_SAMPLES:
        if smoothing > len(hu) / FEWEST_SAMPLES or np.ptp(hu) < _LEAST_CONTRAST_HU:
            break
        smooth = scipy.ndimage.gaussian_filter1d(hu, smoothing, mode="nearest")
        steepest = _Steepest.of(hu, smooth, smoothing)
        noise = _quiet_deviation(smooth, smoothing)
        if steepest.contrast < _LEAST_CONTRAST_TO_NOISE * noise:
            continue
        try:
            structure, contrast = _structure_around(steepest, smooth, smoothing)
        except _NotFoundError as why:
            if steepest.steepness > _CERTAIN_SLOPE_TO_NOISE * _quiet_deviation(steepest.slope, smoothing):
                return NotMeasurable(str(why))
            continue
        residuals = [smooth[plateau] - smooth[plateau].mean() for plateau in structure.plateaus]
        if abs(contrast) >= _LEAST_CONTRAST_TO_NOISE * max(noise, float(np.concatenate(residuals).std())):
            return structure
    return NotMeasurable(NO_EDGE)


@dataclass(frozen=True)
class _Steepest:
    """The steepest change of the smoothed profile: from which HU to which, and between which samples."""

    slope: NDArray[np.float64]
    start: int
    stop: int
    left: float
    right: float

    @classmethod
    def of(cls, hu: NDArray[np.float64], smooth: NDArray[np.float64], smoothing: float) -> _Steepest:
        slope = scipy.ndimage.gaussian_filter1d(hu, smoothing, order=1, mode="nearest")
        middle = int(np.abs(slope).argmax())
        start, stop = _end_of_slope(slope, middle, -1), _end_of_slope(slope, middle, 1)
        return cls(slope, start, stop, float(smooth[start]), float(smooth[stop]))

    @property
    def contrast(self) -> float:
        """In HU, without sign."""
        return abs(self.right - self.left)

    @property
    def steepness(self) -> float:
        """In HU per sample, without sign."""
        return float(np.abs(self.slope).max())


def _quiet_deviation(smooth: NDArray[np.float64], smoothing: float) -> float:
    """Deviation within short stretches of a profile, in the quieter quarter of it."""
    length = min(16 * int(smoothing), len(smooth) // 4)
    centred = smooth - smooth.mean()
    mean = scipy.ndimage.uniform_filter1d(centred, length)
    square = scipy.ndimage.uniform_filter1d(centred * centred, length)
    variance = (square - mean * mean)[length // 2 : -length // 2]
    return math.sqrt(max(float(np.quantile(variance, 0.25)), 0.0))


def _structure_around(steepest: _Steepest, smooth: NDArray[np.float64], smoothing: float) -> tuple[Structure, float]:
    """The edge or the peak at the steepest change, with its contrast."""
    half = (steepest.left + steepest.right) / 2
    middle = _found(_crossing(smooth, steepest.start, 1, half))
    on_the_right = _crossing(smooth, steepest.stop, 1, half)
    on_the_left = _crossing(smooth, steepest.start, -1, half)
    if on_the_right is None and on_the_left is None:
        return _edge(steepest, smooth, smoothing)
    if on_the_left is None or (on_the_right is not None and on_the_right - middle <= middle - on_the_left):
        return _peak(smooth, smoothing, steepest, middle, _found(on_the_right), base=steepest.left)
    return _peak(smooth, smoothing, steepest, middle, on_the_left, base=steepest.right)


def _edge(steepest: _Steepest, smooth: NDArray[np.float64], smoothing: float) -> tuple[Structure, float]:
    base, top = steepest.left, steepest.right
    for _ in range(_ROUNDS):
        to_base = _flank(smooth, steepest.stop, -1, base=base, top=top)
        to_top = _flank(smooth, steepest.start, 1, base=top, top=base)
        base, top = float(smooth[to_base.plateau].mean()), float(smooth[to_top.plateau].mean())
    return Structure(to_base, None, to_top.plateau, smoothing), top - base


def _peak(  # noqa: PLR0913
    smooth: NDArray[np.float64], smoothing: float, steepest: _Steepest, middle: float, opposite: float, *, base: float
) -> tuple[Structure, float]:
    away = 1 if opposite > middle else -1
    near, far = middle, opposite
    bases = base, float(smooth[_end_of_slope(steepest.slope, round(opposite), away)])
    for _ in range(_ROUNDS):
        top = central_half(near, far, len(smooth))
        height = float(smooth[top] @ parabola_weights(near, far, top))
        centre = round((near + far) / 2)
        flank = _flank(smooth, centre, -away, base=bases[0], top=height)
        other = _flank(smooth, centre, away, base=bases[1], top=height)
        bases = float(smooth[flank.plateau].mean()), float(smooth[other.plateau].mean())
        half = (height + (bases[0] + bases[1]) / 2) / 2
        near, far = _found(_crossing(smooth, centre, -away, half)), _found(_crossing(smooth, centre, away, half))
    return Structure(flank, other, central_half(near, far, len(smooth)), smoothing), height - sum(bases) / 2


def central_half(one: float, other: float, count: int) -> slice:
    """Samples of the central half between two places, at least three."""
    centre, reach = (one + other) / 2, abs(other - one) / 4
    first, last = math.ceil(centre - reach), math.floor(centre + reach)
    if last - first < 2:
        first = round(centre) - 1
        last = first + 2
    return slice(max(first, 0), min(last + 1, count))


def parabola_weights(one: float, other: float, samples: slice) -> NDArray[np.float64]:
    """What each sample counts in the height, midway between two places, of a parabola fitted to these samples."""
    places = np.arange(samples.start, samples.stop) - (one + other) / 2
    return np.asarray(np.linalg.pinv(np.vander(places, 3, increasing=True))[0])


def _flank(smooth: NDArray[np.float64], start: int, direction: int, *, base: float, top: float) -> Flank:
    """The flank that is met first from a sample of its top side."""
    contrast = top - base
    middle = _found(_crossing(smooth, start, direction, base + 0.5 * contrast))
    low = _found(_crossing(smooth, round(middle), direction, base + 0.1 * contrast))
    high = _found(_crossing(smooth, round(middle), -direction, base + 0.9 * contrast))
    plateau = _plateau(smooth, middle, abs(high - low), direction, base=base, contrast=abs(contrast))
    return Flank(low, middle, high, plateau)


def _plateau(  # noqa: PLR0913
    smooth: NDArray[np.float64], middle: float, width: float, direction: int, *, base: float, contrast: float
) -> slice:
    """Samples of the base beside a flank."""
    start = middle + direction * _PLATEAU_START_WIDTHS * width
    first = math.ceil(start) if direction > 0 else math.floor(start)
    if not 0 <= first < len(smooth):
        raise _NotFoundError(CUT_OFF)
    most = round(max(_MOST_PLATEAU_WIDTHS * width, _MOST_PLATEAU_SAMPLES_IF_NARROW))
    ahead = _ahead(smooth, first, direction)[:most]
    beyond = np.abs(ahead - base) > _PLATEAU_BAND_SHARE * contrast
    count = int(beyond.argmax()) - math.ceil(width) if beyond.any() else len(ahead)
    if count < max(_LEAST_PLATEAU_SAMPLES, _LEAST_PLATEAU_WIDTHS * width):
        raise _NotFoundError(TOO_CLOSE if beyond.any() else CUT_OFF)
    return slice(first, first + count) if direction > 0 else slice(first - count + 1, first + 1)


def _end_of_slope(slope: NDArray[np.float64], middle: int, direction: int) -> int:
    """First sample from the middle of a flank where it is flat; the last one if there is none."""
    ahead = _ahead(slope, middle, direction) * np.sign(slope[middle])
    flat = ahead < _FLAT_SLOPE_SHARE * abs(slope[middle])
    return middle + direction * int(flat.argmax() if flat.any() else len(ahead) - 1)


def _crossing(smooth: NDArray[np.float64], start: int, direction: int, level: float) -> float | None:
    """Place where a profile first crosses a level, seen from a sample; `None` if it does not."""
    ahead = _ahead(smooth, start, direction) - level
    beyond = ahead > 0 if ahead[0] <= 0 else ahead <= 0
    last = int(beyond.argmax())
    if not beyond[last]:
        return None
    return start + direction * (last - float(ahead[last] / (ahead[last] - ahead[last - 1])))


def _found(place: float | None) -> float:
    if place is None:
        raise _NotFoundError(CUT_OFF)
    return place


def _ahead(values: NDArray[np.float64], start: int, direction: int) -> NDArray[np.float64]:
    """Values from one sample to the end of the line, or back to its start."""
    return values[start:] if direction > 0 else values[start::-1]

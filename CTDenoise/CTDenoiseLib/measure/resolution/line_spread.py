"""Line spread function: the derivative of the profile across an edge, made ready for its transform.

The trend that both plateaus share is subtracted. A window keeps what belongs to the edge: it is 1 as far as the profile
still changes, as far as noise lets that be seen, and falls to 0 as half a Hann window over one edge width. So ringing
is kept where it can be measured, and noise of the plateaus stays out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .edge_checks import GRAIN
from .edge_spread import Profiles

Floats = NDArray[np.float64]

# Shares of the 10–90 % width: where an edge is over at the earliest, and how softly the window ends.
_LEAST_FLAT, _TAPER = 2.0, 1.0
# The trend of the plateaus is taken from here outwards at the latest, as a share of the reach.
_LATEST_TREND = 0.5
# An edge is over where its profile stays this close to the plateau, as a share of the contrast.
_SETTLED = 0.002


@dataclass(frozen=True)
class LineSpreads:
    """Line spread functions of the whole edge, and of the edge without each of its parts in turn.

    Attributes:
        position_mm: Distance from the edge in mm, shape (k,).
        hu_per_mm: Shape (1 + parts, k), the whole edge first.
        window: Shape (k,).
        flat_mm: How far the window is 1 on either side.
        step_hu: Value beyond the edge minus value before it.
    """

    position_mm: Floats
    hu_per_mm: Floats
    window: Floats
    flat_mm: float
    step_hu: float


def line_spreads(profiles: Profiles, *, width_mm: float, noise_hu: float) -> LineSpreads:
    """Derive the line spread functions of an edge.

    Args:
        profiles: Of the whole edge and of the edge without each part.
        width_mm: 10–90 % width of the edge.
        noise_hu: Standard deviation of the pixels beside the edge.
    """
    position = profiles.position_mm
    reach = float(position[-1])
    flat = _where_it_is_over(profiles, width_mm, noise_hu)
    slopes, steps = _trends(profiles, min(flat, _LATEST_TREND * reach))
    middles = (position[1:] + position[:-1]) / 2
    lines = np.diff(profiles.esf_hu) / np.diff(position) - slopes[:, None]
    window = _flat_hann(middles, flat, min(flat + _TAPER * width_mm, reach))
    return LineSpreads(middles, lines, window, flat, float(steps[0]))


def _where_it_is_over(profiles: Profiles, width_mm: float, noise_hu: float) -> float:
    """Distance in mm from the edge beyond which the profile stays on its plateaus, as far as noise lets it be seen."""
    position, esf, count = profiles.position_mm, profiles.esf_hu[0], profiles.count
    reach = float(position[-1])
    least = min(_LEAST_FLAT * width_mm, 0.7 * reach)
    most = max(reach - _TAPER * width_mm, least)
    knots = max(width_mm / 3 / float(position[1] - position[0]), 1.0)
    smooth = _running_mean(esf, knots)
    pixels = np.maximum(_running_mean(count, knots), 1e-3) * knots
    sides = [side * position for side in (-1, 1)]
    levels = [_mean(esf, count, outwards > most) for outwards in sides]
    over = least
    for outwards, level in zip(sides, levels, strict=True):
        level_pixels = max(float(count[outwards > most].sum()), 1.0)
        noise = GRAIN * noise_hu * np.sqrt(1 / pixels + 1 / level_pixels)
        away = np.abs(smooth - level) > _SETTLED * abs(levels[1] - levels[0]) + 3 * noise
        over = max(over, float(outwards[away & (outwards > 0) & (outwards < most)].max(initial=0)))
    return over


def _trends(profiles: Profiles, start_mm: float) -> tuple[Floats, Floats]:
    """Slope in HU/mm that the plateaus on both sides share, and the step between them in HU, for each profile."""
    position = profiles.position_mm
    tail = np.abs(position) > start_mm
    design = np.stack([position[tail], np.ones(int(tail.sum())), position[tail] > 0], axis=1).astype(np.float64)
    weighted = design * (profiles.count[tail] + 1e-9)[:, None]
    slopes, _, steps = np.linalg.solve(weighted.T @ design, weighted.T @ profiles.esf_hu[:, tail].T)
    return slopes, steps


def _flat_hann(position: Floats, flat: float, end: float) -> Floats:
    """1 within ±flat, falling to 0 at ±end as half a Hann window."""
    share = np.clip((np.abs(position) - flat) / (end - flat), 0, 1)
    return np.asarray(0.5 + 0.5 * np.cos(np.pi * share))


def _running_mean(values: Floats, size: float) -> Floats:
    window = np.ones(2 * int(size / 2) + 1)
    padded = np.pad(values, len(window) // 2, mode="edge")
    return np.convolve(padded, window / len(window), mode="valid")


def _mean(values: Floats, count: Floats, where: NDArray[np.bool_]) -> float:
    return float(np.average(values[where], weights=count[where] + 1e-9))

"""Task transfer function (TTF): what contrast of each spatial frequency survives at an edge of this contrast and noise.

The transform of the line spread function across an edge, as the modulation transfer function (MTF) is; but of one
material at one dose, because iterative and learned methods blur weak edges more than strong ones (Richard et al., Med
Phys 2012;39:4115, doi 10.1118/1.4725171; AAPM Task Group 233, 2019). The aperture of the pixels is part of it.

`ttf_disc` and `ttf_edge` find the edge, `edge_spread` makes the profile of it, `line_spread` its windowed derivative.
The squared magnitude of its transform is diminished by the noise power that the parts of the edge show, which would
raise it at high frequencies, and scaled to 1 at frequency 0.

Uncertainties come from the edge itself: it is cut into 16 parts, and each is left out in turn (jackknife; Efron &
Stein, Ann Stat 1981;9:586). Where the parts are longer than the grain of the noise, they hold within 30 % from a
contrast-to-noise ratio of 25 on, and within about half of themselves at 15.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..measured import Measured, Measurement, NotMeasurable
from .edge_checks import EdgePixels, check_for_saturation
from .edge_place import DiscEdge, StraightEdge
from .edge_spread import KNOTS_PER_PIXEL, PARTS, Profiles, edge_profiles
from .line_spread import LineSpreads, line_spreads

Floats = NDArray[np.float64]

LEAST_CNR = 15.0
"""Contrast-to-noise ratio that the mean of the sections needs: with a rod of 12 mm, f10 is then known within 10 %."""

_FREQUENCIES = 256


@dataclass(frozen=True)
class EdgeSpread:
    """Profile across an edge and its derivative, to draw.

    Attributes:
        position_mm: Distance from the edge in mm, evenly spaced, shape (k,); outwards from a disc, towards the higher
            HU across a straight edge.
        esf_hu: Edge spread function in HU, shape (k,).
        line_position_mm: Middles between the positions, shape (k − 1,).
        lsf: Line spread function in HU/mm there, without the trend of the plateaus, before the window, shape (k − 1,).
        window: What the line spread function is multiplied with before the transform, shape (k − 1,).
    """

    position_mm: Floats
    esf_hu: Floats
    line_position_mm: Floats
    lsf: Floats
    window: Floats


@dataclass(frozen=True)
class TaskTransferFunction:
    """Transfer function of one edge.

    Attributes:
        frequency: In mm⁻¹, evenly spaced from 0 to the Nyquist frequency of the pixels across the edge.
        value: TTF, 1 at frequency 0; above 1 where edges are enhanced.
        standard_error: Standard uncertainty of each value.
        resolution: Frequencies nearer to each other than this, in mm⁻¹, are not told apart: the inverse of the length
            of the window.
        f50: Lowest frequency in mm⁻¹ at which the TTF falls to 50 %.
        f10: Lowest frequency in mm⁻¹ at which the TTF falls to 10 %.
        contrast_hu: Disc minus surroundings, or higher minus lower side of a straight edge.
        noise_hu: Standard deviation beside the edge in the mean of the sections.
        cnr: |contrast| over noise. Below `LEAST_CNR` f50 and f10 are not measurable.
        sections: How many sections were averaged.
        edge: Edge and line spread function.
        found: Where the edge was found.
    """

    frequency: Floats
    value: Floats
    standard_error: Floats
    resolution: float
    f50: Measurement
    f10: Measurement
    contrast_hu: float
    noise_hu: float
    cnr: float
    sections: int
    edge: EdgeSpread
    found: DiscEdge | StraightEdge


def measure_edge(
    sections: Floats,
    found: DiscEdge | StraightEdge,
    *,
    pixel_spacing: tuple[float, float],
    reach_mm: float,
    nyquist: float,
) -> TaskTransferFunction:
    """Measure the transfer function of an edge that was found.

    Args:
        sections: HU, shape (n, y, x).
        found: The edge.
        pixel_spacing: Row and column spacing (y, x) in mm.
        reach_mm: How far from the edge to look on either side.
        nyquist: Highest frequency to give in mm⁻¹.

    Raises:
        SaturatedEdgeError: Values on one side are cut off.
        CrowdedEdgeError: Something else lies within reach.
        UnevenEdgeError: The edge is not round or straight.
    """
    distance = found.distances(sections.shape, pixel_spacing)
    part = (found.places(sections.shape, pixel_spacing) * PARTS).astype(np.intp)
    near = np.abs(distance) < reach_mm
    beside = near & (np.abs(distance) > found.width_mm)
    check_for_saturation((sections[beside & (distance < 0)], sections[beside & (distance > 0)]))
    level = sections - _plane(found.slope, sections.shape, pixel_spacing)
    step = min(pixel_spacing) / KNOTS_PER_PIXEL
    profiles = edge_profiles(distance[near], level[near], part[near], reach_mm=reach_mm, step=step)
    pixels = _pixels_of_the_mean(level, distance, part, profiles, found)
    pixels.check_for_neighbours()
    pixels.check_for_evenness()
    noise = pixels.noise_hu()
    lines = line_spreads(profiles, width_mm=found.width_mm, noise_hu=noise)
    frequency = np.linspace(0, nyquist, _FREQUENCIES)
    curves = _curves(lines, frequency)
    cnr = abs(lines.step_hu) / noise if noise > 0 else math.inf
    resolution = 1 / (2 * lines.flat_mm)
    return TaskTransferFunction(
        frequency=frequency,
        value=curves[0],
        standard_error=np.sqrt(_jackknife_variance(curves)),
        resolution=resolution,
        f50=_fall(frequency, curves, 0.5, resolution, cnr),
        f10=_fall(frequency, curves, 0.1, resolution, cnr),
        contrast_hu=-lines.step_hu if isinstance(found, DiscEdge) else lines.step_hu,
        noise_hu=noise,
        cnr=cnr,
        sections=len(sections),
        edge=EdgeSpread(profiles.position_mm, profiles.esf_hu[0], lines.position_mm, lines.hu_per_mm[0], lines.window),
        found=found,
    )


def _plane(slope: tuple[float, float], shape: tuple[int, ...], pixel_spacing: tuple[float, float]) -> Floats:
    """Tilt of the surroundings in HU, 0 in the middle, shape (y, x)."""
    y, x = ((np.arange(size) - (size - 1) / 2) * step for size, step in zip(shape[1:], pixel_spacing, strict=True))
    return np.asarray(slope[0] * y[:, None] + slope[1] * x[None, :])


def _pixels_of_the_mean(
    level: Floats, distance: Floats, part: NDArray[np.intp], profiles: Profiles, found: DiscEdge | StraightEdge
) -> EdgePixels:
    """Pixels around the edge in the mean of the sections."""
    residual = (level - np.interp(distance, profiles.position_mm, profiles.esf_hu[0])).mean(axis=0)
    middle = distance.mean(axis=0)
    near = np.abs(middle) < profiles.position_mm[-1]
    contrast = abs(found.contrast_hu)
    return EdgePixels(middle[near], part[len(part) // 2][near], residual[near], profiles, found.width_mm, contrast)


def _curves(lines: LineSpreads, frequency: Floats) -> Floats:
    """Transfer functions of the whole edge and of the edge without each part, shape (1 + PARTS, frequencies)."""
    step = float(lines.position_mm[1] - lines.position_mm[0])
    # The derivative of straight segments is constant over each: its transform has this factor exactly.
    segments = np.sinc(frequency * step)[:, None]
    waves = np.exp(-2j * np.pi * frequency[:, None] * lines.position_mm) * segments
    spectra = (lines.hu_per_mm * lines.window) @ waves.T
    spectra /= spectra[:, :1]
    return np.asarray(np.sqrt(np.maximum(np.abs(spectra) ** 2 - _jackknife_variance(spectra), 0)))


def _jackknife_variance(results: NDArray[np.float64] | NDArray[np.complex128]) -> Floats:
    """Variance of results of shape (1 + PARTS, …), the whole first, then without each part."""
    without_each = results[1:]
    spread = np.square(np.abs(without_each - without_each.mean(axis=0)))
    return np.asarray((PARTS - 1) / PARTS * spread.sum(axis=0))


def _fall(frequency: Floats, curves: Floats, level: float, resolution: float, cnr: float) -> Measurement:
    """Lowest frequency at which the first curve falls to a level; its uncertainty is the curve's by its slope there."""
    if cnr < LEAST_CNR:
        return NotMeasurable(
            f"The contrast-to-noise ratio is {cnr:.1f}, and a transfer function needs {LEAST_CNR:g}: "
            "average more sections or choose a material of more contrast."
        )
    curve = curves[0]
    below = int(np.argmax(curve < level))
    if not curve[below] < level:
        return NotMeasurable(
            f"The transfer function is still {100 * curve[-1]:.0f} % at the Nyquist frequency of the pixels, "
            f"{frequency[-1]:.2f} mm⁻¹: reconstruct with smaller pixels."
        )
    falling = slice(below, below - 2, -1) if below > 1 else slice(below, None, -1)
    crossing = float(np.interp(level, curve[falling], frequency[falling]))
    near = np.abs(frequency - crossing) <= max(resolution / 2, frequency[1])
    slope = float(np.polyfit(frequency[near], curve[near], 1)[0])
    error = float(np.interp(crossing, frequency, np.sqrt(_jackknife_variance(curves))))
    return Measured(crossing, "mm⁻¹", error / abs(slope))

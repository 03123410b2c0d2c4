"""A line across a sharp structure to report a profile along, where the user drew none.

The line runs along the gradient across an edge, from dark to bright, where sharpness and contrast can be read from
input and output alike. Edges are looked for in the mean of both, so that neither is favoured.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..measure.image import Grid, MeasuredImage
from ..measure.measured import Measured
from ..measure.profiles.path import ProfilePath, ZeroLengthLineError
from ..measure.profiles.profile import ProfileSettings, sample_profiles
from ..volume import Geometry
from .content import SectionPair
from .figures import LineFigures, plain
from .views import Detail, smoothed, steepness

_WIDTH_MM = 2.0
_HALF_LENGTH_MM = 10.0
_APART_MM = 4.0
_MOST_CANDIDATES = 60
_SMOOTHING_MM = 1.0

_Ends = tuple[tuple[float, float], tuple[float, float]]


def choose_line(pair: SectionPair, spacing: tuple[float, float], part: Detail) -> LineFigures | None:
    """The line whose edge can be measured in both, and best of all.

    Args:
        pair: The section.
        spacing: Pixel spacing (y, x) in mm.
        part: Where the line must lie.

    Returns:
        Its figures, those of a line across the middle where nothing has an edge; `None` for a part a pixel wide.
    """
    measured = (_line_along(pair, spacing, ends) for ends in (*_across_edges(pair, spacing, part), _middle(part)))
    lines = [line for line in measured if line is not None]
    return max(lines, key=_worth, default=None)


def _line_along(pair: SectionPair, spacing: tuple[float, float], ends: _Ends) -> LineFigures | None:
    """HU along a straight line between two points (y, x) in pixels; `None` if it has no length."""
    grid = Grid.of(Geometry(spacing=(1.0, *spacing)), (1, *pair.input_hu.shape))
    images = [
        MeasuredImage(name, hu[np.newaxis], grid) for name, hu in (("input", pair.input_hu), ("output", pair.output_hu))
    ]
    try:
        path = ProfilePath(grid.to_world(np.array([(0.0, *end) for end in ends])))
    except ZeroLengthLineError:
        return None
    profiles = sample_profiles(images, path, ProfileSettings(width_mm=_WIDTH_MM))
    before, after = map(plain, profiles.hu)
    return LineFigures(
        section=pair.index,
        path=ends,
        width_mm=_WIDTH_MM,
        distance=tuple(profiles.distance_mm.tolist()),
        before=before,
        after=after,
    )


def _worth(line: LineFigures) -> tuple[int, float]:
    """In how many of both the edge was measured, and how well."""
    edges = [features.edge_distance for features in line.features()]
    measured = [edge for edge in edges if isinstance(edge, Measured)]
    return len(measured), -sum((edge.uncertainty or 0.0) / edge.value for edge in measured)


def _across_edges(pair: SectionPair, spacing: tuple[float, float], part: Detail) -> Iterator[_Ends]:
    """Lines across the steepest edges whose ends lie in the part, the steepest first."""
    smooth = smoothed((pair.input_hu + pair.output_hu) / 2, spacing, _SMOOTHING_MM)
    down, across = steepness(smooth, spacing)
    steep = np.hypot(down, across)
    window = [max(1, round(_APART_MM / step)) for step in spacing]
    rows, columns = np.nonzero((steep == ndimage.maximum_filter(steep, window)) & (steep > 0))
    lengthwise = np.array([_HALF_LENGTH_MM / step for step in spacing])
    points = np.stack([rows, columns], axis=1).astype(np.float64)
    reach = np.stack([down, across], axis=-1)[rows, columns] / steep[rows, columns, np.newaxis] * lengthwise
    inside = _within(points - reach, part) & _within(points + reach, part)
    for place in np.flatnonzero(inside)[np.argsort(-steep[rows, columns][inside])][:_MOST_CANDIDATES]:
        yield _point(points[place] - reach[place]), _point(points[place] + reach[place])


def _middle(part: Detail) -> _Ends:
    y = (part.rows.start + part.rows.stop - 1) / 2
    return (y, float(part.columns.start)), (y, float(part.columns.stop - 1))


def _within(points: NDArray[np.float64], part: Detail) -> NDArray[np.bool_]:
    first = np.array([part.rows.start, part.columns.start])
    last = np.array([part.rows.stop, part.columns.stop]) - 1
    return np.asarray(((points >= first) & (points <= last)).all(axis=1))


def _point(values: NDArray[np.float64]) -> tuple[float, float]:
    y, x = values.tolist()
    return y, x

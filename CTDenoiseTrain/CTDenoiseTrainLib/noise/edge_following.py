"""How much of a noise map follows the edges of the anatomy, whatever its sign and strength from place to place?

In squares of 32 pixels the map is fitted by the anatomy's detail and its slopes along rows and columns (least squares).
Detail is what blurred images lack, slopes are what images lack that moved against each other; the fit finds both, also
where an edge moved to the left in one place and to the right in another. The share of the map's power that the fit
explains is averaged over the squares, so that one bright edge does not decide.

Any fit explains some noise by chance. How much is measured: the same fits are made to the map moved against the anatomy
by several squares, as training will move it. And where the picture of the anatomy still holds some of the noise of the
map, as iterative reconstructions do, the map and the picture are alike everywhere. Their covariance in flat tissue,
where there is nothing but noise, is taken off that at edges, in proportion to the strength of the noise there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from CTDenoiseLib.measure.audit.block_sums import FEWEST_SQUARES, SIDE_PIXELS, standard_error
from CTDenoiseLib.measure.audit.edge_correlation import FINE_PIXELS, detail, follows
from CTDenoiseLib.measure.audit.edge_ratio import BODY_ABOVE_HU, EdgeMasks

FEWEST_PIXELS = 24
"""Pixels of a square that are fitted; the fit has four unknowns, and noise of neighbouring pixels is alike."""

_MOVES = ((1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1))
_MOST_STRONGER = 2.0
_MOVED_PIXELS = 2 * SIDE_PIXELS
# They keep fits to templates that are nearly the same, or nearly nothing, solvable.
_RIDGE, _LEAST_POWER = 1e-6, 1e-9


@dataclass(frozen=True)
class EdgeFollowing:
    """How much of a noise map follows the edges.

    Attributes:
        share: Share of its power at edges that the anatomy explains, less what chance and noise in the picture of the
            anatomy explain. About 0 for pure noise, also below it by chance; 1 for pure anatomy.
        error: Standard error of the share.
        from_noise: Share that noise in the picture of the anatomy explains, which is not in `share`.
    """

    share: float
    error: float
    from_noise: float


@dataclass(frozen=True, eq=False)
class SectionFits:
    """Share of the power at edges that is explained, for each square of a section.

    Attributes:
        corrected: Less what noise in the picture of the anatomy explains.
        plain: With it.
        moved: Of the moved map: by chance.
    """

    corrected: NDArray[np.float64]
    plain: NDArray[np.float64]
    moved: NDArray[np.float64]


def fit_section(
    noise: NDArray[np.float32], anatomy: NDArray[np.float32], masks: EdgeMasks, within: NDArray[np.bool_]
) -> SectionFits:
    """Fit the noise of one section.

    Args:
        noise: HU, shape (y, x).
        anatomy: HU, same shape.
        masks: Edges and flat tissue of the anatomy.
        within: Where the map may be looked at, same shape.
    """
    wanted = follows(noise)
    smooth = gaussian_filter(anatomy, FINE_PIXELS)
    templates = np.stack([detail(anatomy), *np.gradient(smooth)], axis=-1)
    edges = _square_sums(wanted, templates, masks.edge)
    inside = within & (smooth > BODY_ABOVE_HU)
    steps = [min(_MOVED_PIXELS, side // 4) for side in noise.shape]
    moved = []
    for down, across in _MOVES:
        move = (down * steps[0], across * steps[1])
        there = masks.edge & np.roll(inside, move, axis=(0, 1))
        moved.append(_square_sums(np.roll(wanted, move, axis=(0, 1)), templates, there).explained())
    flat = _square_sums(wanted, templates, masks.flat)
    return SectionFits(edges.explained(flat), edges.explained(), np.concatenate(moved))


def edge_following(sections: Sequence[SectionFits]) -> EdgeFollowing | None:
    """Put the fits of several sections together; `None` where there are too few squares at edges to tell."""
    corrected, plain, moved = (
        np.concatenate([np.empty(0), *(getattr(one, name) for one in sections)])
        for name in ("corrected", "plain", "moved")
    )
    if corrected.size < FEWEST_SQUARES or not moved.size:
        return None
    chance = float(moved.mean())
    from_noise = max(0.0, float(plain.mean() - corrected.mean()))
    # What is alike anyway cannot be explained by chance too. Divided so that a share of all stays all.
    share = (float(corrected.mean()) - chance * (1 - from_noise)) / (1 - chance)
    error = standard_error(corrected - corrected.mean()) / corrected.size / (1 - chance)
    return EdgeFollowing(share, error, from_noise / (1 - chance))


@dataclass(frozen=True, eq=False)
class _SquareSums:
    """Second moments about the means in n squares of a section.

    Attributes:
        pixels: How many, shape (n,).
        covariance: Sums of template × map, shape (n, 3).
        templates: Sums of template × template, shape (n, 3, 3).
        power: Sums of the squared map, shape (n,).
    """

    pixels: NDArray[np.float64]
    covariance: NDArray[np.float64]
    templates: NDArray[np.float64]
    power: NDArray[np.float64]

    def usual(self) -> tuple[NDArray[np.float64], float]:
        """Medians over squares for each pixel, template × map of shape (3,) and map²: structure is not usual."""
        if not self.pixels.size:
            return np.zeros(self.covariance.shape[1]), 1.0
        covariance = np.median(self.covariance / self.pixels[:, None], axis=0)
        return np.asarray(covariance), float(np.median(self.power / self.pixels))

    def explained(self, beside: _SquareSums | None = None) -> NDArray[np.float64]:
        """Share of the power that the templates explain in each square.

        Args:
            beside: Squares of flat tissue. If given, what is alike there is alike here too, and more so where noise is
                stronger, but no more than twice: there it may be anatomy that makes the map strong.
        """
        right = self.covariance
        if beside is not None:
            alike, power = beside.usual()
            stronger = np.minimum(self.power / self.pixels / power, _MOST_STRONGER)
            right = right - (self.pixels * stronger)[:, None] * alike
        unit = np.eye(self.templates.shape[1])
        fitted = np.linalg.solve(self.templates * (1 + _RIDGE * unit) + _LEAST_POWER * unit, right[..., None])[..., 0]
        return np.asarray(np.clip((fitted * right).sum(axis=1) / self.power, 0.0, 1.0))


def _square_sums(wanted: NDArray[np.float32], templates: NDArray[np.float32], mask: NDArray[np.bool_]) -> _SquareSums:
    """Moments of the pixels under a mask, for squares that hold enough of them and any noise."""
    rows, columns = np.nonzero(mask)
    square = rows // SIDE_PIXELS * (mask.shape[1] // SIDE_PIXELS + 1) + columns // SIDE_PIXELS
    order = np.argsort(square, kind="stable")
    _, starts, counts = np.unique(square[order], return_index=True, return_counts=True)
    rows, columns = rows[order], columns[order]
    values = np.concatenate([templates[rows, columns], wanted[rows, columns, None]], axis=1).astype(np.float64)
    sums, products = (_sums_from(starts, one) for one in (values, values[:, :, None] * values[:, None, :]))
    products -= sums[:, :, None] * sums[:, None, :] / counts[:, None, None]
    counted = (counts >= FEWEST_PIXELS) & (products[:, -1, -1] > _LEAST_POWER)
    pixels, products = counts[counted].astype(np.float64), products[counted]
    return _SquareSums(pixels, products[:, :-1, -1], products[:, :-1, :-1], products[:, -1, -1])


def _sums_from(starts: NDArray[np.intp], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of the values from each start to the next; `reduceat` cannot do without any."""
    return np.asarray(np.add.reduceat(values, starts)) if starts.size else values

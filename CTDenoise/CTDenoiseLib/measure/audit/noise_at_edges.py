"""What edge ratio would pure noise have, with the edges and the flat tissue where they are in this patient?

Noise is stronger in the middle of a body than at its rim, and edges are not spread like flat tissue. So the level of
the residual in flat soft tissue is carried over to the edges nearby, as its mean square weighted by distance (Gaussian
of 16 pixels), and the edge ratio that follows is what noise of no relation to the anatomy would give. Of 21 real pairs
(quarter minus full dose, Mayo low-dose challenge) the edge ratio over this expectation was 0.84 to 1.04, the edge ratio
itself 0.81 to 1.18.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from .block_sums import block_sums, mean_with_error
from .edge_ratio import EdgeMasks

REACH_PIXELS = 16
TOLERANCE = 0.2
STANDARD_ERRORS = 3.0

_CELL_PIXELS = 8
_LEAST_WEIGHT = 1e-9


@dataclass(frozen=True)
class NoiseAtEdges:
    """The edge ratio of pure noise.

    Attributes:
        ratio: What is expected.
        error: Standard error of a measured ratio from chance.
    """

    ratio: float
    error: float

    @property
    def noise_range(self) -> tuple[float, float]:
        """Lowest and highest edge ratio that pure noise may have.

        Chance by three standard errors, and a fifth by which the expectation itself may be wrong.
        """
        margin = math.hypot(TOLERANCE * self.ratio, STANDARD_ERRORS * self.error)
        return self.ratio - margin, self.ratio + margin


class NoiseAtEdgesMeter:
    """Collects the expectation over the sections of a volume as they come."""

    def __init__(self) -> None:
        self._squares = np.zeros(2)
        self._counts = np.zeros(2)
        self._at_edges: list[NDArray[np.float64]] = []

    def add(self, masks: EdgeMasks, residual: NDArray[np.floating]) -> None:
        """Count one section.

        Args:
            masks: Of the input, from `edge_masks`.
            residual: Input − output in HU, shape (y, x).
        """
        power = np.square(residual, dtype=np.float64)
        edges, flat, taken = _cell_sums(masks.edge), _cell_sums(masks.flat), _cell_sums(masks.flat, power)
        weight = _spread(flat)
        # Edges farther from any flat tissue than the Gaussian reaches have no expectation.
        near = np.where(weight > _LEAST_WEIGHT, edges, 0.0)
        level = _spread(taken) / np.maximum(weight, _LEAST_WEIGHT)
        self._squares += (float((near * level).sum()), float(taken.sum()))
        self._counts += (float(near.sum()), float(flat.sum()))
        self._at_edges.append(block_sums(masks.edge, power))

    def result(self) -> NoiseAtEdges | None:
        """What pure noise would have; `None` when no section had a body, or nothing was taken away."""
        if not self._counts.all() or not self._squares.all():
            return None
        at_edges, in_flat = np.sqrt(self._squares / self._counts)
        ratio = float(at_edges / in_flat)
        mean, error = mean_with_error(*np.concatenate(self._at_edges).T)
        return NoiseAtEdges(ratio, ratio * error / (2 * mean) if mean else math.nan)


def _spread(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(scipy.ndimage.gaussian_filter(cells, REACH_PIXELS / _CELL_PIXELS, mode="constant", truncate=8))


def _cell_sums(mask: NDArray[np.bool_], values: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Sums over the pixels of a mask in cells of eight pixels, of values or of ones."""
    shape = tuple(-(-size // _CELL_PIXELS) for size in mask.shape)
    rows, columns = np.nonzero(mask)
    cell = rows // _CELL_PIXELS * shape[1] + columns // _CELL_PIXELS
    weights = None if values is None else values[rows, columns]
    return np.bincount(cell, weights, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)

"""Where does a residual hold anatomy? A map of one section in standard scores.

At each pixel the residual is held against the detail of the anatomy (see `edge_correlation`) a few pixels around: the
sum of residual × detail, weighted by a Gaussian, over the standard deviation that this sum has for noise of the level
and coarseness of the residual itself. So the score says by how many standard deviations the residual follows the edges
there (positive: detail was taken away) or runs against them (negative: they were sharpened). Pure noise is beyond ±3 at
3 places in 1000 and hardly anywhere beyond ±5. Detail no stronger than the noise left in the output counts for nothing;
where there is no other the score fades to zero, which says that nothing can be seen there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from .edge_correlation import detail, follows
from .edge_ratio import edge_masks

WINDOW_PIXELS = 4.0
LARGEST_SCORE = 10.0

_NOISE_REACH_PIXELS = 32.0
_FAR_AWAY = 1e-3
_DETAIL_OVER_NOISE = 3.0
_ELSEWHERE = ((37, 11), (-23, 41), (-47, -19), (13, -53))
_MEDIAN_SQUARE_OF_NORMAL = 0.4549


def residual_map(before: NDArray[np.floating], after: NDArray[np.floating]) -> NDArray[np.float32] | None:
    """Map where detail was taken away; takes about 150 ms for 512².

    Args:
        before: Input in HU, shape (y, x).
        after: Output in HU, same shape.

    Returns:
        Standard scores from −10 to 10, shape (y, x); `None` for a section without a body, without edges that stand out
        of the noise, or from which nothing was taken away in flat tissue.
    """
    masks = edge_masks(after)
    if masks is None:
        return None
    taken, anatomy = follows(np.asarray(before, dtype=np.float32) - after), detail(after)
    if not taken[masks.flat].any():
        return None
    taken /= _noise_level(taken, masks.flat)
    noise_left = anatomy[masks.flat]
    least = _DETAIL_OVER_NOISE * float(noise_left.std())
    standing_out = np.sign(anatomy) * np.maximum(np.abs(anatomy) - least, 0)
    # What noise left in the output adds to the product by itself, beyond the threshold (Stein's lemma).
    by_itself = float(np.mean(taken[masks.flat] * noise_left)) * (standing_out != 0)
    strength = _spread(np.square(standing_out), WINDOW_PIXELS / 2**0.5)
    known = strength > least**2
    if not known.any():
        return None
    spread = np.sqrt(strength + least**2)
    score = _spread(taken * standing_out - by_itself, WINDOW_PIXELS) / spread
    return np.asarray(np.clip(score / _chance(taken, standing_out, spread, known), -LARGEST_SCORE, LARGEST_SCORE))


def _spread(picture: NDArray[np.floating], pixels: float) -> NDArray[np.float32]:
    return np.asarray(gaussian_filter(picture, pixels, output=np.float32))


def _noise_level(taken: NDArray[np.float32], flat: NDArray[np.bool_]) -> NDArray[np.float32]:
    """RMS of the residual over the flat tissue around each pixel; far from any, that of all."""
    squares = np.square(taken)
    weight = _spread(flat.astype(np.float32), _NOISE_REACH_PIXELS) + _FAR_AWAY
    level = _spread(np.where(flat, squares, 0), _NOISE_REACH_PIXELS) + _FAR_AWAY * squares[flat].mean()
    return np.asarray(np.sqrt(level / weight))


def _chance(
    taken: NDArray[np.float32],
    anatomy: NDArray[np.float32],
    spread: NDArray[np.float32],
    known: NDArray[np.bool_],
) -> float:
    """Standard deviation of the unscaled score for noise as coarse as the residual: from the residual laid elsewhere.

    By the median of the squares, so that anatomy in the residual does not count, which rarely comes to lie on other.
    """
    scores = [_spread(np.roll(taken, shift, axis=(0, 1)) * anatomy, WINDOW_PIXELS) / spread for shift in _ELSEWHERE]
    squares = np.concatenate([np.square(score[known]) for score in scores])
    return float(np.sqrt(np.median(squares) / _MEDIAN_SQUARE_OF_NORMAL))

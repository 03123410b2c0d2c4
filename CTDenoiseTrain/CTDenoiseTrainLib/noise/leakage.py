"""Does anatomy hide in a noise map?

A network that is trained with such a map learns to take anatomy away. Two figures tell: how far the map follows the
edges of the anatomy (`edge_following`), and how much stronger it is at edges than noise would be there (`edge_ratio`
and `noise_at_edges` of the residual audit). The first finds a slight blur or shift long before it shows, the second
finds what is no longer like the edges at all, such as bones that moved on by several pixels.

What was measured, as correlation and ratio. True noise is the difference of quarter and full dose (Mayo low-dose
challenge), adjacent sections are those of an NLST chest with a sharp kernel, kernels those of a Philips head phantom:

==============================================================  =================  ===========
Noise map                                                       Correlation        Edge ratio
==============================================================  =================  ===========
Noise of filtered back-projection on a drawn thorax             0.00               0.98 – 1.01
Taken off by a perfect iterative method that keeps 20 – 80 %    0.00 – 0.16        0.98 – 1.01
True noise, three series                                        0.00 – 0.09        0.93 – 0.99
True noise, 21 single sections                                  0.00 – 0.20        0.84 – 1.04
True noise and a blur of 0.4, 0.5, 0.7 pixels                   0.15, 0.40, 0.60   0.96 – 1.22
True noise and a shift of 0.05, 0.1, 0.2 pixels                 0.25, 0.41, 0.59   0.96 – 1.08
Adjacent sections (3 apart), where their weight lets through    0.30               1.03
Adjacent sections (3 apart), everywhere                         0.63               5.7
Sharp minus smooth kernel                                       0.92               1.12
==============================================================  =================  ===========
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.measure.audit.edge_ratio import EdgeMasks, EdgeRatioMeter, edge_masks
from CTDenoiseLib.measure.audit.noise_at_edges import TOLERANCE, NoiseAtEdgesMeter
from CTDenoiseLib.measure.sampling import evenly_spread

from .by_section import THREADS
from .edge_following import EdgeFollowing, SectionFits, edge_following, fit_section
from .noise_map import NoiseMap

SOME_CORRELATION, MUCH_CORRELATION = 0.2, 0.5
MUCH_EDGE_RATIO = 1.5
STANDARD_ERRORS = 3.0

_LEAST_WEIGHT = 0.5
# By how much more noise an iterative method may keep at edges than in flat tissue, from where it is known.
_OTHER_NOISE_AT_EDGES = 0.3

LeakageLevel: TypeAlias = Literal["none", "some", "much"]


@dataclass(frozen=True)
class Leakage:
    """How much anatomy hides in a noise map.

    Attributes:
        correlation: Correlation of the map with the edges of the anatomy where it has any, 0 to 1: the root of the
            share of its power that follows them beyond chance. `None` where it cannot be judged.
        error: Its standard error from chance.
        edge_ratio: RMS of the map at edges over what noise of no relation to the anatomy would have there; `None` where
            it cannot be judged.
        level: "none", "some" (to be warned of) or "much" (to be refused). What cannot be judged is "some": nobody
            should take silence for a clean bill.
        sentence: What that means, for the user.
        noise_hu: RMS of the map in flat soft tissue in HU; `None` where there is none.
    """

    correlation: float | None
    error: float | None
    edge_ratio: float | None
    level: LeakageLevel
    sentence: str
    noise_hu: float | None


def anatomy_leakage(noise: NoiseMap, anatomy: NDArray[np.generic]) -> Leakage:
    """Judge a noise map, where its weight lets it through: by 24 sections, evenly spread, of about 0.2 s at 512².

    Args:
        noise: The map.
        anatomy: HU of the same sections in an image with as little of the map's noise as there is, any real type,
            shape (z, y, x): the iterative reconstruction, the mean of the repeats, the mean of the subtracted sections.
    """
    return leakage_by_section(noise, lambda index: np.asarray(anatomy[index], dtype=np.float32))


def leakage_by_section(noise: NoiseMap, anatomy: Callable[[int], NDArray[np.float32]]) -> Leakage:
    """The same, with a function that gives the anatomy of a section, shape (y, x), when it is looked at."""
    ratio, expected, fits = EdgeRatioMeter(), NoiseAtEdgesMeter(), []

    def look(index: int) -> tuple[int, EdgeMasks, SectionFits] | None:
        within, picture = noise.weight[index] > _LEAST_WEIGHT, anatomy(index)
        masks = edge_masks(picture, within=within)
        return None if masks is None else (index, masks, fit_section(noise.noise[index], picture, masks, within))

    with ThreadPoolExecutor(THREADS, thread_name_prefix="leakage") as threads:
        for seen in threads.map(look, evenly_spread(len(noise.noise))):
            if seen is not None:
                index, masks, fit = seen
                ratio.add(masks, noise.noise[index])
                expected.add(masks, noise.noise[index])
                fits.append(fit)
    return _judge(edge_following(fits), ratio, expected)


def _judge(following: EdgeFollowing | None, ratio: EdgeRatioMeter, expected: NoiseAtEdgesMeter) -> Leakage:
    measured, pure = ratio.result(), expected.result()
    noise_hu = None if measured is None else measured.flat_rms
    if following is None or measured is None or pure is None:
        sentence = (
            "Whether anatomy hides in the noise cannot be judged: there are too few edges of a body; look at the map."
        )
        return Leakage(None, None, None, "some", sentence, noise_hu)
    correlation = math.sqrt(max(0.0, following.share))
    # The root of a share near 0 is as uncertain as the root of its error.
    error = following.error / (2 * max(correlation, math.sqrt(following.error)))
    relative, chance = measured.ratio / pure.ratio, STANDARD_ERRORS * pure.error / pure.ratio
    from_noise = _OTHER_NOISE_AT_EDGES**2 * following.from_noise
    follows = following.share > max(SOME_CORRELATION**2, STANDARD_ERRORS * following.error, from_noise)
    stronger = relative > 1 + math.hypot(TOLERANCE, 0.0 if math.isnan(chance) else chance)
    figures = f"correlation with its edges {correlation:.2f} ± {error:.2f}, strength at edges {relative:.2f} of noise's"
    level: LeakageLevel
    if (follows and correlation >= MUCH_CORRELATION) or (stronger and relative >= MUCH_EDGE_RATIO):
        level = "much"
        sentence = f"Anatomy hides in the noise ({figures}): a network would learn to take it away."
    elif follows or stronger:
        level, sentence = "some", f"Some anatomy hides in the noise ({figures}); look at the map before training."
    else:
        level, sentence = "none", f"No anatomy was found in the noise ({figures})."
    return Leakage(correlation, error, relative, level, sentence, noise_hu)

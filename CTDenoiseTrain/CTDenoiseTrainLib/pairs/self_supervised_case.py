"""Pairs from a single noisy series: Noisier2Noise (Moran et al., CVPR 2020, doi 10.1109/CVPR42600.2020.01208).

A series y = x + n, of anatomy x and noise n, gets noise a · m added, where m is noise of the same kind drawn from
elsewhere. From z = y + a · m the network is to predict (a + 1/a) · m. That is not the noise in z, but has the same
expectation, and the expectation is what the squared error learns:

    For Gaussian n and m of the same covariance C, independent of each other and of x, the sum s = n + a · m has the
    covariance (1 + a²) C, and its covariance with m is a C. So E[m | s] = a / (1 + a²) · s for every C, and given z,

        E[(a + 1/a) · m | z] = (1 + a²) / a · E[E[m | s] | z] = E[s | z],

    the whole noise in z. The pairs are those of Recorrupted-to-Recorrupted (Pang et al., CVPR 2021), y + a · m with the
    target y − m / a.

C drops out: noise may be correlated along rows, columns and sections, and its level may change over the image, as long
as m has the texture and the level that n has there. What must hold, and how it is seen to:

- The noise of subtracted sections is nearly independent. `noise.section_correlation` measures by how much it is not,
  and `section_covariance` makes up for that and for what else subtraction does to the noise of a window.
- m is independent of n: it is moved by more than the reach of the noise's correlation.
- m has the level of n: it is scaled from the level where it comes from to that where it is added.
- m has the texture of n: it comes from nearby, unturned, and a map of subtracted sections has both signs alike.
- Noise is nearly Gaussian, as that of many photons is.

The network sees √(1 + a²) times the noise of the series and is used on less: noise of its own level is the limit of
small a, for which the pairs are worth little as they vary by 1/a. A range of 0.5 to 1.5 is 1.1 to 1.8 times the noise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..recipe.content import PatchOptions
from .noise_windows import NoiseWindows
from .pair_case import Pair, Place, WholeSection
from .source_case import CaseDescription, SourceCase, window_sections
from .turns import draw_turn
from .volume_cache import StoredVolume


class SelfSupervisedCase(SourceCase):
    """A series and its noise map."""

    def __init__(
        self, description: CaseDescription, *, series: StoredVolume, noise: NoiseWindows, options: PatchOptions
    ) -> None:
        """Put together what was read.

        Args:
            description: Of the case.
            series: All its sections.
            noise: Its noise map, moved by no less than `noise_windows.INDEPENDENT_PIXELS`.
            options: How patches are drawn.
        """
        super().__init__(description, series.shape)
        self._series = series
        self._noise = noise
        self._options = options

    def anatomy(self, section: int) -> NDArray[np.float32]:
        """The average of a section and its two neighbours, shape (y, x)."""
        sections = window_sections(section, context=1, sections=self.shape[0])
        return np.asarray(self._series.window(sections, slice(None), slice(None)).mean(axis=0), dtype=np.float32)

    def noise(self, section: int) -> NDArray[np.float32]:
        """The noise m of `whole_pair`, as strong as that of the series, shape (y, x)."""
        _, noise = self._whole_noise(section, context=0)
        return np.asarray(noise[0])

    def patch(self, place: Place, *, side: int, context: int, rng: np.random.Generator) -> Pair:
        """Series and noise, flipped and turned together."""
        rows, columns = slice(place.row, place.row + side), slice(place.column, place.column + side)
        sections = window_sections(place.section, context=context, sections=self.shape[0])
        series = self._series.window(sections, rows, columns)
        scale = float(rng.uniform(*self._options.noise_scale))
        noise = self._noise.draw(place, size=(side, side), context=context, rng=rng, level_of_place=True)
        noise *= np.float32(rng.choice((-1, 1)))
        return draw_turn(self._options, rng).of_pair(_pair(series, noise, scale))

    def whole_pair(self, section: int, *, context: int) -> Pair:
        """With a in the middle of its range."""
        return _pair(*self._whole_noise(section, context=context), scale=float(np.mean(self._options.noise_scale)))

    def whole(self, section: int, *, context: int) -> WholeSection:
        """The series as it is; nobody knows what it should become."""
        sections = window_sections(section, context=context, sections=self.shape[0])
        return WholeSection(self._series.window(sections, slice(None), slice(None)), target=None)

    def _whole_noise(self, section: int, *, context: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Series and noise of a window, always the same."""
        rng = np.random.default_rng(section)
        place, size = Place(section, 0, 0), self.shape[1:]
        noise = self._noise.draw(place, size=size, context=context, rng=rng, level_of_place=True)
        return self.whole(section, context=context).sections, noise


def _pair(series: NDArray[np.float32], noise: NDArray[np.float32], scale: float) -> Pair:
    expected = np.float32(scale + 1 / scale) * noise[len(noise) // 2]
    return Pair(series + np.float32(scale) * noise, expected)

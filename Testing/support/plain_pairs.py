"""The plainest case of pairs: a clean volume, and its noise, as they lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from CTDenoiseTrainLib.pairs.pair_case import Pair, Place, WholeSection
from support.ct_series import anatomy


@dataclass(frozen=True)
class PlainPairs:
    """A `PairCase` in which chance decides nothing but whether the patch is flipped.

    Attributes:
        clean: HU, shape (z, y, x).
        noise: HU, same shape.
        patient: Its label.
    """

    clean: NDArray[np.float32]
    noise: NDArray[np.float32]
    patient: str = "A"
    spacing: tuple[float, float, float] = (1.0, 0.5, 0.5)

    @property
    def name(self) -> str:
        return f"Images of patient {self.patient}"

    @property
    def shape(self) -> tuple[int, int, int]:
        sections, rows, columns = self.clean.shape
        return sections, rows, columns

    def anatomy(self, section: int) -> NDArray[np.float32]:
        return self.clean[section]

    def patch(self, place: Place, *, side: int, context: int, rng: np.random.Generator) -> Pair:
        sections = self._sections(place.section, context)
        rows, columns = slice(place.row, place.row + side), slice(place.column, place.column + side)
        clean, noise = (volume[sections, rows, columns] for volume in (self.clean, self.noise))
        step = 1 if rng.random() < 0.5 else -1
        return Pair(sections=(clean + noise)[..., ::step], noise=noise[context, :, ::step])

    def whole(self, section: int, *, context: int) -> WholeSection:
        sections = self._sections(section, context)
        return WholeSection(self.clean[sections] + self.noise[sections], self.clean[section])

    def _sections(self, centre: int, context: int) -> NDArray[np.intp]:
        return np.clip(np.arange(centre - context, centre + context + 1), 0, len(self.clean) - 1)


def body_case(shape: tuple[int, int, int] = (9, 48, 40), *, patient: str = "A", seed: int = 0) -> PlainPairs:
    """An ellipse of soft tissue with a ring of bone in air, with white noise of 20 HU."""
    noise = 20 * np.random.default_rng(seed).standard_normal(shape)
    return PlainPairs(anatomy(shape, noise_hu=0), noise.astype(np.float32), patient)

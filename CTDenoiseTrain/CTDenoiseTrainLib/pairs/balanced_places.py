"""Places for patches, drawn inside the body and balanced between soft tissue, bone or contrast medium, and edges.

A few hundred pixels of each tissue are remembered of each section, about 3 KB, rather than masks. A patch lies around
one of them, with the pixel in its central half.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from ..recipe.content import PatchOptions
from .body import body_tissues
from .pair_case import PairCase, Place
from .split import CasePart

PIXELS_REMEMBERED = 256
"""Of each tissue in each section."""


@dataclass(frozen=True)
class _SectionPixels:
    """Of one section.

    Attributes:
        body: Pixels of the body, of the section's own size.
        counts: Pixels of each tissue.
        chosen: Some pixels of each tissue, uint16, each of shape (n, 2): row and column in the section.
    """

    body: int
    counts: tuple[int, ...]
    chosen: tuple[NDArray[np.uint16], ...]


class _TissuePixels:
    """Pixels of one tissue in one case, of which every one in the case is as likely as any other."""

    def __init__(self, sections: Sequence[int], counts: Sequence[int], chosen: Sequence[NDArray[np.uint16]]) -> None:
        self._sections = sections
        self._up_to = np.cumsum(counts)
        self._first = np.cumsum([0, *(len(pixels) for pixels in chosen)])
        self._chosen = np.concatenate(chosen)

    def draw(self, rng: np.random.Generator) -> tuple[int, int, int]:
        """Section, row and column."""
        index = int(np.searchsorted(self._up_to, rng.integers(self._up_to[-1]), side="right"))
        row, column = self._chosen[rng.integers(self._first[index], self._first[index + 1])]
        return self._sections[index], int(row), int(column)


class _CasePlaces:
    """Places in one case."""

    def __init__(self, part: CasePart, pixels: Sequence[_SectionPixels | None], options: PatchOptions) -> None:
        found = [(section, own) for section, own in zip(part.sections, pixels, strict=True) if own is not None]
        if not found:
            raise DataError(
                f"{part.case.name} shows no body in any section to train with: nothing larger than a few pixels lies "
                "above −300 HU. See whether its values are HU, or leave it out."
            )
        self.body = sum(own.body for _, own in found)
        self._shape = part.case.shape[1:]
        self._side = options.side
        self._tissues: list[_TissuePixels] = []
        shares = []
        for tissue, share in enumerate((options.soft_tissue, options.bone, options.edges)):
            there = [(section, own.counts[tissue], own.chosen[tissue]) for section, own in found if own.counts[tissue]]
            if there:
                self._tissues.append(_TissuePixels(*zip(*there, strict=True)))
                shares.append(share)
        self._shares_up_to = np.cumsum(shares if sum(shares) > 0 else np.ones(len(shares)))

    def draw(self, rng: np.random.Generator) -> Place:
        """A place; tissues that the case does not show are made up by the others, in proportion to their shares."""
        drawn = rng.random() * self._shares_up_to[-1]
        tissue = self._tissues[int(np.searchsorted(self._shares_up_to, drawn, side="right"))]
        section, row, column = tissue.draw(rng)
        before = rng.integers(self._side // 4, self._side - self._side // 4, size=2)
        row, column = (
            int(min(max(0, pixel - ahead), side - self._side))
            for pixel, ahead, side in zip((row, column), before, self._shape, strict=True)
        )
        return Place(section, row, column)


class BalancedPlaces:
    """Draws places. Cases are drawn in proportion to the pixels of their bodies."""

    def __init__(
        self,
        parts: Sequence[CasePart],
        options: PatchOptions,
        *,
        seed: int,
        threads: int,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """Look through all sections.

        Args:
            parts: Cases and the sections that patches are centred on.
            options: Size of the patches, and shares of the tissues.
            seed: Of the choice of pixels that are remembered.
            threads: That look through the sections.
            check: Called after each section; may raise to end the search.

        Raises:
            DataError: There is no section, or a case is smaller than a patch or shows no body.
        """
        self._cases = []
        with ThreadPoolExecutor(threads, thread_name_prefix="places") as executor:
            try:
                for index, part in enumerate(parts):
                    _check_size(part.case, options.side)
                    pixels = []
                    for own in executor.map(_section_pixels, repeat(part.case), part.sections, repeat((seed, index))):
                        check()
                        pixels.append(own)
                    self._cases.append(_CasePlaces(part, pixels, options))
            except BaseException:
                executor.shutdown(cancel_futures=True)
                raise
        if not self._cases:
            raise DataError("There are no sections to train with.")
        self._body_up_to = np.cumsum([case.body for case in self._cases])

    def draw(self, rng: np.random.Generator) -> tuple[int, Place]:
        """Index of a part, and a place in it."""
        index = int(np.searchsorted(self._body_up_to, rng.integers(self._body_up_to[-1]), side="right"))
        return index, self.draw_in(index, rng)

    def draw_in(self, index: int, rng: np.random.Generator) -> Place:
        """A place in the part of this index."""
        return self._cases[index].draw(rng)


def _check_size(case: PairCase, side: int) -> None:
    rows, columns = case.shape[1:]
    if min(rows, columns) < side:
        raise DataError(
            f"The sections of {case.name} have {rows} × {columns} pixels, less than a patch of {side} × {side}; choose "
            "smaller patches, or leave the case out."
        )


def _section_pixels(case: PairCase, section: int, seed: tuple[int, int]) -> _SectionPixels | None:
    tissues = body_tissues(case.anatomy(section))
    if tissues is None:
        return None
    rng = np.random.default_rng([*seed, section])
    masks = (tissues.soft_tissue, tissues.bone, tissues.edges)
    return _SectionPixels(
        body=int(tissues.body.sum()) * tissues.factor**2,
        counts=tuple(int(mask.sum()) for mask in masks),
        chosen=tuple(_some_pixels(mask, tissues.factor, rng) for mask in masks),
    )


def _some_pixels(mask: NDArray[np.bool_], factor: int, rng: np.random.Generator) -> NDArray[np.uint16]:
    pixels = np.flatnonzero(mask)
    if len(pixels) > PIXELS_REMEMBERED:
        pixels = pixels[rng.integers(len(pixels), size=PIXELS_REMEMBERED)]
    places = np.stack(np.unravel_index(pixels, mask.shape), axis=-1)
    return (places * factor + factor // 2).astype(np.uint16)

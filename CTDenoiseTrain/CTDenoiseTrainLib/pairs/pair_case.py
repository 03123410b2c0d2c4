"""What every source of pairs gives: cases, from which patches and whole sections are taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Place:
    """Where a patch lies in a case.

    Attributes:
        section: Index along z of its centre section.
        row: Index of its first row.
        column: Index of its first column.
    """

    section: int
    row: int
    column: int


@dataclass(frozen=True)
class Pair:
    """A noisy patch and what a network shall find in it.

    Attributes:
        sections: Noisy input in HU, float32, shape (2 · context + 1, side, side).
        noise: What is to be subtracted from the centre section, in HU, float32, shape (side, side).
    """

    sections: NDArray[np.float32]
    noise: NDArray[np.float32]


@dataclass(frozen=True)
class WholeSection:
    """A whole section to validate on; always the same for the same case and section.

    Attributes:
        sections: Noisy input in HU, float32, shape (2 · context + 1, y, x); outer sections are repeated at the ends.
        target: What the centre section should become, shape (y, x); `None` where nobody knows.
    """

    sections: NDArray[np.float32]
    target: NDArray[np.float32] | None


class PairCase(Protocol):
    """Pairs from images of one patient or phantom. Thread-safe: all methods may be called from several threads."""

    @property
    def name(self) -> str:
        """For messages: the patient's label and a number, never a name."""

    @property
    def patient(self) -> str:
        """Label of the patient; the split never parts cases of one patient."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Sections, rows and columns."""

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distance of voxel centres along (z, y, x) in mm."""

    def anatomy(self, section: int) -> NDArray[np.float32]:
        """The least noisy image there is of a section in HU, shape (y, x): tells where body, bone and edges are."""

    def patch(self, place: Place, *, side: int, context: int, rng: np.random.Generator) -> Pair:
        """A patch with all that chance decides: noise, its shift and scale, flips and quarter turns."""

    def whole(self, section: int, *, context: int) -> WholeSection:
        """A whole section to validate on."""

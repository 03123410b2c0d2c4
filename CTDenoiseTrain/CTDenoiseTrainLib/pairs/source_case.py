"""What all cases of `open_pairs` are: pairs, and beside them where they lie, how they came about, and their noise."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.volume import Acquisition, Geometry

from .pair_case import Pair, Place, WholeSection


@dataclass(frozen=True, kw_only=True)
class CaseDescription:
    """What is known of a case.

    Attributes:
        name: The patient's label and a number.
        patient: Label of the patient.
        geometry: Where its sections lie.
        acquisition: How the noisy images came about.
        noise_hu: Lowest and highest SD of the noise in HU that patches hold in soft tissue; `None` if nobody knows.
    """

    name: str
    patient: str
    geometry: Geometry
    acquisition: Acquisition
    noise_hu: tuple[float, float] | None


class SourceCase(ABC):
    """A case made from series; a `PairCase`, thread-safe as every one."""

    def __init__(self, description: CaseDescription, shape: tuple[int, int, int]) -> None:
        self._description = description
        self._shape = shape

    @property
    def name(self) -> str:
        """For messages."""
        return self._description.name

    @property
    def patient(self) -> str:
        """Label of the patient."""
        return self._description.patient

    @property
    def shape(self) -> tuple[int, int, int]:
        """Sections, rows and columns."""
        return self._shape

    @property
    def geometry(self) -> Geometry:
        """Where the sections lie."""
        return self._description.geometry

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distance of voxel centres along (z, y, x) in mm."""
        return self.geometry.spacing

    @property
    def acquisition(self) -> Acquisition:
        """How the noisy images came about."""
        return self._description.acquisition

    @property
    def noise_hu(self) -> tuple[float, float] | None:
        """Lowest and highest SD of the noise in HU that patches hold in soft tissue; `None` if nobody knows."""
        return self._description.noise_hu

    @abstractmethod
    def anatomy(self, section: int) -> NDArray[np.float32]:
        """The least noisy image there is of a section in HU, shape (y, x)."""

    @abstractmethod
    def noise(self, section: int) -> NDArray[np.float32]:
        """For the eye: the noise that pairs of a section are made with in HU, shape (y, x)."""

    @abstractmethod
    def patch(self, place: Place, *, side: int, context: int, rng: np.random.Generator) -> Pair:
        """A patch with all that chance decides."""

    @abstractmethod
    def whole_pair(self, section: int, *, context: int) -> Pair:
        """A whole section as training sees it, always the same; nothing is flipped or turned.

        The mean squared error of the noise can be taken from it where `whole` knows no target.
        """

    def whole(self, section: int, *, context: int) -> WholeSection:
        """A whole section to validate on; here that of `whole_pair`, which knows the target."""
        pair = self.whole_pair(section, context=context)
        return WholeSection(pair.sections, pair.sections[context] - pair.noise)


def window_sections(section: int, *, context: int, sections: int) -> list[int]:
    """Indices of a section and its neighbours on both sides; outer sections are repeated at the ends."""
    return [min(max(0, index), sections - 1) for index in range(section - context, section + context + 1)]
